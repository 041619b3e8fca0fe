//! Points in time. Nothing here reads a clock.

use std::time::Duration;

/// A duration in whole milliseconds.
pub(crate) fn to_milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Whole seconds since 1970-01-01T00:00:00Z. Arithmetic saturates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnixTime(u64);

impl UnixTime {
    /// The time this many seconds after the epoch.
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds)
    }

    /// The seconds since the epoch.
    pub const fn to_seconds(self) -> u64 {
        self.0
    }

    /// The time this many seconds later.
    pub const fn plus_seconds(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// The time this many seconds earlier, but not before the epoch.
    pub const fn minus_seconds(self, seconds: u64) -> Self {
        Self(self.0.saturating_sub(seconds))
    }

    /// The seconds since `earlier`; 0 if this is not later.
    pub const fn seconds_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The seconds from `other` to this time; negative if this is earlier.
    pub fn difference_in_seconds(self, other: Self) -> i64 {
        let distance = |seconds: u64| i64::try_from(seconds).unwrap_or(i64::MAX);
        if self >= other {
            distance(self.seconds_since(other))
        } else {
            distance(other.seconds_since(self)).saturating_neg()
        }
    }

    /// The time this many seconds later, or earlier if negative.
    pub const fn moved_by(self, seconds: i64) -> Self {
        Self(self.0.saturating_add_signed(seconds))
    }

    /// Whether a clock with this time can be right: from 2020 to the year 9999.
    pub const fn is_plausible(self) -> bool {
        self.0 >= START_OF_2020 && self.0 <= END_OF_9999
    }
}

/// One reading of both clocks.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The wall clock, for expiry and signed times.
    pub wall: UnixTime,
    /// The monotonic clock, for deadlines. Only differences are meaningful.
    pub monotonic: Duration,
}

const START_OF_2020: u64 = 1_577_836_800;
const END_OF_9999: u64 = 253_402_300_799;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates_at_both_ends() {
        assert_eq!(UnixTime::from_seconds(u64::MAX).plus_seconds(1).to_seconds(), u64::MAX);
        assert_eq!(UnixTime::from_seconds(1).minus_seconds(2).to_seconds(), 0);
        assert_eq!(UnixTime::from_seconds(1).seconds_since(UnixTime::from_seconds(2)), 0);
    }

    #[test]
    fn clocks_before_2020_and_after_9999_are_implausible() {
        assert!(!UnixTime::from_seconds(0).is_plausible());
        assert!(!UnixTime::from_seconds(START_OF_2020 - 1).is_plausible());
        assert!(UnixTime::from_seconds(START_OF_2020).is_plausible());
        assert!(UnixTime::from_seconds(9_223_372_036).is_plausible(), "the year 2262");
        assert!(!UnixTime::from_seconds(u64::MAX).is_plausible());
    }
}
