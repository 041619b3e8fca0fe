//! Names and sealing of entries: HKDF-SHA256, HMAC-SHA256, XChaCha20-Poly1305.

use base32ct::Base32Unpadded;
use base32ct::Encoding;
use chacha20poly1305::Key;
use chacha20poly1305::KeyInit;
use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::XNonce;
use chacha20poly1305::aead::Aead;
use chacha20poly1305::aead::Payload;
use hkdf::Hkdf;
use hmac::Hmac;
use hmac::Mac;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::entry::CachedToken;
use super::token_key::TokenKey;
use crate::application::Application;
use crate::secret::Secret;

/// The keys that may open an entry; the first also seals. Empty: there is nothing secret and lasting to seal with.
#[derive(Debug)]
pub struct KeyRing(Vec<SealingKey>);

impl KeyRing {
    /// The keys given in the options, else one derived from the credential.
    pub fn new(application: &Application) -> Self {
        if !application.cache_keys.is_empty() {
            return Self(application.cache_keys.iter().map(SealingKey::derive).collect());
        }
        Self(application.credential.to_sealing_material().iter().map(SealingKey::derive).collect())
    }

    /// No keys: the cache is off.
    pub fn none() -> Self {
        Self(Vec::new())
    }

    /// Every key, the sealing one first.
    pub fn keys(&self) -> &[SealingKey] {
        &self.0
    }
}

/// What is derived from one secret.
#[derive(Debug)]
pub struct SealingKey {
    name: Secret<[u8; 32]>,
    seal: Secret<[u8; 32]>,
    check: [u8; CHECK_LENGTH],
}

impl SealingKey {
    fn derive(secret: &Secret<Vec<u8>>) -> Self {
        let root = Hkdf::<Sha256>::new(Some(SALT), secret.expose());
        let mut check = [0; CHECK_LENGTH];
        expand(&root, b"check", &mut check);
        let mut name = [0; 32];
        expand(&root, b"name", &mut name);
        let mut seal = [0; 32];
        expand(&root, b"seal", &mut seal);
        Self { name: Secret::from(name), seal: Secret::from(seal), check }
    }

    /// The key under which the token's entry is stored: `mt1-` and 52 characters of `[a-z2-7]`, which tell a reader
    /// nothing and are valid in every store.
    pub fn to_store_key(&self, token: &TokenKey) -> String {
        let Ok(mut hmac) = <Hmac<Sha256> as KeyInit>::new_from_slice(self.name.expose()) else {
            return String::new();
        };
        hmac.update(token.as_bytes());
        let digest = hmac.finalize().into_bytes();
        format!("{PREFIX}{}", Base32Unpadded::encode_string(&digest))
    }

    /// The entry's bytes: magic, version, key check, nonce, ciphertext with tag. The nonce must be random.
    pub fn seal(
        &self,
        entry: &CachedToken,
        token: &TokenKey,
        store_key: &str,
        nonce: [u8; NONCE_LENGTH],
    ) -> Option<Vec<u8>> {
        let plaintext = entry.to_bytes()?;
        let mut sealed = Vec::with_capacity(plaintext.expose().len().saturating_add(64));
        sealed.extend_from_slice(MAGIC);
        sealed.extend_from_slice(&self.check);
        let associated = associated_data(&sealed, store_key, token);
        let payload = Payload { msg: plaintext.expose(), aad: &associated };
        let ciphertext = self.cipher().encrypt(&XNonce::from(nonce), payload).ok()?;
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&ciphertext);
        Some(sealed)
    }

    /// The entry, if these bytes were sealed with this key, for this token, under this name.
    pub fn open(&self, sealed: &[u8], token: &TokenKey, store_key: &str) -> Option<CachedToken> {
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
        let associated = associated_data(header, store_key, token);
        let payload = Payload { msg: ciphertext, aad: &associated };
        let plaintext = self.cipher().decrypt(&XNonce::from(nonce), payload).ok()?;
        CachedToken::from_bytes(&Secret::from(plaintext))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(*self.seal.expose()))
    }
}

fn expand(root: &Hkdf<Sha256>, label: &[u8], output: &mut [u8]) {
    // Fails only for outputs longer than 255 hashes.
    let _ = root.expand(label, output);
}

fn associated_data(header: &[u8], store_key: &str, token: &TokenKey) -> Vec<u8> {
    [header, store_key.as_bytes(), token.as_bytes()].concat()
}

/// Bytes of randomness in an entry: enough for any number of uncoordinated writers.
pub const NONCE_LENGTH: usize = 24;

const SALT: &[u8] = b"msal-wasi/v1";
const PREFIX: &str = "mt1-";
/// Three letters and the format's version.
const MAGIC: &[u8] = b"mtk\x01";
const CHECK_LENGTH: usize = 8;
const HEADER_LENGTH: usize = 12;
/// The longest body that a token can come in, and some.
const MAX_SEALED: usize = 2 << 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::UnixTime;

    fn key(secret: &str) -> SealingKey {
        SealingKey::derive(&Secret::from(secret.as_bytes().to_vec()))
    }

    fn entry() -> CachedToken {
        CachedToken {
            access_token: Secret::from("token".repeat(300)),
            scopes: vec!["api://x/.default".to_owned()],
            issued_at: UnixTime::from_seconds(1_700_000_000),
            expires_on: UnixTime::from_seconds(1_700_003_599),
            refresh_on: None,
        }
    }

    fn token(text: &str) -> TokenKey {
        TokenKey::from_text(text)
    }

    #[test]
    fn what_was_sealed_opens_again() {
        let (key, token) = (key("s"), token("a"));
        let name = key.to_store_key(&token);
        let sealed = key.seal(&entry(), &token, &name, [7; 24]).unwrap();
        assert_eq!(key.open(&sealed, &token, &name).unwrap(), entry());
        assert!(sealed.len() <= 1_500 + 320, "{}", sealed.len());
    }

    #[test]
    fn another_secret_name_or_token_does_not_open_it() {
        let (mine, a, b) = (key("s"), token("a"), token("b"));
        let name = mine.to_store_key(&a);
        let sealed = mine.seal(&entry(), &a, &name, [7; 24]).unwrap();
        assert!(key("t").open(&sealed, &a, &name).is_none());
        assert!(mine.open(&sealed, &b, &name).is_none());
        assert!(mine.open(&sealed, &a, &mine.to_store_key(&b)).is_none());
    }

    #[test]
    fn every_truncation_and_every_flipped_bit_is_noticed() {
        let (key, token) = (key("s"), token("a"));
        let name = key.to_store_key(&token);
        let sealed = key.seal(&entry(), &token, &name, [7; 24]).unwrap();
        for length in 0..sealed.len() {
            assert!(key.open(&sealed[..length], &token, &name).is_none(), "{length}");
        }
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(key.open(&changed, &token, &name).is_none(), "{bit}");
        }
    }

    #[test]
    fn names_are_of_fixed_length_and_safe_in_every_store() {
        let name = key("s").to_store_key(&token("a"));
        assert_eq!(name.len(), 56);
        assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || b"1234567-".contains(&byte)));
        assert_ne!(name, key("t").to_store_key(&token("a")));
    }
}
