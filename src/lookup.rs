//! Looks up a token in the cache.

use msal_sealing::SealingKey;

use crate::cache::CachedToken;
use crate::cache::Freshness;
use crate::cache::freshness;
use crate::host::Host;
use crate::outcome::CacheRefreshReason;
use crate::rejections::Rejections;
use crate::session::Session;
use crate::time::Moment;

/// What the cache has for a call.
pub(crate) enum Lookup {
    /// A token that may be served.
    Fresh(CachedToken),
    /// A token that may be served, but is past its refresh time.
    RefreshDue(CachedToken),
    /// No token that may be served.
    Miss(CacheMiss),
}

/// A cache miss.
pub(crate) struct CacheMiss {
    pub(crate) reason: CacheRefreshReason,
    /// The newest cached token, which may not be served.
    pub(crate) token: Option<CachedToken>,
}

/// The first lookup of a call.
pub(crate) async fn look_up<H: Host>(session: &mut Session<'_, H>) -> Lookup {
    if let Some(reason) = session.reason_to_bypass() {
        return Lookup::Miss(CacheMiss { reason, token: None });
    }
    session.rejections =
        Rejections::load(session.host, session.call, session.store, session.key).await;
    read_token(session, session.started, true).await
}

/// Another lookup while this call waits, under the newest key only.
pub(crate) async fn look_up_again<H: Host>(session: &mut Session<'_, H>, now: Moment) -> Lookup {
    read_token(session, now, false).await
}

async fn read_token<H: Host>(
    session: &mut Session<'_, H>,
    now: Moment,
    reads_older: bool,
) -> Lookup {
    let mut miss = CacheMiss { reason: CacheRefreshReason::NoCachedAccessToken, token: None };
    let minimum = session.call.request.minimum_validity_seconds;
    let (store, rejections) = (session.store, &session.rejections);
    let judge = |token: CachedToken, _: &SealingKey| match freshness(&token, minimum, now) {
        Freshness::Fresh { .. } if rejections.contain(store, &token) => {
            miss.reason = CacheRefreshReason::ForceRefreshOrClaims;
            miss.token = Some(token);
            Some(None)
        }
        Freshness::Fresh { refresh_due: true } => Some(Some(Lookup::RefreshDue(token))),
        Freshness::Fresh { refresh_due: false } => Some(Some(Lookup::Fresh(token))),
        Freshness::Expired => {
            miss.reason = CacheRefreshReason::Expired;
            let is_newer = |known: &CachedToken| token.issued_at > known.issued_at;
            if miss.token.as_ref().is_none_or(is_newer) {
                miss.token = Some(token);
            }
            None
        }
        Freshness::Implausible => None,
    };
    let older_keys_from = reads_older.then_some(now);
    let found = store.find_token(session.host, session.key, older_keys_from, judge).await;
    judge_again(session, found.flatten().unwrap_or(Lookup::Miss(miss))).await
}

/// Judges a token again if the store has taken so long that the token may have expired meanwhile.
pub(crate) async fn judge_again<H: Host>(session: &mut Session<'_, H>, found: Lookup) -> Lookup {
    if !session.store.is_left_alone() {
        return found;
    }
    match found {
        Lookup::Fresh(token) | Lookup::RefreshDue(token) => {
            let now = session.host.now().await;
            match freshness(&token, session.call.request.minimum_validity_seconds, now) {
                Freshness::Fresh { refresh_due: true } => Lookup::RefreshDue(token),
                Freshness::Fresh { refresh_due: false } => Lookup::Fresh(token),
                Freshness::Expired | Freshness::Implausible => Lookup::Miss(CacheMiss {
                    reason: CacheRefreshReason::Expired,
                    token: Some(token),
                }),
            }
        }
        Lookup::Miss(miss) => Lookup::Miss(miss),
    }
}
