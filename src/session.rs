//! What the steps of a call share.

use crate::cache::CachedToken;
use crate::cache::EntryKey;
use crate::call::Call;
use crate::credential::Fingerprint;
use crate::error::AcquireError;
use crate::error::Cause;
use crate::host::Host;
use crate::outcome::AuthenticationResult;
use crate::outcome::CacheRefreshReason;
use crate::outcome::Metadata;
use crate::recovery::failover;
use crate::rejections::Rejections;
use crate::remedy::remedy;
use crate::sealed_store::SealedStore;
use crate::time::Moment;

/// A call in progress: its host, its arguments, its view of the store, and the facts that it will report.
pub(crate) struct Session<'a, H> {
    pub(crate) host: &'a mut H,
    pub(crate) call: &'a Call,
    pub(crate) store: &'a SealedStore,
    /// The token's key.
    pub(crate) key: &'a EntryKey,
    pub(crate) started: Moment,
    pub(crate) rejections: Rejections,
    pub(crate) metadata: Metadata,
}

impl<H: Host> Session<'_, H> {
    /// Why this call must not read the cache; `None` if it may.
    pub(crate) fn reason_to_bypass(&self) -> Option<CacheRefreshReason> {
        if !self.store.is_usable() {
            return Some(CacheRefreshReason::CacheDisabled);
        }
        self.call.bypasses_cache().then_some(CacheRefreshReason::ForceRefreshOrClaims)
    }

    /// The order in which to try the credentials, which have these fingerprints.
    pub(crate) async fn credential_order(&mut self, credentials: &[Fingerprint]) -> Vec<usize> {
        let worked = match credentials.len() {
            0 | 1 => None,
            _ => self.store.read(self.host, &self.call.credential_key()).await,
        };
        failover::order(credentials, worked.as_deref())
    }

    /// Stores the credential that worked, for the next call's order.
    pub(crate) async fn remember_credential(&mut self, credential: Option<&Fingerprint>) {
        if let Some(credential) = credential {
            self.store.write(self.host, &self.call.credential_key(), credential).await;
        }
    }

    /// Ends the call with a cached token.
    pub(crate) fn serve(mut self, token: CachedToken) -> AuthenticationResult {
        self.metadata.warn(self.store.take_warnings());
        self.call.cached_result(token, self.metadata)
    }

    /// Ends the call with an error.
    pub(crate) fn fail(mut self, cause: Cause) -> AcquireError {
        self.metadata.warn(self.store.take_warnings());
        let remedy = remedy(&cause, self.call.authority.is_microsofts());
        AcquireError { remedy, cause, metadata: Some(self.metadata) }
    }
}
