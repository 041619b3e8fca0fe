//! Passphrase encryption of keys and certificates: PBES2 with PBKDF2 (RFC 8018), and the schemes of PKCS#12 (RFC 7292,
//! appendix C) that OpenSSL 1, .NET, Windows and macOS write.
//!
//! Built from single ciphers instead of `pkcs5`, whose scrypt and GCM would be larger than all the code that uses this file;
//! see docs/dependencies.md.

use std::borrow::Cow;

use der::AnyRef;
use der::asn1::ObjectIdentifier;
use pkcs12::kdf::Pkcs12KeyType;

use super::asn1;
use super::cipher::Cipher;
use super::hash::Hash;
use super::hash::KeyDerivation;
use super::passphrase::Passphrase;
use crate::secret::Secret;

/// Why decryption failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DecryptError {
    /// Another encryption scheme.
    Unsupported,
    /// Too many iterations.
    TooExpensive,
    /// A wrong passphrase or damaged data, which cannot be distinguished.
    Failed,
}

/// Decrypts a PKCS#8 `EncryptedPrivateKeyInfo` (RFC 5958, section 3).
pub(super) fn decrypt_key(
    info: &AnyRef<'_>,
    passphrase: &Passphrase,
) -> Result<Secret<Vec<u8>>, DecryptError> {
    let info = asn1::elements(info).ok_or(DecryptError::Failed)?;
    let [algorithm, data] = info.as_slice() else {
        return Err(DecryptError::Failed);
    };
    decrypt(algorithm, passphrase, asn1::octets(data).ok_or(DecryptError::Failed)?)
}

/// Decrypts data with a passphrase as its `AlgorithmIdentifier` specifies.
pub(super) fn decrypt(
    algorithm: &AnyRef<'_>,
    passphrase: &Passphrase,
    ciphertext: &[u8],
) -> Result<Secret<Vec<u8>>, DecryptError> {
    let scheme = Scheme::read(algorithm).ok_or(DecryptError::Unsupported)?;
    if scheme.derivation.iterations > MAX_ITERATIONS {
        return Err(DecryptError::TooExpensive);
    }
    let key = scheme.key(passphrase).ok_or(DecryptError::Failed)?;
    let iv = scheme.iv(passphrase).ok_or(DecryptError::Failed)?;
    // In place, so that no other copy of the plaintext is left in memory.
    let mut length = None;
    let plaintext = Secret::from(ciphertext.to_vec()).map(|data| {
        length = scheme.cipher.decrypt_in_place(key.expose(), &iv, data);
        data.truncate(length.unwrap_or(0));
    });
    length.map(|_| plaintext).ok_or(DecryptError::Failed)
}

/// An encryption scheme with its parameters.
struct Scheme<'a> {
    cipher: Cipher,
    derivation: KeyDerivation<'a>,
    /// The initialization vector of PBES2; `None` for a scheme of PKCS#12, which derives it.
    iv: Option<&'a [u8]>,
}

impl<'a> Scheme<'a> {
    fn read(algorithm: &AnyRef<'a>) -> Option<Self> {
        let (oid, parameters) = asn1::algorithm(algorithm)?;
        let parameters = asn1::elements(&parameters?)?;
        let [first, second] = parameters.as_slice() else {
            return None;
        };
        let cipher = match oid {
            PBES2 => return Self::read_pbes2(first, second),
            SHA_AND_3_KEY_3DES => Cipher::TripleDes,
            SHA_AND_40_BIT_RC2 => Cipher::Rc2,
            _ => return None,
        };
        let (salt, iterations) = (asn1::octets(first)?, asn1::integer(second)?);
        let derivation = KeyDerivation { hash: Hash::Sha1, salt, iterations };
        Some(Self { cipher, derivation, iv: None })
    }

    /// RFC 8018, appendix A.4.
    fn read_pbes2(key_derivation: &AnyRef<'a>, cipher: &AnyRef<'a>) -> Option<Self> {
        let (PBKDF2, Some(pbkdf2)) = asn1::algorithm(key_derivation)? else {
            return None;
        };
        let pbkdf2 = asn1::elements(&pbkdf2)?;
        let [salt, iterations, options @ ..] = pbkdf2.as_slice() else {
            return None;
        };
        // The key length, which follows from the cipher, and the PRF are optional.
        let hash = match options {
            [.., prf] if asn1::integer(prf).is_none() => Hash::of_hmac(asn1::algorithm(prf)?.0)?,
            _ => Hash::Sha1,
        };
        let (salt, iterations) = (asn1::octets(salt)?, asn1::integer(iterations)?);
        let (oid, iv) = asn1::algorithm(cipher)?;
        Some(Self {
            cipher: Cipher::of_pbes2(oid)?,
            derivation: KeyDerivation { hash, salt, iterations },
            iv: Some(asn1::octets(&iv?)?),
        })
    }

    fn key(&self, passphrase: &Passphrase) -> Option<Secret<Vec<u8>>> {
        let length = self.cipher.key_length();
        match self.iv {
            Some(_) => Some(self.derivation.pbkdf2(passphrase.utf8.expose(), length)),
            None => {
                let passphrase = passphrase.utf16.expose();
                self.derivation.pkcs12(passphrase, Pkcs12KeyType::EncryptionKey, length)
            }
        }
    }

    fn iv(&self, passphrase: &Passphrase) -> Option<Cow<'a, [u8]>> {
        match self.iv {
            Some(iv) => Some(Cow::Borrowed(iv)),
            None => {
                let passphrase = passphrase.utf16.expose();
                let iv = self.derivation.pkcs12(passphrase, Pkcs12KeyType::Iv, BLOCK)?;
                Some(Cow::Owned(iv.into_inner()))
            }
        }
    }
}

/// The block of 3DES and RC2 in bytes.
const BLOCK: usize = 8;

/// Ten times what the strictest tools use; a file with more is a denial of service.
pub(super) const MAX_ITERATIONS: u32 = 10_000_000;

const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");
const PBKDF2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.12");
const SHA_AND_3_KEY_3DES: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.3");
const SHA_AND_40_BIT_RC2: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.6");
