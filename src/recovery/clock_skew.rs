//! Corrects for a host clock that differs from the authority's.

use std::ops::RangeInclusive;

use crate::error::Refusal;
use crate::time::UnixTime;

/// The seconds to add to the host's clock in the next assertion, if the authority rejected the last one as outside its
/// validity (AADSTS700024) and sent its time. An assertion of the far future, or of a time after the certificate's end,
/// would be a weapon in the hands of a false authority.
pub(crate) fn correction(
    refusal: &Refusal,
    server_time: Option<UnixTime>,
    now: UnixTime,
    certificate_ends: Option<UnixTime>,
) -> Option<i64> {
    let server_time = server_time.filter(|time| time.is_plausible())?;
    if !refusal.error_codes.contains(&OUTSIDE_VALIDITY)
        || certificate_ends.is_some_and(|end| server_time > end)
    {
        return None;
    }
    let seconds = server_time.difference_in_seconds(now);
    CORRECTED_SECONDS.contains(&seconds.unsigned_abs()).then_some(seconds)
}

const OUTSIDE_VALIDITY: u64 = 700_024;

/// A smaller difference may be the request's duration, and would not have been rejected. No clock that an operator has set
/// is off by more than a day, whatever its time zone.
const CORRECTED_SECONDS: RangeInclusive<u64> = 30..=86_400;

#[cfg(test)]
mod tests {
    use super::*;

    fn correct(code: u64, server: Option<u64>) -> Option<i64> {
        let refusal = Refusal { error_codes: vec![code], ..Refusal::default() };
        correction(
            &refusal,
            server.map(UnixTime::from_seconds),
            UnixTime::from_seconds(1_700_000_000),
            Some(UnixTime::from_seconds(1_700_050_000)),
        )
    }

    #[test]
    fn the_clock_is_corrected_only_after_a_rejection_of_its_time() {
        assert_eq!(correct(700_024, Some(1_700_001_000)), Some(1_000));
        assert_eq!(correct(700_024, Some(1_699_999_000)), Some(-1_000));
        assert_eq!(correct(700_027, Some(1_700_001_000)), None);
        assert_eq!(correct(700_024, Some(1_700_000_010)), None);
        assert_eq!(correct(700_024, Some(0)), None);
        assert_eq!(correct(700_024, None), None);
    }

    #[test]
    fn the_correction_is_at_most_a_day_and_ends_with_the_certificate() {
        assert_eq!(correct(700_024, Some(1_700_000_000 - 86_400)), Some(-86_400));
        assert_eq!(correct(700_024, Some(1_700_000_000 - 86_401)), None);
        assert_eq!(correct(700_024, Some(1_700_050_000)), Some(50_000));
        assert_eq!(correct(700_024, Some(1_700_050_001)), None);
    }
}
