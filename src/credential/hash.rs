//! The hash functions of key files.

use der::asn1::ObjectIdentifier;
use hmac::EagerHash;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use pbkdf2::pbkdf2_hmac;
use pkcs12::kdf::Pkcs12KeyType;
use pkcs12::kdf::derive_key;
use sha1::Sha1;
use sha2::Sha256;
use sha2::Sha384;
use sha2::Sha512;

use crate::secret::Secret;

/// A hash function that key files use for their MAC or to derive keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// The hash function with this OID.
    pub(super) fn of_digest(oid: ObjectIdentifier) -> Option<Self> {
        Some(match oid {
            SHA_1 => Self::Sha1,
            SHA_256 => Self::Sha256,
            SHA_384 => Self::Sha384,
            SHA_512 => Self::Sha512,
            _ => return None,
        })
    }

    /// The hash function of the HMAC with this OID.
    pub(super) fn of_hmac(oid: ObjectIdentifier) -> Option<Self> {
        Some(match oid {
            HMAC_WITH_SHA_1 => Self::Sha1,
            HMAC_WITH_SHA_256 => Self::Sha256,
            HMAC_WITH_SHA_384 => Self::Sha384,
            HMAC_WITH_SHA_512 => Self::Sha512,
            _ => return None,
        })
    }

    /// The length of the hash in bytes.
    pub(super) fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// Whether this is the HMAC of the data. Compares in constant time.
    pub(super) fn verifies_hmac(self, key: &[u8], data: &[u8], hmac: &[u8]) -> bool {
        match self {
            Self::Sha1 => verifies::<Sha1>(key, data, hmac),
            Self::Sha256 => verifies::<Sha256>(key, data, hmac),
            Self::Sha384 => verifies::<Sha384>(key, data, hmac),
            Self::Sha512 => verifies::<Sha512>(key, data, hmac),
        }
    }
}

/// The parameters with which a key is derived from a passphrase.
pub(super) struct KeyDerivation<'a> {
    pub(super) hash: Hash,
    pub(super) salt: &'a [u8],
    pub(super) iterations: u32,
}

impl KeyDerivation<'_> {
    /// PBKDF2 with HMAC (RFC 8018, section 5.2).
    pub(super) fn pbkdf2(&self, passphrase: &[u8], length: usize) -> Secret<Vec<u8>> {
        let derive = match self.hash {
            Hash::Sha1 => pbkdf2_hmac::<Sha1>,
            Hash::Sha256 => pbkdf2_hmac::<Sha256>,
            Hash::Sha384 => pbkdf2_hmac::<Sha384>,
            Hash::Sha512 => pbkdf2_hmac::<Sha512>,
        };
        Secret::from(vec![0; length])
            .map(|key: &mut Vec<u8>| derive(passphrase, self.salt, self.iterations, key))
    }

    /// The key derivation of PKCS#12 (RFC 7292, appendix B), with a passphrase in UTF-16. `None` without salt or iterations.
    pub(super) fn pkcs12(
        &self,
        passphrase: &[u8],
        purpose: Pkcs12KeyType,
        length: usize,
    ) -> Option<Secret<Vec<u8>>> {
        let rounds = i32::try_from(self.iterations).ok().filter(|&rounds| rounds > 0)?;
        if self.salt.is_empty() {
            return None;
        }
        let derive = match self.hash {
            Hash::Sha1 => derive_key::<Sha1>,
            Hash::Sha256 => derive_key::<Sha256>,
            Hash::Sha384 => derive_key::<Sha384>,
            Hash::Sha512 => derive_key::<Sha512>,
        };
        Some(Secret::from(derive(passphrase, self.salt, purpose, rounds, length)))
    }
}

fn verifies<D: EagerHash>(key: &[u8], data: &[u8], hmac: &[u8]) -> bool
where
    Hmac<D>: KeyInit + Mac,
{
    <Hmac<D> as KeyInit>::new_from_slice(key).is_ok_and(|mut expected| {
        expected.update(data);
        expected.verify_slice(hmac).is_ok()
    })
}

const SHA_1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA_384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA_512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");
const HMAC_WITH_SHA_1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.7");
const HMAC_WITH_SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.9");
const HMAC_WITH_SHA_384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.10");
const HMAC_WITH_SHA_512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.11");
