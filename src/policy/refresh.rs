//! Refreshing a token that is still valid: one caller does it, and its failure is nobody's.

use std::time::Duration;

use crate::cache::layout;
use crate::time::UnixTime;

/// Whether somebody else has said recently that it refreshes.
pub(crate) fn is_claimed(note: &[u8], now: UnixTime) -> bool {
    layout::split_time(note).is_some_and(|(claimed_at, _)| {
        // A claim from the future is of a clock that went back, and void.
        claimed_at <= now.plus_seconds(CLAIM_SECONDS)
            && now < claimed_at.plus_seconds(CLAIM_SECONDS)
    })
}

/// The note that this caller refreshes.
pub(crate) fn to_claim(now: UnixTime) -> Vec<u8> {
    let mut note = Vec::with_capacity(8);
    layout::push_time(&mut note, now);
    note
}

/// What a refresh may take.
pub(crate) const DEADLINE: Duration = Duration::from_secs(5);

/// Longer than a refresh takes, so also the pause after one that failed.
const CLAIM_SECONDS: u64 = 30;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);

    #[test]
    fn a_claim_holds_for_half_a_minute_and_not_from_the_future() {
        let claim = to_claim(NOW);
        assert!(is_claimed(&claim, NOW));
        assert!(is_claimed(&claim, NOW.plus_seconds(29)));
        assert!(!is_claimed(&claim, NOW.plus_seconds(30)));
        assert!(is_claimed(&claim, NOW.minus_seconds(30)));
        assert!(!is_claimed(&claim, NOW.minus_seconds(31)));
        assert!(!is_claimed(b"short", NOW));
    }
}
