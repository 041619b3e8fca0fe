//! Helping a clock that the authority does not agree with.

use crate::error::Refusal;
use crate::time::UnixTime;

/// The seconds to add to this machine's clock in the next assertion, if the authority found the last one outside its
/// validity (AADSTS700024) and told its own time.
pub(crate) fn correction(
    refusal: &Refusal,
    server_time: Option<UnixTime>,
    now: UnixTime,
) -> Option<i64> {
    let server_time = server_time.filter(|time| time.is_plausible())?;
    if !refusal.error_codes.contains(&OUTSIDE_VALIDITY) {
        return None;
    }
    let seconds = server_time.difference_in_seconds(now);
    (seconds.unsigned_abs() >= NOTICEABLE_SECONDS).then_some(seconds)
}

const OUTSIDE_VALIDITY: u64 = 700_024;

/// Less is what a request takes, and would not have been refused.
const NOTICEABLE_SECONDS: u64 = 30;

#[cfg(test)]
mod tests {
    use super::*;

    fn correct(code: u64, server: Option<u64>) -> Option<i64> {
        let refusal = Refusal { error_codes: vec![code], ..Refusal::default() };
        correction(
            &refusal,
            server.map(UnixTime::from_seconds),
            UnixTime::from_seconds(1_700_000_000),
        )
    }

    #[test]
    fn the_servers_time_counts_where_it_says_that_ours_is_wrong() {
        assert_eq!(correct(700_024, Some(1_700_001_000)), Some(1_000));
        assert_eq!(correct(700_024, Some(1_699_999_000)), Some(-1_000));
        assert_eq!(correct(700_027, Some(1_700_001_000)), None);
        assert_eq!(correct(700_024, Some(1_700_000_010)), None);
        assert_eq!(correct(700_024, Some(0)), None);
        assert_eq!(correct(700_024, None), None);
    }
}
