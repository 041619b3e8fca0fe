//! Chooses the recovery after a failed token request.

use super::clock_skew;
use super::retry;
use crate::error::Cause;
use crate::time::UnixTime;

/// The recoveries that a call has not used up.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RecoveryOptions {
    /// Whether the request may be repeated after a pause.
    pub(crate) may_retry: bool,
    /// Whether the credential can make another proof.
    pub(crate) can_prove_again: bool,
    /// Whether the component sets the assertion's times, and has not corrected them yet.
    pub(crate) may_correct_clock: bool,
    /// The end of the certificate that signs.
    pub(crate) certificate_ends: Option<UnixTime>,
    /// Whether the assertion was signed with PS256 by default.
    pub(crate) may_use_rs256: bool,
    /// Whether there are credentials that have not been tried.
    pub(crate) has_more_credentials: bool,
    /// Whether the request went to a region.
    pub(crate) is_regional: bool,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recovery {
    /// Return the failure.
    GiveUp,
    /// Repeat the request after a pause.
    Retry,
    /// Add this many seconds to the assertion's times.
    CorrectClock(i64),
    /// Sign with RS256 instead of PS256.
    UseRs256,
    /// Use the next credential.
    NextCredential,
    /// Use the global endpoint instead of the region's.
    UseGlobalEndpoint,
}

/// Chooses the recovery; `server_time` is the answer's `Date`.
pub(crate) fn choose_recovery(
    cause: &Cause,
    options: RecoveryOptions,
    server_time: Option<UnixTime>,
    now: UnixTime,
) -> Recovery {
    if let Cause::Refused(refusal) = cause {
        if options.may_correct_clock
            && let Some(seconds) =
                clock_skew::correction(refusal, server_time, now, options.certificate_ends)
        {
            return Recovery::CorrectClock(seconds);
        }
        if options.may_use_rs256
            && refusal.error_codes.iter().any(|code| UNSUITABLE_ALGORITHM.contains(code))
        {
            return Recovery::UseRs256;
        }
        if options.has_more_credentials && refusal.rejects_the_credential() {
            return Recovery::NextCredential;
        }
    }
    if options.has_more_credentials && matches!(cause, Cause::InvalidCredential(_)) {
        return Recovery::NextCredential;
    }
    if options.is_regional && options.can_prove_again && matches!(cause, Cause::Unreachable(_)) {
        return Recovery::UseGlobalEndpoint;
    }
    let is_worth_it =
        options.may_retry && options.can_prove_again && retry::is_worth_a_retry(cause);
    if is_worth_it { Recovery::Retry } else { Recovery::GiveUp }
}

/// Entra's codes for a key or service that does not support PS256.
const UNSUITABLE_ALGORITHM: [u64; 2] = [5_002_730, 5_002_738];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Refusal;
    use crate::error::Rejection;
    use crate::http::SendError;

    const EVERYTHING: RecoveryOptions = RecoveryOptions {
        may_retry: true,
        can_prove_again: true,
        may_correct_clock: true,
        certificate_ends: None,
        may_use_rs256: true,
        has_more_credentials: true,
        is_regional: true,
    };

    fn refused(status: u16, error: &str, codes: &[u64]) -> Cause {
        Cause::Refused(Box::new(Refusal {
            status,
            error: error.to_owned(),
            error_codes: codes.to_vec(),
            ..Refusal::default()
        }))
    }

    fn choose(cause: &Cause, options: RecoveryOptions) -> Recovery {
        let now = UnixTime::from_seconds(1_700_000_000);
        choose_recovery(cause, options, Some(now.plus_seconds(600)), now)
    }

    #[test]
    fn each_failure_has_its_recovery() {
        let outside = refused(401, "invalid_client", &[700_024]);
        assert_eq!(choose(&outside, EVERYTHING), Recovery::CorrectClock(600));
        let unsuitable = refused(401, "invalid_client", &[5_002_730]);
        assert_eq!(choose(&unsuitable, EVERYTHING), Recovery::UseRs256);
        let expired = refused(401, "invalid_client", &[7_000_222]);
        assert_eq!(choose(&expired, EVERYTHING), Recovery::NextCredential);
        let delayed = Refusal {
            status: 401,
            error: "invalid_client".to_owned(),
            retry_after_seconds: Some(3_600),
            ..Refusal::default()
        };
        let delayed = Cause::of_refusal(Box::new(delayed));
        assert_eq!(choose(&delayed, EVERYTHING), Recovery::NextCredential);
        let unusable = Cause::InvalidCredential(Rejection::missing("provider", "gave none"));
        assert_eq!(choose(&unusable, EVERYTHING), Recovery::NextCredential);
        let silence = Cause::from(SendError::Silent("x".to_owned()));
        assert_eq!(choose(&silence, EVERYTHING), Recovery::UseGlobalEndpoint);
        assert_eq!(choose(&refused(503, "x", &[]), EVERYTHING), Recovery::Retry);
        assert_eq!(choose(&refused(400, "invalid_scope", &[]), EVERYTHING), Recovery::GiveUp);
    }

    #[test]
    fn used_up_recoveries_are_not_chosen() {
        let nothing = RecoveryOptions::default();
        for cause in [
            refused(401, "invalid_client", &[700_024]),
            refused(401, "invalid_client", &[5_002_730]),
            refused(401, "invalid_client", &[7_000_222]),
            refused(503, "x", &[]),
            Cause::from(SendError::Silent("x".to_owned())),
        ] {
            assert_eq!(choose(&cause, nothing), Recovery::GiveUp, "{cause}");
        }
    }

    #[test]
    fn a_single_use_proof_is_not_sent_to_another_endpoint() {
        let once = RecoveryOptions { can_prove_again: false, ..EVERYTHING };
        assert_eq!(choose(&Cause::from(SendError::Silent("x".to_owned())), once), Recovery::GiveUp);
        assert_eq!(choose(&refused(503, "x", &[]), once), Recovery::GiveUp);
    }
}
