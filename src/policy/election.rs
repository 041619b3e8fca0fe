//! Which of the callers that need the same token requests it, and how long the others wait.
//!
//! All of it is a hint: a wrong decision costs an extra token request.

use std::time::Duration;

use crate::cache::layout;
use crate::time::UnixTime;

/// The callers that share a ticket counter: they need a token in the same window of time, and after the same previous
/// election. Counting from the previous election keeps it from delaying the next one in the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Round {
    pub(crate) window: u64,
    /// When the previous election ended, in seconds: its token was issued or its failure stored. 0 if that was in an
    /// earlier window, or is unknown.
    pub(crate) last: u64,
}

impl Round {
    pub(crate) fn new(now: UnixTime, replaced: Option<UnixTime>, failed: Option<UnixTime>) -> Self {
        let window = |time: UnixTime| time.to_seconds() / WINDOW_SECONDS;
        let times = [replaced, failed].into_iter().flatten();
        let last = times.filter(|&time| window(time) == window(now)).max();
        Self { window: window(now), last: last.map_or(0, UnixTime::to_seconds) }
    }

    pub(crate) fn to_numbers(self) -> [u64; 2] {
        [self.window, self.last]
    }
}

/// How long the caller with this ticket waits for the callers before it.
///
/// The ticket determines the delay, so a leader's death needs no detection. A forged ticket costs at most the longest
/// delay.
pub(crate) fn turn(place: u64) -> Duration {
    let before = u32::try_from(place.saturating_sub(1)).unwrap_or(u32::MAX);
    STEP.saturating_mul(before).min(LONGEST_TURN)
}

/// The pause before the `n`th read of the store while waiting; `jitter` is a random byte.
///
/// The reads are dense when most token requests end and do not start before; there are at most ten per second.
pub(crate) fn pause(n: u32, jitter: u8) -> Duration {
    let mut pause = if n == 0 { FIRST_PAUSE } else { SHORTEST_PAUSE };
    for _ in 2..n.min(8) {
        pause = pause.saturating_mul(4) / 3;
    }
    pause.saturating_add(pause.saturating_mul(u32::from(jitter)) / 1_024)
}

/// Whether the follower's `n`th read includes the shared state, which shows whether the request has failed.
pub(crate) fn reads_notes_at(n: u32) -> bool {
    n % 7 == 6
}

/// Ends the wait on a host whose clock does not advance: more pauses than fit into the longest wait.
pub(crate) const MOST_PAUSES: u32 = 4_000;

/// A lease: a caller is requesting a token. Or its release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) claimed_at: UnixTime,
    /// The token: the record is shared by all tokens of an application and its scopes.
    pub(crate) token: [u8; 8],
    /// A random ID of the caller.
    pub(crate) claimant: [u8; 8],
    /// Whether the caller has released the lease without a token.
    pub(crate) is_given_up: bool,
}

impl Claim {
    /// Whether the lease is still held.
    pub(crate) fn holds(&self, now: UnixTime, seconds: u64) -> bool {
        !self.is_given_up && is_within(self.claimed_at, now, seconds)
    }

    pub(crate) fn to_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(25);
        layout::push_time(&mut bytes, self.claimed_at);
        bytes.extend_from_slice(&self.token);
        bytes.extend_from_slice(&self.claimant);
        bytes.push(self.is_given_up.into());
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (claimed_at, rest) = layout::split_time(bytes)?;
        let (token, rest) = rest.split_first_chunk()?;
        let (claimant, rest) = rest.split_first_chunk()?;
        let [is_given_up] = rest else { return None };
        Some(Self {
            claimed_at,
            token: *token,
            claimant: *claimant,
            is_given_up: *is_given_up != 0,
        })
    }
}

/// Whether a time is less than `seconds` ago. A time from the future, by a clock that was set back, counts for as long.
pub(crate) fn is_within(time: UnixTime, now: UnixTime, seconds: u64) -> bool {
    time <= now.plus_seconds(seconds) && now < time.plus_seconds(seconds)
}

/// The deadline of a refresh, which delays a caller that has a valid token.
pub(crate) const REFRESH_DEADLINE: Duration = Duration::from_secs(5);

/// How long other callers do not refresh. Longer than the deadline of a refresh, so it is also the pause after a failed
/// one.
pub(crate) const REFRESH_SECONDS: u64 = 30;

/// How long followers without a token wait for a caller that has taken over.
pub(crate) const CLAIM_SECONDS: u64 = 5;

const WINDOW_SECONDS: u64 = 10;
/// The delay per ticket. Few token requests take longer.
const STEP: Duration = Duration::from_millis(2_500);
const LONGEST_TURN: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(150);
const SHORTEST_PAUSE: Duration = Duration::from_millis(40);

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);

    #[test]
    fn the_delay_grows_with_the_ticket_up_to_five_seconds() {
        let milliseconds = |place| turn(place).as_millis();
        assert_eq!([0, 1, 2, 3, 4].map(milliseconds), [0, 0, 2_500, 5_000, 5_000]);
        assert_eq!(milliseconds(u64::MAX), 5_000);
    }

    #[test]
    fn a_round_depends_on_its_window_and_the_previous_election() {
        let round = |after, replaced| Round::new(NOW.plus_seconds(after), replaced, None);
        assert_eq!(round(0, None), round(9, None));
        assert_ne!(round(0, None), round(10, None));
        assert_eq!(round(0, None), round(9, Some(NOW.minus_seconds(1))));
        assert_ne!(round(0, None), round(9, Some(NOW)));
        assert_eq!(round(10, None), round(10, Some(NOW)));
        let after = |replaced, failed| Round::new(NOW.plus_seconds(9), Some(replaced), failed);
        assert_eq!(after(NOW, Some(NOW.minus_seconds(1))), after(NOW, None));
        assert_eq!(after(NOW.minus_seconds(1), Some(NOW)), after(NOW, None));
        assert_ne!(after(NOW, Some(NOW.plus_seconds(1))), after(NOW, None));
    }

    #[test]
    fn a_follower_reads_the_store_at_most_ten_times_per_second() {
        for start in 0..40 {
            let mut time = Duration::ZERO;
            let mut reads = start.min(1);
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
    fn a_lease_round_trips_and_expires() {
        let claim = Claim { claimed_at: NOW, token: [1; 8], claimant: [2; 8], is_given_up: false };
        let bytes = claim.to_bytes();
        assert_eq!(Claim::from_bytes(&bytes), Some(claim));
        assert_eq!(Claim::from_bytes(&bytes[..24]), None);
        assert_eq!(Claim::from_bytes(&[bytes, vec![0]].concat()), None);
        assert!(claim.holds(NOW, 5) && claim.holds(NOW.plus_seconds(4), 5));
        assert!(!claim.holds(NOW.plus_seconds(5), 5));
        assert!(claim.holds(NOW.minus_seconds(5), 5) && !claim.holds(NOW.minus_seconds(6), 5));
        let released = Claim { is_given_up: true, ..claim };
        assert_eq!(Claim::from_bytes(&released.to_bytes()), Some(released));
        assert!(!released.holds(NOW, 5));
    }
}
