//! Whether a cached token may still be served.

use std::time::Duration;

use super::entry::CachedToken;
use crate::time::Moment;
use crate::time::UnixTime;

/// What a cached token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Serve it; it may be past its refresh time.
    Fresh {
        /// Past its refresh time.
        refresh_due: bool,
    },
    /// Too close to its expiry, or past it.
    Expired,
    /// Its times cannot be right, whoever sealed it: treat it as absent.
    Implausible,
}

/// Judges a cached token. `minimum_validity_seconds` can only lengthen the margin.
pub fn freshness(token: &CachedToken, minimum_validity_seconds: u64, now: Moment) -> Freshness {
    let jitter = now.monotonic;
    let now = now.wall;
    let lifetime = token.expires_on.seconds_since(token.issued_at);
    let is_from_the_future = token.issued_at > now.plus_seconds(CLOCK_SKEW_SECONDS);
    if is_from_the_future || lifetime == 0 || lifetime > MAX_LIFETIME_SECONDS {
        return Freshness::Implausible;
    }
    let margin = MARGIN_SECONDS.min(lifetime / 2).max(minimum_validity_seconds);
    if token.expires_on <= now.plus_seconds(margin) {
        return Freshness::Expired;
    }
    let refresh_due = token.refresh_on.is_some_and(|refresh_on| {
        jittered(refresh_on, refresh_on.seconds_since(token.issued_at), jitter) <= now
    });
    Freshness::Fresh { refresh_due }
}

/// The refresh time, up to 300 seconds earlier or later as in MSAL, but never by more than a tenth of the time until it.
///
/// A hit makes no random bytes, so chance comes from the monotonic clock's nanoseconds.
fn jittered(refresh_on: UnixTime, seconds_until: u64, chance: Duration) -> UnixTime {
    let spread = MAX_JITTER_SECONDS.min(seconds_until / 10);
    let chance = u64::from(chance.subsec_nanos()).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    let offset = chance.checked_rem(spread.saturating_mul(2).saturating_add(1)).unwrap_or(0);
    refresh_on.minus_seconds(spread).plus_seconds(offset)
}

/// MSAL's margin, and longer than a resource may take to look at the token. A token that lives for less than twice the
/// margin is served for the first half of its life.
const MARGIN_SECONDS: u64 = 300;

/// MSAL.NET's jitter.
const MAX_JITTER_SECONDS: u64 = 300;

/// How far the clocks of two machines may be apart.
const CLOCK_SKEW_SECONDS: u64 = 300;

/// A day, the longest that Entra issues, and the skew.
const MAX_LIFETIME_SECONDS: u64 = 86_400 + CLOCK_SKEW_SECONDS;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    const ISSUED: u64 = 1_700_000_000;

    fn at(issued: u64, expires: u64, now: u64) -> Freshness {
        by_chance(issued, expires, now, 0)
    }

    fn by_chance(issued: u64, expires: u64, now: u64, nanoseconds: u64) -> Freshness {
        let token = CachedToken {
            access_token: Secret::from("t".to_owned()),
            scopes: vec![],
            issued_at: UnixTime::from_seconds(issued),
            expires_on: UnixTime::from_seconds(expires),
            refresh_on: Some(UnixTime::from_seconds(issued).plus_seconds(2_000)),
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
    fn a_short_lived_token_is_served_for_half_its_life() {
        assert_eq!(at(ISSUED, ISSUED + 60, ISSUED + 29), FRESH);
        assert_eq!(at(ISSUED, ISSUED + 60, ISSUED + 30), Freshness::Expired);
    }

    #[test]
    fn refresh_is_due_around_the_refresh_time_and_not_for_all_at_once() {
        let due = |now: u64| {
            let is_due = |&nanoseconds: &u64| {
                by_chance(ISSUED, ISSUED + 4_000, ISSUED + now, nanoseconds * 1_013)
                    == Freshness::Fresh { refresh_due: true }
            };
            (0..1_000_u64).filter(is_due).count()
        };
        assert_eq!(due(1_799), 0);
        assert!((300..700).contains(&due(2_000)), "{}", due(2_000));
        assert_eq!(due(2_200), 1_000);
    }

    #[test]
    fn impossible_times_are_not_believed() {
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
    fn a_longer_minimum_is_honoured_and_a_shorter_one_is_not() {
        let token = CachedToken {
            access_token: Secret::from("t".to_owned()),
            scopes: vec![],
            issued_at: UnixTime::from_seconds(ISSUED),
            expires_on: UnixTime::from_seconds(ISSUED + 3_600),
            refresh_on: None,
        };
        let judge = |minimum, now| freshness(&token, minimum, moment(now, 0));
        assert_eq!(judge(1_000, ISSUED + 2_600), Freshness::Expired);
        assert_eq!(judge(1, ISSUED + 3_300), Freshness::Expired);
    }
}
