//! Remembered failures: the negative cache, through which instances share the failures of token requests.

use super::election::Round;
use crate::cache::layout::push_number;
use crate::cache::layout::push_text;
use crate::cache::layout::split_number;
use crate::cache::layout::split_text;
use crate::credential::Fingerprint;
use crate::error::Cause;
use crate::error::NoAnswer;
use crate::error::Refusal;
use crate::error::Throttle;
use crate::error::Unreachable;
use crate::time::UnixTime;

/// A remembered failure. Until it expires, it is returned instead of sending a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Backoff {
    pub(crate) noted_at: UnixTime,
    pub(crate) until: UnixTime,
    /// The round of the election in which the failed call took a ticket, or the round before.
    pub(crate) round: Option<Round>,
    cause: Cause,
    /// The token that was requested: the record is shared by all tokens of these scopes.
    pub(crate) token: Fingerprint,
    /// The longest deadline, in milliseconds, of the calls that it applies to.
    pub(crate) patience: u64,
    /// The credentials or the arguments that it applies to; if empty, it applies to all calls.
    only_for: Vec<Fingerprint>,
}

/// A call that may be affected by a remembered failure.
#[derive(Clone, Debug)]
pub(crate) struct Party {
    /// Its credentials.
    pub(crate) credentials: Vec<Fingerprint>,
    /// The token that it needs.
    pub(crate) token: Fingerprint,
    /// Its arguments, which include more than the token's key does.
    pub(crate) arguments: Fingerprint,
    /// Whether the arguments contain anything that a plain request does not.
    pub(crate) has_extras: bool,
    /// Its deadline in milliseconds.
    pub(crate) patience: u64,
}

impl Backoff {
    /// The failure to remember; `None` if it must not be remembered.
    pub(crate) fn of(cause: &Cause, party: &Party, now: UnixTime) -> Option<Self> {
        let seconds = seconds_after(cause)?;
        let only_for = match cause {
            Cause::Refused(refusal) if refusal.rejects_the_credential() => {
                party.credentials.clone()
            }
            // The server may have failed because of the extras.
            Cause::Refused(refusal) | Cause::Throttled(Throttle { refusal, .. })
                if refusal.status >= 500 && !party.has_extras =>
            {
                Vec::new()
            }
            Cause::Throttled(Throttle { refusal, .. }) if refusal.status < 500 => Vec::new(),
            Cause::Refused(_) | Cause::Throttled(_) | Cause::UnexpectedResponse(_) => {
                vec![party.arguments]
            }
            _ => Vec::new(),
        };
        Some(Self {
            noted_at: now,
            until: now.plus_seconds(seconds),
            round: None,
            token: party.token,
            patience: u64::MAX,
            cause: cause.clone(),
            only_for,
        })
    }

    /// The failure to return to a call; `None` if the call may send a request.
    pub(crate) fn into_cause(self, party: &Party, now: UnixTime) -> Option<Cause> {
        let length = self.until.seconds_since(self.noted_at);
        let remaining = self.until.seconds_since(now).min(MAX_SECONDS);
        // A record from the future comes from a clock that is ahead, or was set back. It must not last longer than an
        // old one.
        let is_believable = length <= MAX_SECONDS
            && self.noted_at <= now.plus_seconds(length.min(CLOCK_SKEW_SECONDS));
        if remaining == 0 || !is_believable {
            return None;
        }
        // A call with another credential, or an additional one, may succeed.
        let names = |fingerprint| self.only_for.contains(fingerprint);
        let is_concerned = self.only_for.is_empty()
            || names(&party.arguments)
            || party.credentials.iter().all(names);
        if !is_concerned || party.patience > self.patience {
            return None;
        }
        Some(match self.cause {
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

    /// Whether it applies only to calls with these arguments.
    pub(crate) fn is_only_for(&self, arguments: Fingerprint) -> bool {
        self.only_for == [arguments]
    }

    pub(crate) fn to_bytes(&self) -> Option<Vec<u8>> {
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
                (UNEXPECTED, &silent)
            }
            _ => return None,
        };
        let mut bytes = Vec::with_capacity(512);
        let [window, last] = self.round.map_or([0, 0], Round::to_numbers);
        let (noted_at, until) = (self.noted_at.to_seconds(), self.until.to_seconds());
        for number in [noted_at, until, window, last, self.patience] {
            push_number(&mut bytes, number);
        }
        bytes.extend_from_slice(&self.token);
        let codes: Vec<String> = refusal.error_codes.iter().map(u64::to_string).collect();
        let retryable = if refusal.is_retryable { "1" } else { "" };
        let status = refusal.status.to_string();
        for text in [kind, &status, &refusal.error, &codes.join(","), retryable] {
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
        bytes.extend(self.only_for.iter().flatten());
        Some(bytes)
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (noted_at, bytes) = split_number(bytes)?;
        let (until, bytes) = split_number(bytes)?;
        let (window, bytes) = split_number(bytes)?;
        let (last, bytes) = split_number(bytes)?;
        let (patience, bytes) = split_number(bytes)?;
        let (token, bytes) = bytes.split_first_chunk()?;
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
            _ => Cause::unexpected(
                Some(status).filter(|&status| status != 0),
                refusal.description.unwrap_or_default(),
            ),
        };
        let (only_for, _) = rest.as_chunks();
        Some(Self {
            noted_at: UnixTime::from_seconds(noted_at),
            until: UnixTime::from_seconds(until),
            round: Some(Round { window, last }).filter(|round| round.window != 0),
            token: *token,
            patience,
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
    const PATIENCE: u64 = 30_000;
    const ROUND: Round = Round { window: 7, last: 8 };

    fn party(credentials: &[Fingerprint], token: Fingerprint, patience: u64) -> Party {
        Party {
            credentials: credentials.to_vec(),
            token,
            arguments: token,
            has_extras: false,
            patience,
        }
    }

    fn with(credentials: &[Fingerprint]) -> Party {
        party(credentials, TOKEN, PATIENCE)
    }

    fn noted(cause: &Cause, credentials: &[Fingerprint]) -> Option<Backoff> {
        let backoff = Backoff::of(cause, &with(credentials), NOW)?;
        Some(Backoff { round: Some(ROUND), ..backoff })
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

    #[test]
    fn remembered_failures_round_trip() {
        for cause in [
            throttled(0),
            Cause::Refused(refusal(401, "invalid_client")),
            Cause::Refused(refusal(400, "invalid_scope")),
            silence("x"),
            Cause::unexpected(Some(404), "x".to_owned()),
        ] {
            let backoff = noted(&cause, &[ONE, OTHER]).unwrap();
            let bytes = backoff.to_bytes().unwrap();
            assert_eq!(Backoff::from_bytes(&bytes).unwrap(), backoff);
            for length in 0..bytes.len() - backoff.only_for.as_flattened().len() {
                assert_eq!(Backoff::from_bytes(&bytes[..length]), None, "{length}");
            }
        }
    }

    #[test]
    fn the_remaining_delay_is_returned_until_it_has_passed() {
        let after = |seconds| {
            let backoff = noted(&throttled(60), &[ONE]).unwrap();
            match backoff.into_cause(&with(&[OTHER]), NOW.plus_seconds(seconds)) {
                Some(Cause::Throttled(throttle)) => Some(throttle.retry_after_seconds),
                _ => None,
            }
        };
        assert_eq!((after(0), after(59), after(60)), (Some(60), Some(1), None));
    }

    #[test]
    fn f10_a_failure_from_the_future_lasts_no_longer_than_an_old_one() {
        let applies =
            |backoff: &Backoff, now| backoff.clone().into_cause(&with(&[ONE]), now).is_some();
        let backoff = noted(&throttled(60), &[]).unwrap();
        assert!(
            applies(&backoff, NOW.minus_seconds(60)) && !applies(&backoff, NOW.minus_seconds(61))
        );
        let for_ever = Backoff { until: NOW.plus_seconds(3_601), ..backoff };
        assert!(!applies(&for_ever, NOW));
    }

    #[test]
    fn a_refused_credential_affects_only_calls_with_that_credential() {
        let cause = Cause::Refused(refusal(401, "invalid_client"));
        let backoff = noted(&cause, &[ONE]).unwrap();
        assert_eq!(backoff.clone().into_cause(&with(&[ONE]), NOW), Some(cause));
        assert_eq!(backoff.clone().into_cause(&with(&[OTHER]), NOW), None);
        assert_eq!(backoff.clone().into_cause(&with(&[ONE, OTHER]), NOW), None);
        assert_eq!(backoff.into_cause(&with(&[ONE]), NOW.plus_seconds(10)), None);
    }

    #[test]
    fn other_refusals_affect_only_that_token() {
        for cause in [
            Cause::Refused(refusal(400, "invalid_scope")),
            Cause::unexpected(Some(302), "x".to_owned()),
        ] {
            let backoff = noted(&cause, &[ONE]).unwrap();
            assert_eq!(backoff.clone().into_cause(&with(&[OTHER]), NOW), Some(cause));
            assert_eq!(backoff.clone().into_cause(&party(&[ONE], [5; 8], PATIENCE), NOW), None);
            assert_eq!(backoff.into_cause(&with(&[ONE]), NOW.plus_seconds(5)), None);
        }
    }

    #[test]
    fn a_server_fault_of_a_request_with_extras_affects_only_the_same_arguments() {
        let own = Party { arguments: [7; 8], has_extras: true, ..with(&[ONE]) };
        for status in [500, 503] {
            let delayed = Cause::Throttled(Throttle {
                retry_after_seconds: 5,
                refusal: refusal(status, "x"),
            });
            for cause in [Cause::Refused(refusal(status, "x")), delayed] {
                let failure = Backoff::of(&cause, &own, NOW).unwrap();
                assert!(failure.clone().into_cause(&own, NOW).is_some());
                assert_eq!(failure.into_cause(&with(&[ONE]), NOW), None);
                let failure = Backoff::of(&cause, &with(&[ONE]), NOW).unwrap();
                assert!(failure.into_cause(&own, NOW).is_some());
            }
        }
        let throttled = Backoff::of(&throttled(5), &own, NOW).unwrap();
        assert!(throttled.into_cause(&with(&[ONE]), NOW).is_some());
    }

    #[test]
    fn a_missing_answer_affects_all_calls() {
        let backoff = noted(&silence("refused"), &[ONE]).unwrap();
        let cause =
            backoff.into_cause(&party(&[OTHER], [5; 8], 600_000), NOW.plus_seconds(2)).unwrap();
        assert!(cause.to_string().contains("refused; another caller had this failure"), "{cause}");
        assert!(cause.to_string().contains("3 seconds"), "{cause}");
    }

    #[test]
    fn a_missing_answer_does_not_affect_calls_with_longer_deadlines() {
        let short = Backoff { patience: 2_000, ..noted(&silence("x"), &[ONE]).unwrap() };
        let applies = |patience| short.clone().into_cause(&party(&[OTHER], [5; 8], patience), NOW);
        assert!(applies(1).is_some() && applies(2_000).is_some());
        assert_eq!(applies(2_001), None);
    }

    #[test]
    fn local_failures_are_not_remembered() {
        let cause = Cause::InvalidCredential(Rejection::missing("provider", "gave none"));
        assert_eq!(noted(&cause, &[]), None);
        assert_eq!(noted(&Cause::NotPermitted("x".to_owned()), &[]), None);
        assert_eq!(noted(&Cause::unexpected(None, "x".to_owned()), &[]), None);
        for kind in [NoAnswer::NotSent, NoAnswer::NotConnected, NoAnswer::BrokenOff] {
            let reason = "x".to_owned();
            assert_eq!(noted(&Cause::Unreachable(Unreachable { kind, reason }), &[]), None);
        }
    }
}
