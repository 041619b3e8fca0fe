//! Names and encrypts cache entries with HKDF-SHA256, HMAC-SHA256 and XChaCha20-Poly1305.
//!
//! A separate crate because a cache hit spends its time here: this crate is compiled for speed, the rest of the
//! component for size. It processes bytes; `msal-wasi` interprets them.
#![forbid(unsafe_code)]
#![deny(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use std::fmt;

use base32ct::Base32Unpadded;
use base32ct::Encoding;
use chacha20poly1305::Key;
use chacha20poly1305::KeyInit;
use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::XNonce;
use chacha20poly1305::aead::Aead;
use chacha20poly1305::aead::Payload;
use hkdf::Hkdf;
use hkdf::HkdfExtract;
use hmac::Hmac;
use hmac::Mac;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The keys derived from one secret: a key for names, a key for encryption, and a check value that identifies the
/// secret.
pub struct SealingKey {
    name: Zeroizing<[u8; KEY_LENGTH]>,
    seal: Zeroizing<[u8; KEY_LENGTH]>,
    check: [u8; CHECK_LENGTH],
}

impl SealingKey {
    /// Derives the keys one-way from a secret of any length.
    pub fn derive(secret: &[u8]) -> Self {
        Self::expand(&Hkdf::<Sha256>::new(Some(SALT), secret))
    }

    /// Derives the keys from a secret that may be weak. With the owner in the derivation, a guess is a guess about one
    /// owner's entries.
    pub fn derive_for(owner: &[u8], secret: &[u8]) -> Self {
        let mut extract = HkdfExtract::<Sha256>::new(Some(SALT));
        extract.input_ikm(&u64::try_from(owner.len()).unwrap_or(u64::MAX).to_be_bytes());
        extract.input_ikm(owner);
        extract.input_ikm(secret);
        Self::expand(&extract.finalize().1)
    }

    fn expand(root: &Hkdf<Sha256>) -> Self {
        let mut derived = Zeroizing::new([0; DERIVED_LENGTH]);
        // Fails only for outputs longer than 255 hashes.
        let _ = root.expand(KEYS, derived.as_mut());
        let mut key = Self {
            name: Zeroizing::new([0; KEY_LENGTH]),
            seal: Zeroizing::new([0; KEY_LENGTH]),
            check: [0; CHECK_LENGTH],
        };
        let parts = key.name.iter_mut().chain(key.seal.iter_mut()).chain(&mut key.check);
        for (target, byte) in parts.zip(derived.iter()) {
            *target = *byte;
        }
        key
    }

    /// The name of the entry for a tuple: `mt1-` and 52 characters of `[a-z2-7]`. It is valid in every store, and
    /// reveals nothing.
    pub fn name(&self, tuple: &[u8]) -> String {
        let mut name = PREFIX.to_owned();
        if let Some(digest) = self.mac(&[tuple]) {
            name.push_str(&Base32Unpadded::encode_string(&digest));
        }
        name
    }

    /// A short keyed hash. Without this key it neither confirms a guess of the bytes nor matches the hash that another
    /// key makes of them.
    pub fn fingerprint(&self, bytes: &[u8]) -> [u8; FINGERPRINT_LENGTH] {
        let digest = self.mac(&[FINGERPRINT, bytes]).unwrap_or_default();
        digest.first_chunk().copied().unwrap_or_default()
    }

    fn mac(&self, parts: &[&[u8]]) -> Option<[u8; KEY_LENGTH]> {
        let mut hmac = <Hmac<Sha256> as KeyInit>::new_from_slice(self.name.as_ref()).ok()?;
        for part in parts {
            hmac.update(part);
        }
        Some(hmac.finalize().into_bytes().into())
    }

    /// Encrypts to magic, version, key check, nonce, and ciphertext with tag. The nonce must be random.
    pub fn seal(
        &self,
        plaintext: &[u8],
        tuple: &[u8],
        name: &str,
        nonce: [u8; NONCE_LENGTH],
    ) -> Option<Vec<u8>> {
        let mut sealed = Vec::with_capacity(plaintext.len().saturating_add(64));
        sealed.extend_from_slice(MAGIC);
        sealed.extend_from_slice(&self.check);
        let associated = associated_data(&sealed, name, tuple);
        let payload = Payload { msg: plaintext, aad: &associated };
        let ciphertext = self.cipher().encrypt(&XNonce::from(nonce), payload).ok()?;
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&ciphertext);
        Some(sealed)
    }

    /// Decrypts bytes that were sealed with this key, for this tuple, under this name; `None` for others.
    pub fn open(&self, sealed: &[u8], tuple: &[u8], name: &str) -> Option<Zeroizing<Vec<u8>>> {
        if sealed.len() > MAX_SEALED {
            return None;
        }
        let (header, rest) = sealed.split_at_checked(HEADER_LENGTH)?;
        let (magic, check) = header.split_at_checked(MAGIC.len())?;
        if magic != MAGIC || !bool::from(check.ct_eq(&self.check)) {
            return None;
        }
        let (nonce, ciphertext) = rest.split_at_checked(NONCE_LENGTH)?;
        let nonce: [u8; NONCE_LENGTH] = nonce.try_into().ok()?;
        let associated = associated_data(header, name, tuple);
        let payload = Payload { msg: ciphertext, aad: &associated };
        self.cipher().decrypt(&XNonce::from(nonce), payload).ok().map(Zeroizing::new)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(*self.seal))
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SealingKey(..)")
    }
}

fn associated_data(header: &[u8], name: &str, tuple: &[u8]) -> Vec<u8> {
    [header, name.as_bytes(), tuple].concat()
}

/// The length of a nonce: long enough to be random with any number of uncoordinated writers.
pub const NONCE_LENGTH: usize = 24;

/// The length of a fingerprint.
pub const FINGERPRINT_LENGTH: usize = 8;

/// Separates fingerprints from names: a tuple begins with the length of its first text.
const FINGERPRINT: &[u8] = b"fingerprint\0";
const SALT: &[u8] = b"msal-wasi/v1";
const KEYS: &[u8] = b"name, seal, check";
const PREFIX: &str = "mt1-";
/// Three letters and the format version.
const MAGIC: &[u8] = b"mtk\x01";
const KEY_LENGTH: usize = 32;
const CHECK_LENGTH: usize = 8;
const DERIVED_LENGTH: usize = 2 * KEY_LENGTH + CHECK_LENGTH;
const HEADER_LENGTH: usize = 12;
/// Longer than any entry: a response body, which contains the token, is at most 1 MiB.
const MAX_SEALED: usize = 2 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    const PLAINTEXT: &[u8] = &[b'x'; 1_536];

    fn key(secret: &str) -> SealingKey {
        SealingKey::derive(secret.as_bytes())
    }

    #[test]
    fn sealed_bytes_can_be_opened() {
        let key = key("s");
        let name = key.name(b"a");
        let sealed = key.seal(PLAINTEXT, b"a", &name, [7; 24]).unwrap();
        assert_eq!(key.open(&sealed, b"a", &name).unwrap().as_slice(), PLAINTEXT);
        assert_eq!(sealed.len(), PLAINTEXT.len() + 52);
    }

    #[test]
    fn another_secret_name_or_tuple_opens_nothing() {
        let mine = key("s");
        let name = mine.name(b"a");
        let sealed = mine.seal(PLAINTEXT, b"a", &name, [7; 24]).unwrap();
        assert!(key("t").open(&sealed, b"a", &name).is_none());
        assert!(mine.open(&sealed, b"b", &name).is_none());
        assert!(mine.open(&sealed, b"a", &mine.name(b"b")).is_none());
    }

    #[test]
    fn every_truncation_and_flipped_bit_is_detected() {
        let key = key("s");
        let name = key.name(b"a");
        let sealed = key.seal(&PLAINTEXT[..256], b"a", &name, [7; 24]).unwrap();
        for length in 0..sealed.len() {
            assert!(key.open(&sealed[..length], b"a", &name).is_none(), "{length}");
        }
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(key.open(&changed, b"a", &name).is_none(), "{bit}");
        }
    }

    #[test]
    fn owner_and_secret_are_separate() {
        let name = |owner: &[u8], secret: &[u8]| SealingKey::derive_for(owner, secret).name(b"a");
        let names = [
            name(b"ab", b"c"),
            name(b"a", b"bc"),
            name(b"", b"abc"),
            name(b"abc", b""),
            SealingKey::derive(b"abc").name(b"a"),
        ];
        for (index, name) in names.iter().enumerate() {
            assert!(!names[..index].contains(name), "{index}");
        }
    }

    #[test]
    fn a_fingerprint_depends_on_the_key() {
        let fingerprint = key("s").fingerprint(b"a");
        assert_eq!(fingerprint, key("s").fingerprint(b"a"));
        assert_ne!(fingerprint, key("s").fingerprint(b"b"));
        assert_ne!(fingerprint, key("t").fingerprint(b"a"));
        assert_ne!(fingerprint, [0; 8]);
    }

    #[test]
    fn names_have_a_fixed_length_and_are_valid_in_every_store() {
        let name = key("s").name(b"a");
        assert_eq!(name.len(), 56);
        assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || b"1234567-".contains(&byte)));
        assert_ne!(name, key("t").name(b"a"));
        assert!(!format!("{:?}", key("s")).contains('['));
    }
}
