//! Which keys open a call's entries.

use msal_sealing::SealingKey;

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
        let derive = |secret: &Secret<Vec<u8>>| SealingKey::derive(secret.expose());
        if !application.cache_keys.is_empty() {
            return Self(application.cache_keys.iter().map(derive).collect());
        }
        Self(application.credential.to_sealing_material().iter().map(derive).collect())
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

/// The entry's bytes; the nonce must be random.
pub fn seal(
    key: &SealingKey,
    entry: &CachedToken,
    token: &TokenKey,
    store_key: &str,
    nonce: [u8; msal_sealing::NONCE_LENGTH],
) -> Option<Vec<u8>> {
    key.seal(entry.to_bytes()?.expose(), token.as_bytes(), store_key, nonce)
}

/// The entry, if the bytes can be opened and read.
pub fn open(
    key: &SealingKey,
    sealed: &[u8],
    token: &TokenKey,
    store_key: &str,
) -> Option<CachedToken> {
    CachedToken::from_bytes(&key.open(sealed, token.as_bytes(), store_key)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::UnixTime;

    #[test]
    fn an_entry_is_at_most_320_bytes_longer_than_its_token() {
        let key = SealingKey::derive(b"s");
        let token = TokenKey::from_text("a");
        for length in [1, 1_000, 1_384, 1_385, 2_500] {
            let entry = CachedToken {
                access_token: Secret::from("t".repeat(length)),
                scopes: vec!["https://graph.microsoft.com/.default".to_owned()],
                issued_at: UnixTime::from_seconds(1_700_000_000),
                expires_on: UnixTime::from_seconds(1_700_003_599),
                refresh_on: Some(UnixTime::from_seconds(1_700_001_799)),
            };
            let sealed = seal(&key, &entry, &token, "name", [7; 24]).unwrap();
            assert!(sealed.len() <= length + 320, "{length}: {}", sealed.len());
            assert_eq!(open(&key, &sealed, &token, "name").unwrap(), entry);
        }
    }
}
