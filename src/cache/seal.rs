//! The encryption keys of a call.

use msal_sealing::SealingKey;

use super::entry::CachedToken;
use crate::application::Application;
use crate::credential::Credential;
use crate::secret::Secret;

/// The keys that decrypt entries; the first one also encrypts. Empty if the application has no long-lived secret.
#[derive(Debug)]
pub(crate) struct KeyRing {
    sealing: Option<SealingKey>,
    /// The secrets of the other keys, which are derived only when needed: a hit does not pay for them.
    older: Vec<Secret<Vec<u8>>>,
    /// Who owns the secrets, unless they are cache keys, which several applications may share.
    owner: Option<Vec<u8>>,
}

impl KeyRing {
    /// Uses the cache keys in the options, or else keys derived from the credentials.
    pub(crate) fn new(application: &Application) -> Self {
        if application.is_cache_disabled {
            return Self { sealing: None, older: Vec::new(), owner: None };
        }
        let (secrets, owner) = if application.cache_keys.is_empty() {
            let credentials = application.credentials.iter();
            let secrets = credentials.filter_map(Credential::to_sealing_material).collect();
            (secrets, Some(owner(application)))
        } else {
            (application.cache_keys.clone(), None)
        };
        let mut secrets = secrets.into_iter();
        let sealing = secrets.next().map(|secret| derive(owner.as_deref(), &secret));
        Self { sealing, older: secrets.collect(), owner }
    }

    /// The key that encrypts; `None` if caching is impossible or disabled.
    pub(crate) fn sealing(&self) -> Option<&SealingKey> {
        self.sealing.as_ref()
    }

    /// The key that encrypts, if it is not derived from a credential.
    pub(crate) fn cache_key(&self) -> Option<&SealingKey> {
        self.sealing().filter(|_| self.owner.is_none())
    }

    /// The keys that only decrypt, derived lazily.
    pub(crate) fn older(&self) -> impl Iterator<Item = SealingKey> {
        self.older.iter().map(|secret| derive(self.owner.as_deref(), secret))
    }
}

fn derive(owner: Option<&[u8]>, secret: &Secret<Vec<u8>>) -> SealingKey {
    SealingKey::derive(owner, secret.expose())
}

/// The client at its authority's server. Without the tenant: an application may ask for tokens of several.
fn owner(application: &Application) -> Vec<u8> {
    let mut owner = application.client_id.as_str().as_bytes().to_vec();
    owner.push(b'\n');
    owner.extend_from_slice(application.authority.to_cache_environment().as_bytes());
    owner
}

/// Decrypts and parses an entry.
pub(crate) fn open(key: &SealingKey, sealed: &[u8], store_key: &str) -> Option<CachedToken> {
    CachedToken::from_bytes(key.open(sealed, store_key).map(Secret::from)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::UnixTime;

    #[test]
    fn an_entry_is_at_most_320_bytes_longer_than_its_token() {
        let key = SealingKey::derive(None, b"s");
        for length in [1, 1_000, 1_384, 1_385, 2_500] {
            let entry = CachedToken {
                access_token: Secret::from("t".repeat(length)),
                scopes: vec!["https://graph.microsoft.com/.default".to_owned()],
                issued_at: UnixTime::from_seconds(1_700_000_000),
                expires_on: UnixTime::from_seconds(1_700_003_599),
                refresh_on: Some(UnixTime::from_seconds(1_700_001_799)),
                ended: None,
                acquired_with: None,
            };
            let bytes = entry.to_bytes().unwrap();
            let sealed = key.seal(bytes.expose(), "name", [7; 24]).unwrap();
            assert!(sealed.len() <= length + 320, "{length}: {}", sealed.len());
            assert_eq!(open(&key, &sealed, "name").unwrap(), entry);
        }
    }
}
