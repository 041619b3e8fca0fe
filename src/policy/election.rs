//! Who of those that want the same token asks for it, and how long the others wait. All of it is a hint: whoever is told
//! wrong makes one token request more.

use std::time::Duration;

use crate::cache::layout;
use crate::time::UnixTime;

/// The window of time whose callers are counted together.
pub(crate) fn window(time: UnixTime) -> u64 {
    time.to_seconds() / WINDOW_SECONDS
}

/// How long the caller in this place leaves the token request to those before it.
///
/// The place is the delay, so nobody has to find out that a leader died; a forged one costs no more than the longest.
pub(crate) fn turn(place: u64) -> Duration {
    let before = u32::try_from(place.saturating_sub(1)).unwrap_or(u32::MAX);
    STEP.saturating_mul(before).min(LONGEST_TURN)
}

/// The pause before the store is read again, for the `n`th time; `jitter` is a random byte.
///
/// Close together when most token requests end, and never more than ten in a second.
pub(crate) fn pause(n: u32, jitter: u8) -> Duration {
    let mut pause = FIRST_PAUSE;
    for _ in 0..n.min(12) {
        pause = pause.saturating_mul(23) / 20;
    }
    pause.saturating_add(pause.saturating_mul(u32::from(jitter)) / 1_024)
}

/// Whether a waiting caller also reads whether the request has failed.
pub(crate) fn reads_notes_at(n: u32) -> bool {
    n % 7 == 6
}

/// Ends a wait on a host whose clock stands still: more pauses than fit into the longest wait.
pub(crate) const MOST_PAUSES: u32 = 4_000;

/// A note that somebody is asking for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) claimed_at: UnixTime,
    /// Which token: notes are per application and scopes, and there may be several for those.
    pub(crate) token: [u8; 8],
    /// Who.
    pub(crate) claimant: [u8; 8],
}

impl Claim {
    /// Whether a claim of that age holds. One from the future is of a clock that went back, and void like an old one.
    pub(crate) fn holds(&self, now: UnixTime, seconds: u64) -> bool {
        self.claimed_at <= now.plus_seconds(seconds) && now < self.claimed_at.plus_seconds(seconds)
    }

    pub(crate) fn to_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(24);
        layout::push_time(&mut bytes, self.claimed_at);
        bytes.extend_from_slice(&self.token);
        bytes.extend_from_slice(&self.claimant);
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (claimed_at, rest) = layout::split_time(bytes)?;
        let (token, claimant) = rest.split_first_chunk()?;
        Some(Self { claimed_at, token: *token, claimant: claimant.try_into().ok()? })
    }
}

/// What a refresh may take: somebody is waiting who has a token already.
pub(crate) const REFRESH_DEADLINE: Duration = Duration::from_secs(5);

/// Longer than a refresh takes, so also the pause after one that failed.
pub(crate) const REFRESH_CLAIM_SECONDS: u64 = 30;

/// For how long those without a token leave it to one who has taken over.
pub(crate) const CLAIM_SECONDS: u64 = 5;

const WINDOW_SECONDS: u64 = 10;
/// Few token requests take longer.
const STEP: Duration = Duration::from_millis(2_500);
const LONGEST_TURN: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);

    #[test]
    fn the_place_is_the_delay_up_to_five_seconds() {
        let milliseconds = |place| turn(place).as_millis();
        assert_eq!([0, 1, 2, 3, 4].map(milliseconds), [0, 0, 2_500, 5_000, 5_000]);
        assert_eq!(milliseconds(u64::MAX), 5_000);
    }

    #[test]
    fn a_window_is_ten_seconds() {
        assert_eq!(window(NOW), window(NOW.plus_seconds(9)));
        assert_ne!(window(NOW), window(NOW.plus_seconds(10)));
    }

    #[test]
    fn no_waiting_caller_reads_the_store_more_than_ten_times_in_a_second() {
        for start in 0..40 {
            let mut time = Duration::ZERO;
            let mut reads = 0;
            for n in start.. {
                time += pause(n, 0);
                if time > Duration::from_secs(1) {
                    break;
                }
                reads += if reads_notes_at(n) { 2 } else { 1 };
            }
            assert!(reads <= 10, "{reads} from the {start}th on");
        }
        assert!(pause(u32::MAX, 255) < Duration::from_millis(400));
    }

    #[test]
    fn a_claim_is_read_again_and_holds_for_its_time() {
        let claim = Claim { claimed_at: NOW, token: [1; 8], claimant: [2; 8] };
        let bytes = claim.to_bytes();
        assert_eq!(Claim::from_bytes(&bytes), Some(claim));
        assert_eq!(Claim::from_bytes(&bytes[..23]), None);
        assert_eq!(Claim::from_bytes(&[bytes, vec![0]].concat()), None);
        assert!(claim.holds(NOW, 5) && claim.holds(NOW.plus_seconds(4), 5));
        assert!(!claim.holds(NOW.plus_seconds(5), 5));
        assert!(claim.holds(NOW.minus_seconds(5), 5) && !claim.holds(NOW.minus_seconds(6), 5));
    }
}
