//! Decides whether a token request is retried, and after which pause.

use std::time::Duration;

use crate::error::Cause;
use crate::error::NoAnswer;

/// Whether a failed request should be retried.
///
/// As in MSAL: once, after a 5xx answer without `Retry-After` or after no answer. Never after 429 or another 4xx, which
/// a retry would only repeat.
pub(crate) fn is_worth_a_retry(cause: &Cause) -> bool {
    match cause {
        Cause::Refused(refusal) => (500..=599).contains(&refusal.status),
        // A certificate that is not trusted is not trusted a second later.
        Cause::Unreachable(unreachable) => unreachable.kind != NoAnswer::NotTrusted,
        _ => false,
    }
}

/// The pause before the retry; `jitter` is a random byte.
pub(crate) fn retry_pause(jitter: u8) -> Duration {
    PAUSE.saturating_add(JITTER.saturating_mul(u32::from(jitter)))
}

const PAUSE: Duration = Duration::from_secs(1);
/// Up to half a second in 255 steps, so that instances that failed together do not retry together.
const JITTER: Duration = Duration::from_millis(2);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Refusal;
    use crate::error::Throttle;
    use crate::http::SendError;

    fn refused(status: u16) -> Cause {
        Cause::Refused(Box::new(Refusal { status, ..Default::default() }))
    }

    #[test]
    fn only_server_faults_and_missing_answers_are_retried() {
        assert!(is_worth_a_retry(&refused(503)));
        assert!(is_worth_a_retry(&Cause::from(SendError::Silent("x".to_owned()))));
        let throttled =
            Cause::Throttled(Throttle { retry_after_seconds: 5, refusal: Box::default() });
        let untrusted = Cause::from(SendError::NotTrusted("x".to_owned()));
        for cause in [untrusted, refused(400), refused(401), refused(404), throttled] {
            assert!(!is_worth_a_retry(&cause));
        }
    }

    #[test]
    fn the_pause_is_one_second_plus_up_to_half_a_second() {
        assert_eq!(retry_pause(0), Duration::from_secs(1));
        assert_eq!(retry_pause(255), Duration::from_millis(1_510));
    }
}
