//! The emulator's own clock, which a test can set independently of the machine's.

use std::time::Duration;
use std::time::Instant;

use time::OffsetDateTime;

/// More than any test needs, and small enough that no sum overflows.
const MAX_OFFSET: i64 = 100 * 366 * 24 * 3600;

pub(crate) struct Clock {
    started: Instant,
    offset: i64,
}

impl Clock {
    #[allow(clippy::disallowed_methods, reason = "the only place in this crate that reads a clock")]
    pub(crate) fn start() -> Self {
        Self { started: Instant::now(), offset: 0 }
    }

    pub(crate) fn set_offset(&mut self, seconds: i64) {
        self.offset = seconds.clamp(-MAX_OFFSET, MAX_OFFSET);
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
            .checked_add(time::Duration::seconds(self.offset))
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// The time since the start, independent of the offset.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

/// The time format of Entra's error bodies: `2023-05-06 06:03:00Z`.
pub(crate) fn to_error_timestamp(at: OffsetDateTime) -> String {
    format!("{} {}Z", to_date(at), to_time(at))
}

/// The time format of Entra's error texts, with seven decimal places.
pub(crate) fn to_precise_timestamp(at: OffsetDateTime) -> String {
    format!("{}T{}.{:07}Z", to_date(at), to_time(at), at.nanosecond() / 100)
}

/// The format of certificate dates in Entra's error texts: `05/06/2023 06:03:00`.
pub(crate) fn to_certificate_date(at: OffsetDateTime) -> String {
    format!("{:02}/{:02}/{:04} {}", u8::from(at.month()), at.day(), at.year(), to_time(at))
}

/// An IMF-fixdate for the `Date` header.
pub(crate) fn to_http_date(at: OffsetDateTime) -> String {
    let weekday = at.weekday().to_string();
    let month = at.month().to_string();
    format!("{:.3}, {:02} {:.3} {:04} {} GMT", weekday, at.day(), month, at.year(), to_time(at))
}

fn to_date(at: OffsetDateTime) -> String {
    format!("{:04}-{:02}-{:02}", at.year(), u8::from(at.month()), at.day())
}

fn to_time(at: OffsetDateTime) -> String {
    format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_formatted_as_entra_formats_them() {
        let at = OffsetDateTime::from_unix_timestamp(1_683_352_980).unwrap();
        assert_eq!(to_error_timestamp(at), "2023-05-06 06:03:00Z");
        assert_eq!(to_precise_timestamp(at), "2023-05-06T06:03:00.0000000Z");
        assert_eq!(to_http_date(at), "Sat, 06 May 2023 06:03:00 GMT");
    }

    #[test]
    fn an_extreme_offset_is_clamped() {
        let mut clock = Clock::start();
        clock.set_offset(i64::MAX);
        assert!(clock.now().year() < 2200);
    }
}
