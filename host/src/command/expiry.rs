//! Formats the expiry of a token for text output.

use std::time::Duration;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The time of expiry and the time left: `2026-11-22T13:00:00Z (in 59 min)`.
pub(super) fn expiry(expires_on: u64, now: SystemTime) -> String {
    let time = i64::try_from(expires_on)
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .and_then(|time| time.format(&Rfc3339).ok());
    let Some(time) = time else { return format!("{expires_on} s after 1970") };
    let now = now.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
    let left = expires_on.saturating_sub(now);
    match left {
        0 => format!("{time} (now)"),
        1..=119 => format!("{time} (in {left} s)"),
        _ => format!("{time} (in {} min)", left / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expiry_is_a_time_and_the_time_left() {
        let now = UNIX_EPOCH + Duration::from_secs(1_000);
        assert_eq!(expiry(1_000, now), "1970-01-01T00:16:40Z (now)");
        assert_eq!(expiry(1_060, now), "1970-01-01T00:17:40Z (in 60 s)");
        assert_eq!(expiry(4_600, now), "1970-01-01T01:16:40Z (in 60 min)");
        assert_eq!(expiry(u64::MAX, now), "18446744073709551615 s after 1970");
    }
}
