//! Key derivations of old key files, with one hash for each iteration.

use md5::Md5;
use sha1::Digest;
use sha1::Sha1;

use crate::secret::Secret;

/// A hash function of PBES1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OldHash {
    Md5,
    Sha1,
}

/// The key and initialization vector of PBES1, 8 bytes each: PBKDF1 (RFC 8018, sections 5.1 and 6.1).
pub(super) fn pbkdf1(hash: OldHash, passphrase: &[u8], salt: &[u8], iterations: u32) -> DerivedKey {
    match hash {
        OldHash::Md5 => pbkdf1_of::<Md5>(passphrase, salt, iterations),
        OldHash::Sha1 => pbkdf1_of::<Sha1>(passphrase, salt, iterations),
    }
}

/// A derived key and its initialization vector.
pub(super) struct DerivedKey {
    pub(super) key: Secret<Vec<u8>>,
    pub(super) iv: Vec<u8>,
}

fn pbkdf1_of<D: Digest>(passphrase: &[u8], salt: &[u8], iterations: u32) -> DerivedKey {
    let mut hash = D::new().chain_update(passphrase).chain_update(salt).finalize();
    for _ in 1..iterations {
        hash = D::digest(&hash);
    }
    let (key, iv) = hash.split_at(8);
    let iv = iv.iter().copied().take(8).collect();
    DerivedKey { key: Secret::from(key.to_vec()), iv }
}

/// OpenSSL's `EVP_BytesToKey` with MD5 and one iteration, for keys with `Proc-Type: 4,ENCRYPTED`.
pub(super) fn openssl(passphrase: &[u8], salt: &[u8], length: usize) -> Secret<Vec<u8>> {
    Secret::from(Vec::with_capacity(length.saturating_add(16))).map(|key: &mut Vec<u8>| {
        let mut hash = Vec::new();
        while key.len() < length {
            let next = Md5::new().chain_update(&hash).chain_update(passphrase).chain_update(salt);
            hash = next.finalize().to_vec();
            key.extend_from_slice(&hash);
        }
        key.truncate(length);
    })
}
