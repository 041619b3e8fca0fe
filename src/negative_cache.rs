//! The negative cache: which failures of token requests are remembered, for how long, and which calls they bind.
//!
//! A failure binds other callers only if the authority itself spoke, or took the request and stayed silent. When it
//! expires, one caller requests the token again.

use crate::cache::EntryKey;
use crate::cache::layout::push_number;
use crate::cache::layout::push_text;
use crate::cache::layout::split_number;
use crate::cache::layout::split_text;
use crate::call::Call;
use crate::credential::Fingerprint;
use crate::error::Cause;
use crate::error::NoAnswer;
use crate::error::Refusal;
use crate::error::Throttle;
use crate::error::UnexpectedResponse;
use crate::error::Unreachable;
use crate::sealed_store::SealedStore;
use crate::time::UnixTime;
use crate::time::to_milliseconds;

/// A remembered failure. Until it expires, it is returned instead of sending a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RememberedFailure {
    pub(crate) failed_at: UnixTime,
    pub(crate) until: UnixTime,
    cause: Cause,
    /// The longest deadline, in milliseconds, of the calls that it applies to.
    max_affected_deadline: u64,
    /// The credentials or the arguments that it applies to; if empty, it applies to all calls.
    only_for: Vec<Fingerprint>,
}

/// A call that may be affected by a remembered failure.
#[derive(Clone, Debug, Default)]
pub(crate) struct Requester {
    /// Its credentials.
    pub(crate) credentials: Vec<Fingerprint>,
    /// Its arguments, which include more than the token's key does.
    pub(crate) arguments: Fingerprint,
    /// Whether the arguments contain anything that a plain request does not.
    pub(crate) has_extras: bool,
    /// Whether the arguments contain anything that the token's key does not.
    pub(crate) has_unkeyed_extras: bool,
    /// Its deadline in milliseconds.
    pub(crate) deadline: u64,
}

impl Requester {
    pub(crate) fn new(call: &Call, store: &SealedStore, token: &EntryKey) -> Self {
        let credentials = call.application.credentials.iter();
        Self {
            credentials: credentials
                .map(|credential| store.fingerprint(call.to_identity(credential).expose()))
                .collect(),
            arguments: store.fingerprint(&call.to_arguments(token)),
            has_extras: call.has_extras(),
            has_unkeyed_extras: call.has_unkeyed_extras(),
            deadline: to_milliseconds(call.request.deadline),
        }
    }
}

impl RememberedFailure {
    /// The failure to remember; `None` if it must not be remembered.
    pub(crate) fn of(cause: &Cause, requester: &Requester, now: UnixTime) -> Option<Self> {
        let seconds = seconds_after(cause)?;
        let only_for = match cause {
            Cause::Refused(refusal) if refusal.rejects_the_credential() => {
                requester.credentials.clone()
            }
            // The server may have failed because of the extras.
            Cause::Refused(refusal) | Cause::Throttled(Throttle { refusal, .. })
                if refusal.status >= 500 && !requester.has_extras =>
            {
                Vec::new()
            }
            Cause::Throttled(Throttle { refusal, .. }) if refusal.status < 500 => Vec::new(),
            Cause::Refused(_) | Cause::Throttled(_) | Cause::UnexpectedResponse(_) => {
                vec![requester.arguments]
            }
            _ => Vec::new(),
        };
        Some(Self {
            failed_at: now,
            until: now.plus_seconds(seconds),
            max_affected_deadline: u64::MAX,
            cause: cause.clone(),
            only_for,
        })
    }

    /// The same failure for calls with deadlines up to this, in milliseconds.
    pub(crate) fn for_deadlines_up_to(self, max_affected_deadline: u64) -> Self {
        Self { max_affected_deadline, ..self }
    }

    /// The failure to return to a call; `None` if the call may send a request.
    pub(crate) fn cause_for(&self, requester: &Requester, now: UnixTime) -> Option<Cause> {
        let remaining = self.remaining_seconds(now)?;
        if !self.concerns(requester) || requester.deadline > self.max_affected_deadline {
            return None;
        }
        Some(match self.cause.clone() {
            Cause::Throttled(Throttle { refusal, .. }) => throttled(remaining, refusal),
            Cause::Refused(refusal) if refusal.status >= 500 => throttled(remaining, refusal),
            Cause::Unreachable(Unreachable { kind, reason }) => Cause::Unreachable(Unreachable {
                kind,
                reason: format!(
                    "{reason}; another caller had this failure, and no request is sent for {remaining} seconds"
                ),
            }),
            cause => cause,
        })
    }

    /// Whether it is about calls like this one, now or when it was new.
    pub(crate) fn concerns(&self, requester: &Requester) -> bool {
        // A call with another credential, or an additional one, may succeed.
        let names = |fingerprint| self.only_for.contains(fingerprint);
        self.only_for.is_empty()
            || names(&requester.arguments)
            || requester.credentials.iter().all(names)
    }

    /// Whether it must stay in the record instead of a later failure of this caller, or of its release (`None`).
    pub(crate) fn outranks(
        &self,
        later: Option<&Self>,
        requester: &Requester,
        now: UnixTime,
    ) -> bool {
        if self.remaining_seconds(now).is_none() {
            return false;
        }
        let Some(later) = later else {
            return true;
        };
        // A failure of this caller's extras does not replace one that may bind plain calls.
        let is_narrower = later.only_for == [requester.arguments]
            && requester.has_unkeyed_extras
            && self.only_for != later.only_for;
        let is_longer_throttle = later.until < self.until
            && matches!(self.cause_for(requester, now), Some(Cause::Throttled(_)));
        is_narrower || is_longer_throttle
    }

    /// How much longer it lasts; `None` if it is over, or not believable.
    fn remaining_seconds(&self, now: UnixTime) -> Option<u64> {
        let length = self.until.seconds_since(self.failed_at);
        let remaining = self.until.seconds_since(now).min(MAX_SECONDS);
        // A record from the future comes from a clock that is ahead, or was set back. It must not last longer than an
        // old one.
        let is_believable = length <= MAX_SECONDS
            && self.failed_at <= now.plus_seconds(length.min(CLOCK_SKEW_SECONDS));
        // Both times are whole seconds: a failure that ended at `until` would be up to a second too short for the
        // authority.
        (is_believable && now <= self.until).then_some(remaining.max(1))
    }

    /// Appends the failure to a record: numbers in 8 bytes, texts after their lengths, then the fingerprints that it is
    /// only for.
    pub(crate) fn push_to(&self, bytes: &mut Vec<u8>) -> Option<()> {
        let silent;
        let (kind, refusal) = match &self.cause {
            Cause::Throttled(throttle) => (THROTTLED, &*throttle.refusal),
            Cause::Refused(refusal) => (REFUSED, &**refusal),
            Cause::Unreachable(unreachable) => {
                silent = described(0, &unreachable.reason);
                (UNREACHABLE, &silent)
            }
            Cause::UnexpectedResponse(response) => {
                silent = described(response.status.unwrap_or(0), &response.reason);
                (if response.is_page { PAGE } else { UNEXPECTED }, &silent)
            }
            _ => return None,
        };
        bytes.reserve(512);
        let (failed_at, until) = (self.failed_at.to_seconds(), self.until.to_seconds());
        for number in [failed_at, until, self.max_affected_deadline] {
            push_number(bytes, number);
        }
        let codes: Vec<String> = refusal.error_codes.iter().map(u64::to_string).collect();
        let retryable = if refusal.is_retryable { "1" } else { "" };
        let status = refusal.status.to_string();
        for text in [kind, &status, &refusal.error, &codes.join(","), retryable] {
            push_text(bytes, text)?;
        }
        for text in [
            &refusal.suberror,
            &refusal.description,
            &refusal.claims,
            &refusal.trace_id,
            &refusal.correlation_id,
            &refusal.timestamp,
        ] {
            push_text(bytes, text.as_deref().unwrap_or_default())?;
        }
        bytes.extend(self.only_for.iter().flatten());
        Some(())
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (failed_at, bytes) = split_number(bytes)?;
        let (until, bytes) = split_number(bytes)?;
        let (max_affected_deadline, bytes) = split_number(bytes)?;
        let mut rest = bytes;
        let mut text = || {
            let (text, behind) = split_text(rest)?;
            rest = behind;
            Some(text.to_owned())
        };
        let kind = text()?;
        let status = text()?.parse().ok()?;
        let error = text()?;
        let codes = text()?;
        let is_retryable = !text()?.is_empty();
        let mut optional = || text().map(|text| Some(text).filter(|text| !text.is_empty()));
        let refusal = Box::new(Refusal {
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
        });
        let cause = match kind.as_str() {
            THROTTLED => Cause::Throttled(Throttle { retry_after_seconds: 0, refusal }),
            REFUSED => Cause::Refused(refusal),
            UNREACHABLE => Cause::Unreachable(Unreachable {
                kind: NoAnswer::Silent,
                reason: refusal.description.unwrap_or_default(),
            }),
            kind => Cause::UnexpectedResponse(UnexpectedResponse {
                status: Some(status).filter(|&status| status != 0),
                reason: refusal.description.unwrap_or_default(),
                is_page: kind == PAGE,
            }),
        };
        let (only_for, _) = rest.as_chunks();
        Some(Self {
            failed_at: UnixTime::from_seconds(failed_at),
            until: UnixTime::from_seconds(until),
            max_affected_deadline,
            cause,
            only_for: only_for.to_vec(),
        })
    }
}

fn throttled(seconds: u64, refusal: Box<Refusal>) -> Cause {
    let retry_after_seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
    Cause::Throttled(Throttle { retry_after_seconds, refusal })
}

/// A failure without a refusal, in the form of one.
fn described(status: u16, reason: &str) -> Refusal {
    Refusal { status, description: Some(reason.to_owned()), ..Refusal::default() }
}

/// How long to remember a failure; `None` if it must not be remembered.
fn seconds_after(cause: &Cause) -> Option<u64> {
    match cause {
        Cause::Throttled(throttle) => Some(MAX_SECONDS.min(throttle.retry_after_seconds.into())),
        Cause::Refused(refusal) if refusal.rejects_the_credential() => {
            Some(REFUSED_CREDENTIAL_SECONDS)
        }
        Cause::Unreachable(unreachable) if unreachable.kind == NoAnswer::Silent => {
            Some(FAULT_SECONDS)
        }
        // A response without a status never arrived as one: the host may be at fault.
        Cause::UnexpectedResponse(response) if response.status.is_none() => None,
        Cause::Refused(_) | Cause::UnexpectedResponse(_) => Some(FAULT_SECONDS),
        _ => None,
    }
}

const THROTTLED: &str = "t";
const REFUSED: &str = "r";
const UNREACHABLE: &str = "u";
const UNEXPECTED: &str = "x";
const PAGE: &str = "p";

/// As in MSAL Python, after a 5xx answer without `Retry-After`.
const FAULT_SECONDS: u64 = 5;
/// Long enough to stop a fleet with a wrong secret from flooding the authority, short enough for the operator to retry.
const REFUSED_CREDENTIAL_SECONDS: u64 = 10;
/// MSAL's cap.
const MAX_SECONDS: u64 = 3_600;
/// The largest tolerated clock skew between two machines.
const CLOCK_SKEW_SECONDS: u64 = 300;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Rejection;

    const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);
    const ONE: Fingerprint = [1; 8];
    const OTHER: Fingerprint = [2; 8];
    const TOKEN: Fingerprint = [3; 8];
    const DEADLINE: u64 = 30_000;

    fn requester(credentials: &[Fingerprint], token: Fingerprint, deadline: u64) -> Requester {
        Requester {
            credentials: credentials.to_vec(),
            arguments: token,
            has_extras: false,
            has_unkeyed_extras: false,
            deadline,
        }
    }

    fn with(credentials: &[Fingerprint]) -> Requester {
        requester(credentials, TOKEN, DEADLINE)
    }

    fn remembered(cause: &Cause, credentials: &[Fingerprint]) -> Option<RememberedFailure> {
        RememberedFailure::of(cause, &with(credentials), NOW)
    }

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

    fn silence(reason: &str) -> Cause {
        let reason = reason.to_owned();
        Cause::Unreachable(Unreachable { kind: NoAnswer::Silent, reason })
    }

    fn to_bytes(failure: &RememberedFailure) -> Vec<u8> {
        let mut bytes = Vec::new();
        failure.push_to(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn remembered_failures_round_trip() {
        for cause in [
            throttled(0),
            Cause::Refused(refusal(401, "invalid_client")),
            Cause::Refused(refusal(400, "invalid_scope")),
            silence("x"),
            Cause::unexpected(Some(404), "x".to_owned()),
        ] {
            let failure = remembered(&cause, &[ONE, OTHER]).unwrap();
            let bytes = to_bytes(&failure);
            assert_eq!(RememberedFailure::from_bytes(&bytes).unwrap(), failure);
            for length in 0..bytes.len() - failure.only_for.as_flattened().len() {
                assert_eq!(RememberedFailure::from_bytes(&bytes[..length]), None, "{length}");
            }
        }
    }

    #[test]
    fn the_remaining_delay_is_returned_until_it_has_passed() {
        let after = |seconds| {
            let failure = remembered(&throttled(60), &[ONE]).unwrap();
            match failure.cause_for(&with(&[OTHER]), NOW.plus_seconds(seconds)) {
                Some(Cause::Throttled(throttle)) => Some(throttle.retry_after_seconds),
                _ => None,
            }
        };
        assert_eq!([0, 59, 60, 61].map(after), [Some(60), Some(1), Some(1), None]);
    }

    #[test]
    fn f10_a_failure_from_the_future_lasts_no_longer_than_an_old_one() {
        let applies =
            |failure: &RememberedFailure, now| failure.cause_for(&with(&[ONE]), now).is_some();
        let failure = remembered(&throttled(60), &[]).unwrap();
        assert!(
            applies(&failure, NOW.minus_seconds(60)) && !applies(&failure, NOW.minus_seconds(61))
        );
        let for_ever = RememberedFailure { until: NOW.plus_seconds(3_601), ..failure };
        assert!(!applies(&for_ever, NOW));
    }

    #[test]
    fn a_refused_credential_affects_only_calls_with_that_credential() {
        let cause = Cause::Refused(refusal(401, "invalid_client"));
        let failure = remembered(&cause, &[ONE]).unwrap();
        assert_eq!(failure.cause_for(&with(&[ONE]), NOW), Some(cause));
        assert_eq!(failure.cause_for(&with(&[OTHER]), NOW), None);
        assert_eq!(failure.cause_for(&with(&[ONE, OTHER]), NOW), None);
        assert_eq!(failure.cause_for(&with(&[ONE]), NOW.plus_seconds(11)), None);
    }

    #[test]
    fn other_refusals_affect_only_that_token() {
        for cause in [
            Cause::Refused(refusal(400, "invalid_scope")),
            Cause::unexpected(Some(302), "x".to_owned()),
        ] {
            let failure = remembered(&cause, &[ONE]).unwrap();
            assert_eq!(failure.cause_for(&with(&[OTHER]), NOW), Some(cause));
            assert_eq!(failure.cause_for(&requester(&[ONE], [5; 8], DEADLINE), NOW), None);
            assert_eq!(failure.cause_for(&with(&[ONE]), NOW.plus_seconds(6)), None);
        }
    }

    #[test]
    fn a_server_fault_of_a_request_with_extras_affects_only_the_same_arguments() {
        let own = Requester { arguments: [7; 8], has_extras: true, ..with(&[ONE]) };
        for status in [500, 503] {
            let delayed = Cause::Throttled(Throttle {
                retry_after_seconds: 5,
                refusal: refusal(status, "x"),
            });
            for cause in [Cause::Refused(refusal(status, "x")), delayed] {
                let failure = RememberedFailure::of(&cause, &own, NOW).unwrap();
                assert!(failure.cause_for(&own, NOW).is_some());
                assert_eq!(failure.cause_for(&with(&[ONE]), NOW), None);
                let failure = RememberedFailure::of(&cause, &with(&[ONE]), NOW).unwrap();
                assert!(failure.cause_for(&own, NOW).is_some());
            }
        }
        let throttled = RememberedFailure::of(&throttled(5), &own, NOW).unwrap();
        assert!(throttled.cause_for(&with(&[ONE]), NOW).is_some());
    }

    #[test]
    fn a_missing_answer_affects_all_calls() {
        let failure = remembered(&silence("refused"), &[ONE]).unwrap();
        let cause =
            failure.cause_for(&requester(&[OTHER], [5; 8], 600_000), NOW.plus_seconds(2)).unwrap();
        assert!(cause.to_string().contains("refused; another caller had this failure"), "{cause}");
        assert!(cause.to_string().contains("3 seconds"), "{cause}");
    }

    #[test]
    fn a_missing_answer_does_not_affect_calls_with_longer_deadlines() {
        let short = RememberedFailure {
            max_affected_deadline: 2_000,
            ..remembered(&silence("x"), &[ONE]).unwrap()
        };
        let applies = |deadline| short.cause_for(&requester(&[OTHER], [5; 8], deadline), NOW);
        assert!(applies(1).is_some() && applies(2_000).is_some());
        assert_eq!(applies(2_001), None);
    }

    #[test]
    fn local_failures_are_not_remembered() {
        let cause = Cause::InvalidCredential(Rejection::missing("provider", "gave none"));
        assert_eq!(remembered(&cause, &[]), None);
        assert_eq!(remembered(&Cause::NotPermitted("x".to_owned()), &[]), None);
        assert_eq!(remembered(&Cause::unexpected(None, "x".to_owned()), &[]), None);
        for kind in [
            NoAnswer::NotSent,
            NoAnswer::NotResolved,
            NoAnswer::NotTrusted,
            NoAnswer::NotConnected,
            NoAnswer::BrokenOff,
        ] {
            let reason = "x".to_owned();
            assert_eq!(remembered(&Cause::Unreachable(Unreachable { kind, reason }), &[]), None);
        }
    }
}
