//! Who of those that want the same token asks for it, and how long the others wait. All of it is a hint: whoever is told
//! wrong makes one token request more.

use std::time::Duration;

use crate::cache::layout;
use crate::time::UnixTime;

/// Those who are counted together: they want a token in the same window of time, and after the same election, if there
/// was one in this very window. That is over, and must not hold up the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Round {
    pub(crate) window: u64,
    /// When the token was asked for that came of the last election, or its failure was noted, in seconds; 0 if that was in
    /// an earlier window, or is not known.
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

/// How long the caller in this place leaves the token request to those before it.
///
/// The place is the delay, so nobody has to find out that a leader died; a forged one costs no more than the longest.
pub(crate) fn turn(place: u64) -> Duration {
    let before = u32::try_from(place.saturating_sub(1)).unwrap_or(u32::MAX);
    STEP.saturating_mul(before).min(LONGEST_TURN)
}

/// The pause before the store is read again, for the `n`th time; `jitter` is a random byte.
///
/// Close together when most token requests end, none before that, and never more than ten in a second.
pub(crate) fn pause(n: u32, jitter: u8) -> Duration {
    let mut pause = if n == 0 { FIRST_PAUSE } else { SHORTEST_PAUSE };
    for _ in 2..n.min(8) {
        pause = pause.saturating_mul(4) / 3;
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
    /// Whether that one has stopped asking, and brings nothing.
    pub(crate) is_given_up: bool,
}

impl Claim {
    /// Whether its claimant is at it.
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

/// Whether a time is that close. One from the future is of a clock that went back, and counts no longer than an old one.
pub(crate) fn is_within(time: UnixTime, now: UnixTime, seconds: u64) -> bool {
    time <= now.plus_seconds(seconds) && now < time.plus_seconds(seconds)
}

/// What a refresh may take: somebody is waiting who has a token already.
pub(crate) const REFRESH_DEADLINE: Duration = Duration::from_secs(5);

/// For how long nobody else refreshes: longer than a refresh takes, so also the pause after one that failed.
pub(crate) const REFRESH_SECONDS: u64 = 30;

/// For how long those without a token leave it to one who has taken over.
pub(crate) const CLAIM_SECONDS: u64 = 5;

const WINDOW_SECONDS: u64 = 10;
/// Few token requests take longer.
const STEP: Duration = Duration::from_millis(2_500);
const LONGEST_TURN: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(150);
const SHORTEST_PAUSE: Duration = Duration::from_millis(40);

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
    fn a_round_is_of_ten_seconds_and_of_what_came_in_them() {
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
    fn no_waiting_caller_reads_the_store_more_than_ten_times_in_a_second() {
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
    fn a_claim_is_read_again_and_holds_for_its_time() {
        let claim = Claim { claimed_at: NOW, token: [1; 8], claimant: [2; 8], is_given_up: false };
        let bytes = claim.to_bytes();
        assert_eq!(Claim::from_bytes(&bytes), Some(claim));
        assert_eq!(Claim::from_bytes(&bytes[..24]), None);
        assert_eq!(Claim::from_bytes(&[bytes, vec![0]].concat()), None);
        assert!(claim.holds(NOW, 5) && claim.holds(NOW.plus_seconds(4), 5));
        assert!(!claim.holds(NOW.plus_seconds(5), 5));
        assert!(claim.holds(NOW.minus_seconds(5), 5) && !claim.holds(NOW.minus_seconds(6), 5));
        let word = Claim { is_given_up: true, ..claim };
        assert_eq!(Claim::from_bytes(&word.to_bytes()), Some(word));
        assert!(!word.holds(NOW, 5));
    }
}
