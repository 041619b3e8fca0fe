//! Passphrase encryption of keys and certificates: PBES2 and PBES1 (RFC 8018), and the schemes of PKCS#12 (RFC 7292,
//! appendix C) that OpenSSL 1, .NET, Windows and macOS write.
//!
//! scrypt needs more memory than an instance has, so only native builds read it.
//!
//! Built from single ciphers instead of `pkcs5`, whose scrypt and GCM would be larger than all the code that uses this file;
//! see docs/dependencies.md.

use der::AnyRef;
use der::asn1::ObjectIdentifier;
use pkcs12::kdf::Pkcs12KeyType;

use super::asn1;
use super::budget::Budget;
use super::cipher::Cipher;
use super::hash::Hash;
use super::hash::KeyDerivation;
use super::legacy::DerivedKey;
use super::legacy::OldHash;
use super::legacy::pbkdf1;
use super::passphrase::Passphrase;
#[cfg(not(target_family = "wasm"))]
use super::scrypt::Scrypt;
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
    budget: &Budget,
) -> Result<Secret<Vec<u8>>, DecryptError> {
    let (algorithm, data) = read_encrypted(info).ok_or(DecryptError::Failed)?;
    decrypt(&algorithm, passphrase, data, budget)
}

/// Decrypts it with the first of these passphrases that fits.
pub(super) fn decrypt_key_with_any(
    info: &AnyRef<'_>,
    passphrases: &[Passphrase],
    budget: &Budget,
) -> Result<Secret<Vec<u8>>, DecryptError> {
    let (algorithm, data) = read_encrypted(info).ok_or(DecryptError::Failed)?;
    // For the other schemes the null and the empty passphrase are the same, and a second try would cost all iterations.
    let tries = if uses_utf16(&algorithm) { passphrases.len() } else { 1 };
    for passphrase in passphrases.iter().take(tries) {
        let key = decrypt(&algorithm, passphrase, data, budget);
        match key {
            // One wrong passphrase in 256 has valid padding.
            Ok(key) if !is_sequence(key.expose()) => {}
            Err(DecryptError::Failed) => {}
            _ => return key,
        }
    }
    Err(DecryptError::Failed)
}

/// Whether the bytes are an `EncryptedPrivateKeyInfo` in a scheme with a passphrase.
pub(super) fn is_encrypted_key(der: &[u8]) -> bool {
    let info = asn1::read(der);
    let encrypted = info.as_ref().and_then(read_encrypted);
    let scheme = encrypted.and_then(|(algorithm, _)| asn1::algorithm(&algorithm));
    scheme
        .is_some_and(|(oid, _)| PASSPHRASE_SCHEMES.iter().any(|it| oid.as_bytes().starts_with(it)))
}

/// The algorithm and the encrypted data.
fn read_encrypted<'a>(info: &AnyRef<'a>) -> Option<(AnyRef<'a>, &'a [u8])> {
    match asn1::elements(info)?.as_slice() {
        [algorithm, data] => Some((*algorithm, asn1::octets(data)?)),
        _ => None,
    }
}

fn uses_utf16(algorithm: &AnyRef<'_>) -> bool {
    Scheme::read(algorithm).is_some_and(|it| matches!(it.derivation, Derivation::Pkcs12(_)))
}

fn is_sequence(der: &[u8]) -> bool {
    asn1::read(der).as_ref().and_then(asn1::elements).is_some()
}

/// Decrypts data with a passphrase as its `AlgorithmIdentifier` specifies.
pub(super) fn decrypt(
    algorithm: &AnyRef<'_>,
    passphrase: &Passphrase,
    ciphertext: &[u8],
    budget: &Budget,
) -> Result<Secret<Vec<u8>>, DecryptError> {
    let scheme = Scheme::read(algorithm).ok_or(DecryptError::Unsupported)?;
    budget.take(scheme.iterations, scheme.derived_values()).ok_or(DecryptError::TooExpensive)?;
    let derived = scheme.derive(passphrase).ok_or(DecryptError::Failed)?;
    decrypt_with(scheme.cipher, &derived, ciphertext).ok_or(DecryptError::Failed)
}

/// Decrypts with a derived key; `None` if the padding is wrong.
pub(super) fn decrypt_with(
    cipher: Cipher,
    derived: &DerivedKey,
    ciphertext: &[u8],
) -> Option<Secret<Vec<u8>>> {
    // In place, so that no other copy of the plaintext is left in memory.
    let mut length = None;
    let plaintext = Secret::from(ciphertext.to_vec()).map(|data| {
        length = cipher.decrypt_in_place(derived.key.expose(), &derived.iv, data);
        data.truncate(length.unwrap_or(0));
    });
    length.map(|_| plaintext)
}

/// An encryption scheme with its parameters.
struct Scheme<'a> {
    cipher: Cipher,
    derivation: Derivation<'a>,
    iterations: u32,
}

/// How key and initialization vector are derived.
enum Derivation<'a> {
    /// PBES2, whose initialization vector is a parameter.
    Pbkdf2(KeyDerivation<'a>, &'a [u8]),
    #[cfg(not(target_family = "wasm"))]
    Scrypt(Scrypt<'a>, &'a [u8]),
    /// The schemes of PKCS#12.
    Pkcs12(KeyDerivation<'a>),
    /// PBES1.
    Pbkdf1(OldHash, &'a [u8]),
}

impl<'a> Scheme<'a> {
    fn read(algorithm: &AnyRef<'a>) -> Option<Self> {
        let (oid, parameters) = asn1::algorithm(algorithm)?;
        let parameters = asn1::elements(&parameters?)?;
        let [first, second] = parameters.as_slice() else {
            return None;
        };
        if oid == PBES2 {
            return Self::read_pbes2(first, second);
        }
        let (salt, iterations) = (asn1::octets(first)?, asn1::integer(second)?);
        if let Some(cipher) = Cipher::of_pkcs12(oid) {
            let derivation = KeyDerivation { hash: Hash::Sha1, salt, iterations };
            return Some(Self { cipher, derivation: Derivation::Pkcs12(derivation), iterations });
        }
        // RFC 8018, appendix A.3.
        let (hash, cipher) = match oid {
            MD5_AND_DES => (OldHash::Md5, Cipher::Des(8)),
            MD5_AND_RC2 => (OldHash::Md5, Cipher::Rc2(8)),
            SHA_1_AND_DES => (OldHash::Sha1, Cipher::Des(8)),
            SHA_1_AND_RC2 => (OldHash::Sha1, Cipher::Rc2(8)),
            _ => return None,
        };
        Some(Self { cipher, derivation: Derivation::Pbkdf1(hash, salt), iterations })
    }

    /// RFC 8018, appendix A.4.
    fn read_pbes2(key_derivation: &AnyRef<'a>, cipher: &AnyRef<'a>) -> Option<Self> {
        let (oid, iv) = asn1::algorithm(cipher)?;
        let (cipher, iv) = (Cipher::of_pbes2(oid)?, asn1::octets(&iv?)?);
        let (oid, parameters) = asn1::algorithm(key_derivation)?;
        #[cfg(not(target_family = "wasm"))]
        if oid == SCRYPT {
            let scrypt = Scrypt::read(&parameters?)?;
            // A block costs about as much as an iteration of the others.
            let iterations = scrypt.blocks;
            return Some(Self { cipher, derivation: Derivation::Scrypt(scrypt, iv), iterations });
        }
        let (PBKDF2, Some(pbkdf2)) = (oid, parameters) else {
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
        let derivation = Derivation::Pbkdf2(KeyDerivation { hash, salt, iterations }, iv);
        Some(Self { cipher, derivation, iterations })
    }

    /// How often the iterations are made: for each hash that key and initialization vector need.
    fn derived_values(&self) -> usize {
        let key = self.cipher.key_length();
        match &self.derivation {
            Derivation::Pbkdf2(derivation, _) => key.div_ceil(derivation.hash.length()),
            Derivation::Pkcs12(derivation) => {
                key.div_ceil(derivation.hash.length()).saturating_add(1)
            }
            Derivation::Pbkdf1(..) => 1,
            #[cfg(not(target_family = "wasm"))]
            Derivation::Scrypt(..) => 1,
        }
    }

    fn derive(&self, passphrase: &Passphrase) -> Option<DerivedKey> {
        let length = self.cipher.key_length();
        let utf8 = passphrase.utf8.expose();
        Some(match &self.derivation {
            Derivation::Pbkdf2(derivation, iv) => {
                DerivedKey { key: derivation.pbkdf2(utf8, length), iv: iv.to_vec() }
            }
            #[cfg(not(target_family = "wasm"))]
            Derivation::Scrypt(scrypt, iv) => {
                DerivedKey { key: scrypt.derive(utf8, length)?, iv: iv.to_vec() }
            }
            Derivation::Pkcs12(derivation) => {
                let part =
                    |purpose, length| derivation.pkcs12(passphrase.utf16.expose(), purpose, length);
                let iv = part(Pkcs12KeyType::Iv, self.cipher.iv_length())?;
                DerivedKey { key: part(Pkcs12KeyType::EncryptionKey, length)?, iv: iv.into_inner() }
            }
            Derivation::Pbkdf1(hash, salt) => pbkdf1(*hash, utf8, salt, self.iterations),
        })
    }
}

/// PKCS#5 (1.2.840.113549.1.5) and PKCS#12 (1.2.840.113549.1.12.1) in DER.
const PASSPHRASE_SCHEMES: [&[u8]; 2] =
    [b"\x2a\x86\x48\x86\xf7\x0d\x01\x05", b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01"];
const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");
const PBKDF2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.12");
#[cfg(not(target_family = "wasm"))]
const SCRYPT: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11591.4.11");
const MD5_AND_DES: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.3");
const MD5_AND_RC2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.6");
const SHA_1_AND_DES: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.10");
const SHA_1_AND_RC2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.11");
