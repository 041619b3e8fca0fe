use time::OffsetDateTime;

use super::assertion::Assertion;
use super::entra_error::EntraError;
use super::numeric_date;
use crate::clock::to_precise_timestamp;
use crate::strictness::Strictness;

/// Checks that an assertion is valid now. A missing `nbf` or `exp` counts as the Unix epoch.
pub(super) fn check(
    assertion: &Assertion,
    strictness: &Strictness,
    now: OffsetDateTime,
) -> Result<(), EntraError> {
    let mut times = [0; 3];
    for (time, name) in times.iter_mut().zip(["nbf", "exp", "iat"]) {
        if let Some(value) = assertion.claim_value(name) {
            *time = numeric_date::parse(value, strictness.reject_quoted_times)
                .ok_or_else(EntraError::malformed_assertion)?;
        }
    }
    let [not_before, expiry, _] = times;
    let skew = i64::try_from(strictness.clock_skew_seconds).unwrap_or(i64::MAX);
    let seconds = now.unix_timestamp();
    if not_before <= seconds.saturating_add(skew) && seconds < expiry.saturating_add(skew) {
        return Ok(());
    }
    let written = |seconds: i64| {
        let at = OffsetDateTime::from_unix_timestamp(seconds);
        to_precise_timestamp(at.unwrap_or(OffsetDateTime::UNIX_EPOCH))
    };
    let text = format!(
        "Client assertion is not within its valid time range. Current time: {}, assertion valid from \
         {}, expiry time of assertion {}.",
        to_precise_timestamp(now),
        written(not_before),
        written(expiry)
    );
    Err(EntraError::invalid_client(700_024, text))
}
