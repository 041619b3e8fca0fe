//! `Retry-After` (RFC 9110, section 10.2.3).

use std::time::SystemTime;

use crate::http::HttpResponse;
use crate::time::UnixTime;

/// The delay in an error response: 1 to 3,600 seconds; 60 for a 429 that states none.
pub(super) fn retry_after_seconds(response: &HttpResponse, now: UnixTime) -> Option<u32> {
    let stated = response.header("retry-after").and_then(|value| parse(value, response, now));
    match stated {
        Some(seconds) => Some(seconds.clamp(1, MAX_SECONDS)),
        None if response.status == 429 => Some(DEFAULT_SECONDS),
        None => None,
    }
}

fn parse(value: &str, response: &HttpResponse, now: UnixTime) -> Option<u32> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(value.parse().unwrap_or(u32::MAX));
    }
    let until = unix_seconds(value)?;
    // Relative to the server's clock, if the response has a `Date`.
    let from = response.header("date").and_then(unix_seconds).unwrap_or(now.to_seconds());
    Some(u32::try_from(until.saturating_sub(from)).unwrap_or(u32::MAX))
}

/// The time in the response's `Date`.
pub(crate) fn server_time(response: &HttpResponse) -> Option<UnixTime> {
    response.header("date").and_then(unix_seconds).map(UnixTime::from_seconds)
}

/// All three date forms of RFC 9110, section 5.6.7.
fn unix_seconds(text: &str) -> Option<u64> {
    let time = httpdate::parse_http_date(text.trim()).ok()?;
    time.duration_since(SystemTime::UNIX_EPOCH).ok().map(|duration| duration.as_secs())
}

/// MSAL's cap.
const MAX_SECONDS: u32 = 3_600;
/// MSAL's default back-off.
const DEFAULT_SECONDS: u32 = 60;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn seconds(status: u16, headers: &[(&str, &str)]) -> Option<u32> {
        let headers = headers
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.as_bytes().to_vec()))
            .collect();
        let response = HttpResponse { status, headers, body: Secret::from(Vec::new()) };
        retry_after_seconds(&response, UnixTime::from_seconds(784_111_777))
    }

    #[test]
    fn seconds_are_clamped_to_an_hour() {
        assert_eq!(seconds(503, &[("retry-after", "5")]), Some(5));
        assert_eq!(seconds(503, &[("retry-after", "0")]), Some(1));
        assert_eq!(seconds(503, &[("retry-after", "99999999999999999999")]), Some(3_600));
    }

    #[test]
    fn all_three_date_forms_count_from_the_servers_date() {
        for date in [
            "Sun, 06 Nov 1994 08:50:37 GMT",
            "Sunday, 06-Nov-94 08:50:37 GMT",
            "Sun Nov  6 08:50:37 1994",
        ] {
            assert_eq!(seconds(503, &[("retry-after", date)]), Some(60), "{date}");
            let own = ("date", "Sun, 06 Nov 1994 08:50:07 GMT");
            assert_eq!(seconds(503, &[("retry-after", date), own]), Some(30), "{date}");
        }
    }

    #[test]
    fn malformed_values_count_as_absent() {
        for value in ["-5", "1.5", "+5", "5;x", "", "NaN"] {
            assert_eq!(seconds(503, &[("retry-after", value)]), None, "{value}");
            assert_eq!(seconds(429, &[("retry-after", value)]), Some(60), "{value}");
        }
        assert_eq!(seconds(429, &[("retry-after", "5"), ("retry-after", "6")]), Some(60));
    }
}
