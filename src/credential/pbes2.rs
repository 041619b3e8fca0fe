//! Passphrase encryption: PBES2 with PBKDF2-HMAC-SHA-256 and AES-256-CBC (RFC 8018), as OpenSSL 1.1 and later write it.
//!
//! Built from the `pbkdf2`, `aes` and `cbc` crates instead of `pkcs5`, whose scrypt, GCM and DES would be larger than
//! all the code that uses this file; see docs/dependencies.md.

use aes::Aes256;
use cbc::Decryptor;
use cbc::cipher::BlockModeDecrypt;
use cbc::cipher::KeyIvInit;
use cbc::cipher::array::Array;
use cbc::cipher::block_padding::Padding;
use cbc::cipher::block_padding::Pkcs7;
use der::AnyRef;
use der::asn1::ObjectIdentifier;
use pbkdf2::pbkdf2_hmac;
use sha2::Sha256;

use super::asn1;
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
    passphrase: &[u8],
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
    passphrase: &[u8],
    ciphertext: &[u8],
) -> Result<Secret<Vec<u8>>, DecryptError> {
    let parameters = Parameters::read(algorithm).ok_or(DecryptError::Unsupported)?;
    if parameters.iterations > MAX_ITERATIONS {
        return Err(DecryptError::TooExpensive);
    }
    // In place, so that no other copy of the plaintext is left in memory.
    let mut length = None;
    let plaintext = Secret::from(ciphertext.to_vec()).map(|data| {
        length = parameters.decrypt_in_place(passphrase, data);
        data.truncate(length.unwrap_or(0));
    });
    length.map(|_| plaintext).ok_or(DecryptError::Failed)
}

struct Parameters<'a> {
    salt: &'a [u8],
    iterations: u32,
    iv: &'a [u8],
}

impl<'a> Parameters<'a> {
    /// RFC 8018, appendix A.
    fn read(algorithm: &AnyRef<'a>) -> Option<Self> {
        let (PBES2, Some(pbes2)) = asn1::algorithm(algorithm)? else {
            return None;
        };
        let pbes2 = asn1::elements(&pbes2)?;
        let [key_derivation, cipher] = pbes2.as_slice() else {
            return None;
        };
        let (PBKDF2, Some(pbkdf2)) = asn1::algorithm(key_derivation)? else {
            return None;
        };
        let pbkdf2 = asn1::elements(&pbkdf2)?;
        // The key length before the PRF is optional, and follows from the cipher.
        let ([salt, iterations, prf] | [salt, iterations, _, prf]) = pbkdf2.as_slice() else {
            return None;
        };
        if asn1::algorithm(prf)?.0 != HMAC_WITH_SHA256 {
            return None;
        }
        let (AES_256_CBC, Some(iv)) = asn1::algorithm(cipher)? else {
            return None;
        };
        Some(Self {
            salt: asn1::octets(salt)?,
            iterations: asn1::integer(iterations)?,
            iv: asn1::octets(&iv)?,
        })
    }

    /// Decrypts in place and returns the length of the plaintext.
    fn decrypt_in_place(&self, passphrase: &[u8], data: &mut [u8]) -> Option<usize> {
        let key = Secret::from([0; 32]).map(|key| {
            pbkdf2_hmac::<Sha256>(passphrase, self.salt, self.iterations, key);
        });
        let mut decryptor = Decryptor::<Aes256>::new_from_slices(key.expose(), self.iv).ok()?;
        let (blocks, []) = Array::slice_as_chunks_mut(data) else {
            return None;
        };
        // Block by block: decrypting several at once would link more code.
        for block in blocks.iter_mut() {
            decryptor.decrypt_block(block);
        }
        Pkcs7::unpad_blocks(blocks).ok().map(<[u8]>::len)
    }
}

/// Ten times what the strictest tools use; a file with more is a denial of service.
pub(super) const MAX_ITERATIONS: u32 = 10_000_000;

const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");
const PBKDF2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.12");
const HMAC_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.9");
const AES_256_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.42");
