//! The tokens of one key that callers have rejected (`refresh-if-sha256`).
//!
//! A call names one token only. A store that alternates two rejected tokens would otherwise serve each of them to the
//! caller that has just rejected the other.

use crate::cache::CachedToken;
use crate::cache::EntryKey;
use crate::call::Call;
use crate::credential::Fingerprint;
use crate::host::Host;
use crate::sealed_store::SealedStore;

/// The tokens that a call must not be served.
#[derive(Debug, Default)]
pub(crate) struct Rejections {
    own: Option<[u8; 32]>,
    /// Keyed hashes of the tokens that were rejected before, the newest last.
    earlier: Vec<Fingerprint>,
}

impl Rejections {
    /// Reads the rejected tokens and adds the one that this call rejects. Calls that reject none make no host call.
    pub(crate) async fn load<H: Host>(
        host: &mut H,
        call: &Call,
        store: &SealedStore,
        token: &EntryKey,
    ) -> Self {
        let Some(own) = call.request.rejected_token_sha256 else {
            return Self::default();
        };
        let key = EntryKey::of_rejections(token);
        let record = store.read(host, &key).await.unwrap_or_default();
        let (earlier, _) = record.as_chunks();
        let earlier = earlier.to_vec();
        let fingerprint = store.fingerprint(&own);
        if !earlier.contains(&fingerprint) {
            let kept = earlier.get(earlier.len().saturating_sub(MOST - 1)..).unwrap_or_default();
            let record = [kept, &[fingerprint]].concat();
            store.write(host, &key, record.as_flattened()).await;
        }
        Self { own: Some(own), earlier }
    }

    /// Whether a caller has rejected this token.
    pub(crate) fn contain(&self, store: &SealedStore, token: &CachedToken) -> bool {
        let Some(own) = &self.own else {
            return false;
        };
        token.is_hashed_to(own) || self.earlier.contains(&store.fingerprint(&token.to_sha256()))
    }
}

/// More than a store that lags has versions of one entry.
const MOST: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::application::Application;
    use crate::application::ApplicationParts;
    use crate::credential::CredentialParts;
    use crate::secret::Secret;
    use crate::time::UnixTime;

    fn token(text: &str) -> CachedToken {
        CachedToken {
            access_token: Secret::from(text.to_owned()),
            scopes: Vec::new(),
            issued_at: UnixTime::from_seconds(1),
            expires_on: UnixTime::from_seconds(2),
            refresh_on: None,
            ended: None,
            acquired_with: None,
        }
    }

    #[test]
    fn the_calls_token_and_earlier_ones_are_rejected_and_others_are_not() {
        let application = Application::from_parts(ApplicationParts {
            client_id: "client".to_owned(),
            authority: "contoso.com".to_owned(),
            credentials: vec![CredentialParts::Secret(Secret::from("secret".to_owned()))],
            ..ApplicationParts::default()
        });
        let store = SealedStore::new(&application.unwrap());
        let rejections = Rejections {
            own: Some(token("own").to_sha256()),
            earlier: vec![store.fingerprint(&token("earlier").to_sha256())],
        };
        assert!(rejections.contain(&store, &token("own")));
        assert!(rejections.contain(&store, &token("earlier")));
        assert!(!rejections.contain(&store, &token("new")));
        assert!(!Rejections::default().contain(&store, &token("own")));
    }
}
