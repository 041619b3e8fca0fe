//! Decides whether a cached token may still be served.

use std::time::Duration;

use super::entry::CachedToken;
use crate::time::Moment;
use crate::time::UnixTime;

/// The state of a cached token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// The token may be served.
    Fresh {
        /// Whether the token is past its refresh time.
        refresh_due: bool,
    },
    /// The token has expired, or will soon.
    Expired,
    /// The entry's times cannot be right. It counts as absent, even though it was decrypted.
    Implausible,
}

/// Determines a cached token's state. `minimum_validity_seconds` can only lengthen the margin.
pub(crate) fn freshness(
    token: &CachedToken,
    minimum_validity_seconds: u64,
    now: Moment,
) -> Freshness {
    let chance = now.monotonic;
    let now = now.wall;
    let lifetime = token.expires_on.seconds_since(token.issued_at);
    let margin = MARGIN_SECONDS.min(lifetime / 2);
    // By the clock of the instance that fetched it, the token expires earlier by as much as that clock is ahead of this
    // one. The margin covers that, and no more.
    let is_from_the_future = token.issued_at > now.plus_seconds(margin);
    if is_from_the_future || lifetime == 0 || lifetime > MAX_LIFETIME_SECONDS {
        return Freshness::Implausible;
    }
    if token.expires_on <= now.plus_seconds(margin.max(minimum_validity_seconds)) {
        return Freshness::Expired;
    }
    let refresh_due = token.refresh_on.is_some_and(|refresh_on| {
        jittered(refresh_on, refresh_on.seconds_since(token.issued_at), chance) <= now
    });
    Freshness::Fresh { refresh_due }
}

/// The refresh time, jittered as in MSAL by up to 300 seconds either way, but by at most a tenth of the time until it.
///
/// A hit draws no random bytes, so the jitter comes from the nanoseconds of the monotonic clock.
fn jittered(refresh_on: UnixTime, seconds_until: u64, chance: Duration) -> UnixTime {
    let spread = MAX_JITTER_SECONDS.min(seconds_until / 10);
    let chance = u64::from(chance.subsec_nanos()).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    let offset = chance.checked_rem(spread.saturating_mul(2).saturating_add(1)).unwrap_or(0);
    refresh_on.minus_seconds(spread).plus_seconds(offset)
}

/// MSAL's margin: a resource receives the token some time after it was served. A token with a lifetime of less than
/// twice the margin is served for the first half of its lifetime.
const MARGIN_SECONDS: u64 = 300;

/// MSAL.NET's jitter.
const MAX_JITTER_SECONDS: u64 = 300;

/// 24 hours, the longest lifetime of an Entra token, and five minutes for clocks that differ.
const MAX_LIFETIME_SECONDS: u64 = 86_400 + 300;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    const ISSUED: u64 = 1_700_000_000;

    fn at(issued: u64, expires: u64, now: u64) -> Freshness {
        with_chance(issued, expires, now, 0)
    }

    fn with_chance(issued: u64, expires: u64, now: u64, nanoseconds: u64) -> Freshness {
        let token = CachedToken {
            access_token: Secret::from("t".to_owned()),
            scopes: vec![],
            issued_at: UnixTime::from_seconds(issued),
            expires_on: UnixTime::from_seconds(expires),
            refresh_on: Some(UnixTime::from_seconds(issued).plus_seconds(2_000)),
            ended: None,
            acquired_with: None,
        };
        freshness(&token, 0, moment(now, nanoseconds))
    }

    fn moment(seconds: u64, nanoseconds: u64) -> Moment {
        Moment {
            wall: UnixTime::from_seconds(seconds),
            monotonic: Duration::from_nanos(nanoseconds),
        }
    }

    const FRESH: Freshness = Freshness::Fresh { refresh_due: false };

    #[test]
    fn the_margin_is_exact() {
        let expires = ISSUED + 1_000;
        assert_eq!(at(ISSUED, expires, expires - 301), FRESH);
        assert_eq!(at(ISSUED, expires, expires - 300), Freshness::Expired);
        assert_eq!(at(ISSUED, expires, expires + 1), Freshness::Expired);
    }

    #[test]
    fn a_short_lived_token_is_served_for_half_its_lifetime() {
        assert_eq!(at(ISSUED, ISSUED + 60, ISSUED + 29), FRESH);
        assert_eq!(at(ISSUED, ISSUED + 60, ISSUED + 30), Freshness::Expired);
    }

    #[test]
    fn the_refresh_time_is_jittered() {
        let due = |now: u64| {
            let is_due = |&nanoseconds: &u64| {
                with_chance(ISSUED, ISSUED + 4_000, ISSUED + now, nanoseconds * 1_013)
                    == Freshness::Fresh { refresh_due: true }
            };
            (0..1_000_u64).filter(is_due).count()
        };
        assert_eq!(due(1_799), 0);
        assert!((300..700).contains(&due(2_000)), "{}", due(2_000));
        assert_eq!(due(2_200), 1_000);
    }

    #[test]
    fn entries_with_impossible_times_are_implausible() {
        for (issued, expires) in [
            (ISSUED, 253_402_300_799),
            (ISSUED, 0),
            (ISSUED, u64::MAX),
            (ISSUED, ISSUED),
            (ISSUED + 301, ISSUED + 3_600),
            (0, ISSUED + 3_600),
            (u64::MAX, u64::MAX),
        ] {
            assert_eq!(at(issued, expires, ISSUED), Freshness::Implausible, "{issued} {expires}");
        }
    }

    #[test]
    fn an_entry_from_ahead_is_accepted_up_to_the_tokens_own_margin() {
        for (lifetime, margin) in [(60, 30), (3_600, 300)] {
            let accepts = |ahead| {
                let issued = ISSUED + ahead;
                at(issued, issued + lifetime, ISSUED) == Freshness::Fresh { refresh_due: false }
            };
            assert!(accepts(margin) && !accepts(margin + 1), "{lifetime}");
        }
    }

    #[test]
    fn a_minimum_validity_only_lengthens_the_margin() {
        let token = CachedToken {
            access_token: Secret::from("t".to_owned()),
            scopes: vec![],
            issued_at: UnixTime::from_seconds(ISSUED),
            expires_on: UnixTime::from_seconds(ISSUED + 3_600),
            refresh_on: None,
            ended: None,
            acquired_with: None,
        };
        let judge = |minimum, now| freshness(&token, minimum, moment(now, 0));
        assert_eq!(judge(1_000, ISSUED + 2_600), Freshness::Expired);
        assert_eq!(judge(1, ISSUED + 3_300), Freshness::Expired);
    }
}
