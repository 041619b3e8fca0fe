//! The instances' clocks and their errors.

use std::time::Duration;

use msal_wasi::time::Moment;
use msal_wasi::time::UnixTime;

use crate::random::Random;

/// The errors of the instances' wall clocks. The authority's clock and all monotonic clocks are exact.
#[derive(Clone, Debug, Default)]
pub struct Clocks {
    skew: Duration,
    jumps: Vec<Jump>,
}

#[derive(Clone, Copy, Debug)]
struct Jump {
    instance: u32,
    at: Duration,
    seconds: i64,
}

impl Clocks {
    /// Clocks without errors.
    pub fn exact() -> Self {
        Self::default()
    }

    /// Each clock is off by a random amount of at most `skew` in either direction, so two clocks may differ by twice as much.
    #[must_use]
    pub fn skewed_within(mut self, skew: Duration) -> Self {
        self.skew = skew;
        self
    }

    /// At time `at`, the clock of one instance jumps by `seconds`.
    #[must_use]
    pub fn jumping(mut self, instance: u32, at: Duration, seconds: i64) -> Self {
        self.jumps.push(Jump { instance, at, seconds });
        self
    }

    /// Whether every clock is exact.
    pub(crate) fn are_exact(&self) -> bool {
        self.skew.is_zero() && self.jumps.is_empty()
    }

    /// Whether any clock jumps.
    pub(crate) fn has_jumps(&self) -> bool {
        !self.jumps.is_empty()
    }

    /// The most by which two clocks may differ.
    pub(crate) fn furthest_apart(&self) -> Duration {
        let jumps = self.jumps.iter().map(|jump| Duration::from_secs(jump.seconds.unsigned_abs()));
        self.skew * 2 + jumps.sum::<Duration>()
    }

    pub(crate) fn of_instance(&self, instance: u32, random: &mut Random) -> InstanceClock {
        let width = random.within(&(Duration::ZERO..=self.skew * 2));
        InstanceClock {
            skew: to_nanos(width) - to_nanos(self.skew),
            jumps: self.jumps.iter().filter(|jump| jump.instance == instance).copied().collect(),
            booted: random.within(&(Duration::ZERO..=Duration::from_secs(1_000_000))),
        }
    }
}

/// One instance's clocks.
#[derive(Debug)]
pub(crate) struct InstanceClock {
    skew: i64,
    jumps: Vec<Jump>,
    /// What the monotonic clock shows at the start of the run.
    booted: Duration,
}

impl InstanceClock {
    /// The readings of both clocks; `now` is the time since the run began at `start`.
    pub(crate) fn show(&self, start: Duration, now: Duration) -> Moment {
        let wall = to_nanos(start + now).saturating_add(self.error(now));
        let seconds = u64::try_from(wall.div_euclid(NANOS)).unwrap_or(0);
        Moment { wall: UnixTime::from_seconds(seconds), monotonic: self.booted + now }
    }

    /// By how many nanoseconds the wall clock is ahead.
    pub(crate) fn error(&self, now: Duration) -> i64 {
        let jumps =
            self.jumps.iter().filter(|jump| jump.at <= now).map(|jump| jump.seconds * NANOS);
        self.skew + jumps.sum::<i64>()
    }
}

fn to_nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

const NANOS: i64 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::durations::secs;

    #[test]
    fn a_clock_shows_its_skew_and_its_jumps() {
        let clocks = Clocks::exact().skewed_within(secs(150)).jumping(7, secs(10), -3_600);
        let mut random = Random::from_seed(3);
        let clock = clocks.of_instance(7, &mut random);
        let shown = |now| clock.show(secs(1_700_000_000), secs(now)).wall.to_seconds();
        assert!(shown(0).abs_diff(1_700_000_000) <= 150);
        assert_eq!(shown(10), shown(9) + 1 - 3_600);
        let other = clocks.of_instance(8, &mut random);
        assert_eq!(other.error(secs(9)), other.error(secs(11)));
    }
}
