//! What all instances know of an authority that asked for fewer requests, or refused the credential.

use super::failover::is_about_the_credential;
use crate::cache::layout::push_text;
use crate::cache::layout::push_time;
use crate::cache::layout::split_text;
use crate::cache::layout::split_time;
use crate::credential::Fingerprint;
use crate::error::Cause;
use crate::error::Refusal;
use crate::error::Throttle;
use crate::time::UnixTime;

/// An answer that is not to be asked for again for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Backoff {
    noted_at: UnixTime,
    until: UnixTime,
    refusal: Refusal,
    /// The credentials that were refused; none if the answer was not about them.
    refused: Vec<Fingerprint>,
}

impl Backoff {
    /// What is to be noted of a failure, if anything is.
    pub(crate) fn of(cause: &Cause, credentials: &[Fingerprint], now: UnixTime) -> Option<Self> {
        let seconds = seconds_after(cause)?;
        let (refusal, refused) = match cause {
            Cause::Throttled(throttle) => (&throttle.refusal, Vec::new()),
            Cause::Refused(refusal) if is_about_the_credential(refusal) => {
                (refusal, credentials.to_vec())
            }
            Cause::Refused(refusal) => (refusal, Vec::new()),
            _ => return None,
        };
        let until = now.plus_seconds(seconds);
        Some(Self { noted_at: now, until, refusal: Refusal::clone(refusal), refused })
    }

    /// The failure of a call that must not ask again yet; none if it may.
    pub(crate) fn into_cause(self, credentials: &[Fingerprint], now: UnixTime) -> Option<Cause> {
        let remaining = self.until.seconds_since(now);
        // Noted by a clock that has gone back since, or by nobody we know.
        let is_believable = self.noted_at <= now.plus_seconds(CLOCK_SKEW_SECONDS)
            && self.until <= self.noted_at.plus_seconds(MAX_SECONDS)
            && remaining <= MAX_SECONDS;
        if remaining == 0 || !is_believable {
            return None;
        }
        let refusal = Box::new(self.refusal);
        if self.refused.is_empty() {
            let retry_after_seconds = u32::try_from(remaining).unwrap_or(u32::MAX);
            return Some(Cause::Throttled(Throttle { retry_after_seconds, refusal }));
        }
        // Another credential, or one more, has not been refused.
        let is_known = credentials.iter().all(|credential| self.refused.contains(credential));
        is_known.then_some(Cause::Refused(refusal))
    }

    pub(crate) fn to_bytes(&self) -> Option<Vec<u8>> {
        let mut bytes = Vec::with_capacity(512);
        push_time(&mut bytes, self.noted_at);
        push_time(&mut bytes, self.until);
        let refusal = &self.refusal;
        let codes: Vec<String> = refusal.error_codes.iter().map(u64::to_string).collect();
        let retryable = if refusal.is_retryable { "1" } else { "" };
        for text in [&refusal.status.to_string(), &refusal.error, &codes.join(","), retryable] {
            push_text(&mut bytes, text)?;
        }
        for text in [
            &refusal.suberror,
            &refusal.description,
            &refusal.claims,
            &refusal.trace_id,
            &refusal.correlation_id,
            &refusal.timestamp,
        ] {
            push_text(&mut bytes, text.as_deref().unwrap_or_default())?;
        }
        bytes.extend(self.refused.iter().flatten());
        Some(bytes)
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (noted_at, bytes) = split_time(bytes)?;
        let (until, bytes) = split_time(bytes)?;
        let mut rest = bytes;
        let mut text = || {
            let (text, behind) = split_text(rest)?;
            rest = behind;
            Some(text.to_owned())
        };
        let status = text()?.parse().ok()?;
        let error = text()?;
        let codes = text()?;
        let is_retryable = !text()?.is_empty();
        let mut optional = || text().map(|text| Some(text).filter(|text| !text.is_empty()));
        let refusal = Refusal {
            status,
            error,
            error_codes: codes.split(',').filter_map(|code| code.parse().ok()).collect(),
            is_retryable,
            suberror: optional()?,
            description: optional()?,
            claims: optional()?,
            trace_id: optional()?,
            correlation_id: optional()?,
            timestamp: optional()?,
            retry_after_seconds: None,
        };
        let (refused, _) = rest.as_chunks();
        Some(Self { noted_at, until, refusal, refused: refused.to_vec() })
    }
}

/// For how long a failure is to be noted, if at all.
pub(crate) fn seconds_after(cause: &Cause) -> Option<u64> {
    match cause {
        Cause::Throttled(throttle) => Some(MAX_SECONDS.min(throttle.retry_after_seconds.into())),
        Cause::Refused(refusal) if refusal.status >= 500 => Some(SERVER_FAULT_SECONDS),
        Cause::Refused(refusal) if is_about_the_credential(refusal) => {
            Some(REFUSED_CREDENTIAL_SECONDS)
        }
        _ => None,
    }
}

/// As MSAL Python after a 5xx answer without `Retry-After`.
const SERVER_FAULT_SECONDS: u64 = 5;
/// Long enough that a fleet with a wrong secret is no storm, short enough for the one who is mending it.
const REFUSED_CREDENTIAL_SECONDS: u64 = 10;
/// MSAL's cap.
const MAX_SECONDS: u64 = 3_600;
/// How far the clocks of two machines may be apart.
const CLOCK_SKEW_SECONDS: u64 = 300;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);
    const ONE: Fingerprint = [1; 8];
    const OTHER: Fingerprint = [2; 8];

    fn refusal(status: u16, error: &str) -> Box<Refusal> {
        Box::new(Refusal {
            status,
            error: error.to_owned(),
            error_codes: vec![7_000_215, 2],
            description: Some("d".to_owned()),
            ..Refusal::default()
        })
    }

    fn throttled(seconds: u32) -> Cause {
        Cause::Throttled(Throttle {
            retry_after_seconds: seconds,
            refusal: refusal(429, "unknown"),
        })
    }

    #[test]
    fn what_was_noted_is_read_again() {
        for cause in [throttled(60), Cause::Refused(refusal(401, "invalid_client"))] {
            let backoff = Backoff::of(&cause, &[ONE, OTHER], NOW).unwrap();
            let bytes = backoff.to_bytes().unwrap();
            assert_eq!(Backoff::from_bytes(&bytes).unwrap(), backoff);
            for length in 0..80 {
                assert_eq!(Backoff::from_bytes(&bytes[..length.min(40)]), None);
            }
        }
    }

    #[test]
    fn the_remaining_time_is_told_until_it_is_over() {
        let after = |seconds| {
            let backoff = Backoff::of(&throttled(60), &[ONE], NOW).unwrap();
            match backoff.into_cause(&[OTHER], NOW.plus_seconds(seconds)) {
                Some(Cause::Throttled(throttle)) => Some(throttle.retry_after_seconds),
                _ => None,
            }
        };
        assert_eq!((after(0), after(59), after(60)), (Some(60), Some(1), None));
    }

    #[test]
    fn a_note_that_cannot_be_right_is_ignored() {
        let backoff = Backoff::of(&throttled(60), &[], NOW).unwrap();
        assert_eq!(backoff.clone().into_cause(&[], NOW.minus_seconds(301)), None);
        let for_ever = Backoff { until: NOW.plus_seconds(3_601), ..backoff };
        assert_eq!(for_ever.into_cause(&[], NOW), None);
    }

    #[test]
    fn a_refused_credential_blocks_itself_alone() {
        let cause = Cause::Refused(refusal(401, "invalid_client"));
        let backoff = Backoff::of(&cause, &[ONE], NOW).unwrap();
        assert_eq!(backoff.clone().into_cause(&[ONE], NOW), Some(cause));
        assert_eq!(backoff.clone().into_cause(&[OTHER], NOW), None);
        assert_eq!(backoff.clone().into_cause(&[ONE, OTHER], NOW), None);
        assert_eq!(backoff.into_cause(&[ONE], NOW.plus_seconds(10)), None);
    }

    #[test]
    fn other_failures_are_not_noted() {
        for cause in [
            Cause::Refused(refusal(400, "invalid_scope")),
            Cause::Unreachable("x".to_owned()),
            Cause::unexpected(Some(302), "x".to_owned()),
        ] {
            assert_eq!(Backoff::of(&cause, &[], NOW), None);
        }
        assert!(Backoff::of(&Cause::Refused(refusal(503, "x")), &[], NOW).is_some());
    }
}
