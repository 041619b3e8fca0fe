//! What to do after a token request that brought no token.

use super::clock_skew;
use super::failover;
use super::retry;
use crate::error::Cause;
use crate::time::UnixTime;

/// What has been tried in a call, and what has not.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RecoveryOptions {
    /// Whether the same may be sent again after a pause.
    pub(crate) may_retry: bool,
    /// Whether the credential can prove itself once more.
    pub(crate) can_prove_again: bool,
    /// Whether the credential's times are ours to correct, and have not been corrected yet.
    pub(crate) may_correct_clock: bool,
    /// Whether the credential's algorithm is PS256 by default.
    pub(crate) may_use_rs256: bool,
    /// Whether there are more credentials.
    pub(crate) has_more_credentials: bool,
    /// Whether the request went to a region.
    pub(crate) is_regional: bool,
}

/// What may bring a token after all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recovery {
    /// Nothing.
    GiveUp,
    /// The same once more, after a pause.
    Retry,
    /// An assertion whose times are moved by so many seconds.
    CorrectClock(i64),
    /// The same key with the older algorithm.
    UseRs256,
    /// The next credential.
    NextCredential,
    /// The global endpoint instead of the region's.
    UseGlobalEndpoint,
}

/// Decides; `server_time` is what the answer's `Date` says.
pub(crate) fn choose_recovery(
    cause: &Cause,
    options: RecoveryOptions,
    server_time: Option<UnixTime>,
    now: UnixTime,
) -> Recovery {
    if let Cause::Refused(refusal) = cause {
        if options.may_correct_clock
            && let Some(seconds) = clock_skew::correction(refusal, server_time, now)
        {
            return Recovery::CorrectClock(seconds);
        }
        if options.may_use_rs256
            && refusal.error_codes.iter().any(|code| UNSUITABLE_ALGORITHM.contains(code))
        {
            return Recovery::UseRs256;
        }
        if options.has_more_credentials && failover::is_about_the_credential(refusal) {
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

/// Entra's answers to a key, or a service, that cannot do PS256: a stable reason to sign otherwise.
const UNSUITABLE_ALGORITHM: [u64; 2] = [5_002_730, 5_002_738];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Refusal;
    use crate::error::Rejection;

    const EVERYTHING: RecoveryOptions = RecoveryOptions {
        may_retry: true,
        can_prove_again: true,
        may_correct_clock: true,
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
    fn each_answer_has_its_remedy() {
        let outside = refused(401, "invalid_client", &[700_024]);
        assert_eq!(choose(&outside, EVERYTHING), Recovery::CorrectClock(600));
        let unsuitable = refused(401, "invalid_client", &[5_002_730]);
        assert_eq!(choose(&unsuitable, EVERYTHING), Recovery::UseRs256);
        let expired = refused(401, "invalid_client", &[7_000_222]);
        assert_eq!(choose(&expired, EVERYTHING), Recovery::NextCredential);
        let unusable = Cause::InvalidCredential(Rejection::missing("provider", "gave none"));
        assert_eq!(choose(&unusable, EVERYTHING), Recovery::NextCredential);
        let silence = Cause::Unreachable("x".to_owned());
        assert_eq!(choose(&silence, EVERYTHING), Recovery::UseGlobalEndpoint);
        assert_eq!(choose(&refused(503, "x", &[]), EVERYTHING), Recovery::Retry);
        assert_eq!(choose(&refused(400, "invalid_scope", &[]), EVERYTHING), Recovery::GiveUp);
    }

    #[test]
    fn what_has_been_tried_is_not_tried_again() {
        let nothing = RecoveryOptions::default();
        for cause in [
            refused(401, "invalid_client", &[700_024]),
            refused(401, "invalid_client", &[5_002_730]),
            refused(401, "invalid_client", &[7_000_222]),
            refused(503, "x", &[]),
            Cause::Unreachable("x".to_owned()),
        ] {
            assert_eq!(choose(&cause, nothing), Recovery::GiveUp, "{cause}");
        }
    }

    #[test]
    fn a_proof_that_was_used_up_is_not_sent_to_another_endpoint_either() {
        let once = RecoveryOptions { can_prove_again: false, ..EVERYTHING };
        assert_eq!(choose(&Cause::Unreachable("x".to_owned()), once), Recovery::GiveUp);
        assert_eq!(choose(&refused(503, "x", &[]), once), Recovery::GiveUp);
    }
}
