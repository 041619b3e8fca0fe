//! Names and encrypts cache entries with BLAKE3 and XChaCha20-Poly1305.
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
use zeroize::Zeroizing;

/// The keys derived from one secret. BLAKE3, keyed with the root key, makes the key that encrypts, the names and the
/// fingerprints.
pub struct SealingKey {
    root: Zeroizing<[u8; KEY_LENGTH]>,
    seal: Zeroizing<[u8; KEY_LENGTH]>,
}

impl SealingKey {
    /// Derives the keys one-way from a secret of any length.
    ///
    /// With an owner, a guess of a weak secret is a guess about that owner's entries only.
    pub fn derive(owner: Option<&[u8]>, secret: &[u8]) -> Self {
        // The owner's length separates it from the secret. No owner is as long as the number for `None`.
        let length = owner.map_or(u16::MAX, |owner| u16::try_from(owner.len()).unwrap_or(u16::MAX));
        let input = [&length.to_be_bytes(), owner.unwrap_or_default(), secret].concat();
        let root = Zeroizing::new(blake3::derive_key(CONTEXT, &input));
        let seal = Zeroizing::new(output(&root, SEAL, &[]));
        Self { root, seal }
    }

    /// The name of the entry for a tuple: `mt3-` and 52 characters of `[a-z2-7]`. It is valid in every store, and
    /// reveals nothing.
    pub fn name(&self, tuple: &[u8]) -> String {
        let digest = output(&self.root, NAME, tuple);
        let mut name = String::with_capacity(PREFIX.len().saturating_add(52));
        name.push_str(PREFIX);
        name.push_str(&Base32Unpadded::encode_string(&digest));
        name
    }

    /// A short keyed hash. Without this key it neither confirms a guess of the bytes nor matches the hash that another
    /// key makes of them.
    pub fn fingerprint(&self, bytes: &[u8]) -> [u8; FINGERPRINT_LENGTH] {
        output(&self.root, FINGERPRINT, bytes).first_chunk().copied().unwrap_or_default()
    }

    /// Encrypts to magic, version, nonce, and ciphertext with tag. The nonce must be random.
    ///
    /// Bound to the name, and so to its tuple: no other tuple has this name under this key.
    pub fn seal(&self, plaintext: &[u8], name: &str, nonce: [u8; NONCE_LENGTH]) -> Option<Vec<u8>> {
        let payload = Payload { msg: plaintext, aad: &associated_data(name) };
        let ciphertext = self.cipher().encrypt(&XNonce::from(nonce), payload).ok()?;
        let mut sealed = Vec::with_capacity(plaintext.len().saturating_add(64));
        sealed.extend_from_slice(MAGIC);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&ciphertext);
        Some(sealed)
    }

    /// Decrypts bytes that were sealed with this key under this name; `None` for others.
    pub fn open(&self, sealed: &[u8], name: &str) -> Option<Vec<u8>> {
        if sealed.len() > MAX_SEALED {
            return None;
        }
        let (nonce, ciphertext) = sealed.strip_prefix(MAGIC)?.split_first_chunk()?;
        let payload = Payload { msg: ciphertext, aad: &associated_data(name) };
        self.cipher().decrypt(&XNonce::from(*nonce), payload).ok()
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

fn output(root: &[u8; KEY_LENGTH], label: &[u8], bytes: &[u8]) -> [u8; KEY_LENGTH] {
    blake3::keyed_hash(root, &[label, bytes].concat()).into()
}

fn associated_data(name: &str) -> Vec<u8> {
    [MAGIC, name.as_bytes()].concat()
}

/// The length of a nonce: long enough to be random with any number of uncoordinated writers.
pub const NONCE_LENGTH: usize = 24;

/// The length of a fingerprint.
pub const FINGERPRINT_LENGTH: usize = 8;

/// Another version of the format has other keys.
const CONTEXT: &str = "msal-wasi 2026-11-29 root of the cache, version 3";
/// What an output of the root key is for. The labels are equally long, so no input is one for two purposes.
const SEAL: &[u8] = b"seal";
const NAME: &[u8] = b"name";
const FINGERPRINT: &[u8] = b"mark";
const PREFIX: &str = "mt3-";
/// Three letters and the format version.
const MAGIC: &[u8] = b"mtk\x03";
const KEY_LENGTH: usize = 32;
/// Longer than any entry: a response body, which contains the token, is at most 1 MiB.
const MAX_SEALED: usize = 2 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    const PLAINTEXT: &[u8] = &[b'x'; 1_536];

    fn key(secret: &str) -> SealingKey {
        SealingKey::derive(None, secret.as_bytes())
    }

    #[test]
    fn sealed_bytes_can_be_opened() {
        let key = key("s");
        let name = key.name(b"a");
        let sealed = key.seal(PLAINTEXT, &name, [7; 24]).unwrap();
        assert_eq!(key.open(&sealed, &name).unwrap(), PLAINTEXT);
        assert_eq!(sealed.len(), PLAINTEXT.len() + 44);
    }

    #[test]
    fn another_secret_or_name_opens_nothing() {
        let mine = key("s");
        let name = mine.name(b"a");
        let sealed = mine.seal(PLAINTEXT, &name, [7; 24]).unwrap();
        assert!(key("t").open(&sealed, &name).is_none());
        assert!(mine.open(&sealed, &mine.name(b"b")).is_none());
    }

    #[test]
    fn every_truncation_and_flipped_bit_is_detected() {
        let key = key("s");
        let name = key.name(b"a");
        let sealed = key.seal(&PLAINTEXT[..256], &name, [7; 24]).unwrap();
        for length in 0..sealed.len() {
            assert!(key.open(&sealed[..length], &name).is_none(), "{length}");
        }
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(key.open(&changed, &name).is_none(), "{bit}");
        }
    }

    #[test]
    fn owner_and_secret_are_separate() {
        let name =
            |owner: Option<&[u8]>, secret: &[u8]| SealingKey::derive(owner, secret).name(b"a");
        let names = [
            name(Some(b"ab"), b"c"),
            name(Some(b"a"), b"bc"),
            name(Some(b""), b"abc"),
            name(Some(b"abc"), b""),
            name(None, b"abc"),
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
