//! Looks up a token in the cache.

use crate::cache::CachedToken;
use crate::cache::EntryKey;
use crate::cache::Freshness;
use crate::cache::freshness;
use crate::call::Call;
use crate::host::Host;
use crate::outcome::CacheRefreshReason;
use crate::rejections::Rejections;
use crate::sealed_store::SealedStore;
use crate::time::Moment;
use crate::time::UnixTime;

/// A cache miss.
pub(crate) struct CacheMiss {
    pub(crate) reason: CacheRefreshReason,
    /// When the cached token that may not be served was issued.
    pub(crate) issued_at: Option<UnixTime>,
}

/// Returns a token that may be served, and whether its refresh is due.
pub(crate) async fn look_up<H: Host>(
    host: &mut H,
    call: &Call,
    store: &SealedStore,
    key: &EntryKey,
    now: Moment,
    rejections: &Rejections,
    reads_older: bool,
) -> Result<(CachedToken, bool), CacheMiss> {
    let mut miss = CacheMiss { reason: CacheRefreshReason::NoCachedAccessToken, issued_at: None };
    let minimum = call.request.minimum_validity_seconds;
    let judge = |token: CachedToken| match freshness(&token, minimum, now) {
        Freshness::Fresh { .. } if rejections.contain(store, &token) => {
            miss.reason = CacheRefreshReason::ForceRefreshOrClaims;
            miss.issued_at = Some(token.issued_at);
            Some(None)
        }
        Freshness::Fresh { refresh_due } => Some(Some((token, refresh_due))),
        Freshness::Expired => {
            miss.reason = CacheRefreshReason::Expired;
            miss.issued_at = miss.issued_at.max(Some(token.issued_at));
            None
        }
        Freshness::Implausible => None,
    };
    let found = store.find_token(host, key, now, reads_older, judge).await;
    found.flatten().ok_or(miss)
}
