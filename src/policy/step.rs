//! What to do after a token request that brought no token.

use super::clock_skew;
use super::failover;
use super::retry;
use crate::error::Cause;
use crate::time::UnixTime;

/// What has been tried in a call, and what has not.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Attempt {
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
pub(crate) enum Step {
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
    GoGlobal,
}

/// Decides; `server_time` is what the answer's `Date` says.
pub(crate) fn next_step(
    cause: &Cause,
    attempt: Attempt,
    server_time: Option<UnixTime>,
    now: UnixTime,
) -> Step {
    if let Cause::Refused(refusal) = cause {
        if attempt.may_correct_clock
            && let Some(seconds) = clock_skew::correction(refusal, server_time, now)
        {
            return Step::CorrectClock(seconds);
        }
        if attempt.may_use_rs256
            && refusal.error_codes.iter().any(|code| UNSUITABLE_ALGORITHM.contains(code))
        {
            return Step::UseRs256;
        }
        if attempt.has_more_credentials && failover::is_about_the_credential(refusal) {
            return Step::NextCredential;
        }
    }
    if attempt.has_more_credentials && matches!(cause, Cause::InvalidCredential(_)) {
        return Step::NextCredential;
    }
    if attempt.is_regional && attempt.can_prove_again && matches!(cause, Cause::Unreachable(_)) {
        return Step::GoGlobal;
    }
    let is_worth_it =
        attempt.may_retry && attempt.can_prove_again && retry::is_worth_a_retry(cause);
    if is_worth_it { Step::Retry } else { Step::GiveUp }
}

/// Entra's answers to a key, or a service, that cannot do PS256: a stable reason to sign otherwise.
const UNSUITABLE_ALGORITHM: [u64; 2] = [5_002_730, 5_002_738];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Refusal;
    use crate::error::Rejection;

    const EVERYTHING: Attempt = Attempt {
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

    fn step(cause: &Cause, attempt: Attempt) -> Step {
        let now = UnixTime::from_seconds(1_700_000_000);
        next_step(cause, attempt, Some(now.plus_seconds(600)), now)
    }

    #[test]
    fn each_answer_has_its_remedy() {
        let outside = refused(401, "invalid_client", &[700_024]);
        assert_eq!(step(&outside, EVERYTHING), Step::CorrectClock(600));
        let unsuitable = refused(401, "invalid_client", &[5_002_730]);
        assert_eq!(step(&unsuitable, EVERYTHING), Step::UseRs256);
        let expired = refused(401, "invalid_client", &[7_000_222]);
        assert_eq!(step(&expired, EVERYTHING), Step::NextCredential);
        let unusable = Cause::InvalidCredential(Rejection::missing("provider", "gave none"));
        assert_eq!(step(&unusable, EVERYTHING), Step::NextCredential);
        let silence = Cause::Unreachable("x".to_owned());
        assert_eq!(step(&silence, EVERYTHING), Step::GoGlobal);
        assert_eq!(step(&refused(503, "x", &[]), EVERYTHING), Step::Retry);
        assert_eq!(step(&refused(400, "invalid_scope", &[]), EVERYTHING), Step::GiveUp);
    }

    #[test]
    fn what_has_been_tried_is_not_tried_again() {
        let nothing = Attempt::default();
        for cause in [
            refused(401, "invalid_client", &[700_024]),
            refused(401, "invalid_client", &[5_002_730]),
            refused(401, "invalid_client", &[7_000_222]),
            refused(503, "x", &[]),
            Cause::Unreachable("x".to_owned()),
        ] {
            assert_eq!(step(&cause, nothing), Step::GiveUp, "{cause}");
        }
    }

    #[test]
    fn a_proof_that_was_used_up_is_not_sent_to_another_endpoint_either() {
        let once = Attempt { can_prove_again: false, ..EVERYTHING };
        assert_eq!(step(&Cause::Unreachable("x".to_owned()), once), Step::GiveUp);
        assert_eq!(step(&refused(503, "x", &[]), once), Step::GiveUp);
    }
}
