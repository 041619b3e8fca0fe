//! When the callers of an election act: delays, pauses, and how long a lease binds others.
//!
//! All of it is a hint: a wrong time costs an extra token request.

use std::time::Duration;

use crate::time::UnixTime;

/// The number of the window that a time falls into. Each window has separate elections, so that a counter that a dead
/// leader left behind delays no one for longer.
pub(crate) fn window(now: UnixTime) -> u64 {
    now.to_seconds() / WINDOW_SECONDS
}

/// How long the caller with this ticket waits for the callers before it.
///
/// The ticket determines the delay, so a leader's death needs no detection. A forged ticket costs at most the longest
/// delay.
pub(crate) fn takeover_delay(ticket: u64) -> Duration {
    let before = u32::try_from(ticket.saturating_sub(1)).unwrap_or(u32::MAX);
    STEP.saturating_mul(before).min(LONGEST_DELAY)
}

/// The pause before the `n`th read of the store while waiting; `jitter` is a random byte.
///
/// The reads are dense when most token requests end and do not start before; there are at most ten per second. The first
/// pause distributes callers that missed at once over the time to the second read, and they keep that distance.
pub(crate) fn pause(n: u32, jitter: u8) -> Duration {
    let spread =
        |pause: Duration| pause.saturating_add(pause.saturating_mul(jitter.into()) / 1_024);
    match usize::try_from(n).unwrap_or(usize::MAX).checked_sub(1) {
        None => spread(FIRST_PAUSE),
        Some(place) => match DENSE_PAUSES_MS.get(place) {
            Some(milliseconds) => Duration::from_millis(*milliseconds),
            None => spread(LONG_PAUSE),
        },
    }
}

/// Whether the follower's `n`th read includes the record, which shows whether the request has failed.
pub(crate) fn reads_record_at(n: u32) -> bool {
    n % 7 == 6
}

/// The same for a follower that expects the request to fail. Long pauses leave time for two reads each.
pub(crate) fn reads_record_often_at(n: u32) -> bool {
    n > LONG_PAUSES_FROM
}

/// Ends the wait on a host whose clock does not advance: more pauses than fit into the longest wait.
pub(crate) const MOST_PAUSES: u32 = 4_000;

/// Whether a time is less than `seconds` ago. A time from the future, by a clock that was set back, counts for as long.
pub(crate) fn is_within(time: UnixTime, now: UnixTime, seconds: u64) -> bool {
    time <= now.plus_seconds(seconds) && now < time.plus_seconds(seconds)
}

/// How long other callers do not refresh. Longer than the deadline of a refresh, so it is also the pause after a failed
/// one.
pub(crate) const REFRESH_SECONDS: u64 = 30;

/// How long a lease keeps callers without a token from requesting it themselves.
pub(crate) const LEASE_SECONDS: u64 = 5;

/// How long leaders that ended without a verdict count for the next caller. Longer than a request that cannot connect.
pub(crate) const RELEASE_SECONDS: u64 = 30;

/// At most one leader without a verdict counts in this time. Most token requests take less.
pub(crate) const SECONDS_PER_RELEASE: u64 = 2;

/// From this pause on they are all [`LONG_PAUSE`].
const LONG_PAUSES_FROM: u32 = 8;
const WINDOW_SECONDS: u64 = 10;
/// The delay per ticket. Few token requests take longer.
const STEP: Duration = Duration::from_millis(2_500);
const LONGEST_DELAY: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(150);
const DENSE_PAUSES_MS: [u64; 7] = [40, 40, 40, 40, 70, 110, 240];
const LONG_PAUSE: Duration = Duration::from_millis(240);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_grows_with_the_ticket_up_to_five_seconds() {
        let milliseconds = |ticket| takeover_delay(ticket).as_millis();
        assert_eq!([0, 1, 2, 3, 4].map(milliseconds), [0, 0, 2_500, 5_000, 5_000]);
        assert_eq!(milliseconds(u64::MAX), 5_000);
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
                reads += if reads_record_at(n) || reads_record_often_at(n) { 2 } else { 1 };
            }
            assert!(reads <= 10, "{reads} from the {start}th on");
        }
        assert!(pause(u32::MAX, 255) < Duration::from_millis(400));
    }
}
