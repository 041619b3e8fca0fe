//! The limits of a call.

use std::time::Duration;

use crate::call::Call;
use crate::error::Cause;
use crate::time::Moment;
use crate::time::to_milliseconds;

/// The limits of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// When the call started.
    pub(crate) started: Moment,
    /// The deadline of the call, on the monotonic clock.
    pub(crate) deadline: Duration,
    /// The time that the caller gave the call, or the refresh.
    whole: Duration,
    /// The time limit of one HTTP request: a server that is silent for longer will not answer.
    pub(crate) attempt: Duration,
    /// When to stop waiting for another caller's token, on the monotonic clock.
    pub(crate) wait: Duration,
    /// Whether there is a valid token, so that the call must not take long.
    is_refresh: bool,
    /// Whether a failed request may be repeated.
    pub(crate) may_retry: bool,
}

impl Limits {
    pub(crate) fn new(call: &Call, started: Moment) -> Self {
        let deadline = call.request.deadline;
        // Reserves time for this call's own token request.
        let wait = call.request.max_wait.min(deadline.saturating_mul(2) / 3);
        Self {
            started,
            deadline: started.monotonic.saturating_add(deadline),
            whole: deadline,
            attempt: LEAST_ATTEMPT.max(deadline / 3),
            wait: started.monotonic.saturating_add(wait),
            is_refresh: false,
            may_retry: !call.application.is_retry_disabled,
        }
    }

    /// The longest deadline, in milliseconds, of the calls that this failure applies to. `None` if the request was
    /// `sent` too late or not at all, because then a slow store may have used up the time.
    pub(crate) fn max_affected_deadline(
        &self,
        cause: &Cause,
        sent: Option<Duration>,
        now: Moment,
    ) -> Option<u64> {
        if !matches!(cause, Cause::Unreachable(_)) || now.monotonic < self.deadline {
            return Some(u64::MAX);
        }
        let silence = self.deadline.saturating_sub(sent.unwrap_or(self.deadline));
        if silence >= LEAST_SILENCE {
            return Some(u64::MAX);
        }
        (silence >= self.whole / 2).then_some(to_milliseconds(self.whole))
    }

    /// Whether so much time in the store may leave too little for the token request.
    pub(crate) fn is_much(&self, time_in_store: Duration) -> bool {
        time_in_store > self.whole / 3
    }

    /// The same limits, with time for a token request from now on: at most what the store used up.
    pub(crate) fn extended_from(self, now: Moment, time_in_store: Duration) -> Self {
        if self.is_refresh {
            return self;
        }
        let own = now.monotonic.saturating_add(self.attempt.min(self.whole));
        // By the caller's deadline, so that a second extension does not add to the first.
        let due = self.started.monotonic.saturating_add(self.whole).saturating_add(time_in_store);
        Self { deadline: self.deadline.max(own.min(due)), ..self }
    }

    /// The same limits for a call whose failed request must not be repeated.
    pub(crate) fn without_retry(self) -> Self {
        Self { may_retry: false, ..self }
    }

    /// The limits of a refresh, which delays a caller that could be served from the cache.
    pub(crate) fn for_refresh(self) -> Self {
        let deadline = self.started.monotonic.saturating_add(REFRESH_DEADLINE);
        let whole = self.whole.min(REFRESH_DEADLINE);
        Self {
            deadline: self.deadline.min(deadline),
            whole,
            is_refresh: true,
            may_retry: false,
            ..self
        }
    }
}

/// The deadline of a refresh, which delays a caller that has a valid token. Shorter than a refresh's lease.
const REFRESH_DEADLINE: Duration = Duration::from_secs(5);
/// Longer than most callers wait. Less than a refresh's 5 seconds, part of which are spent on reading the store.
const LEAST_SILENCE: Duration = Duration::from_secs(4);
const LEAST_ATTEMPT: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::application::ApplicationParts;
    use crate::credential::CredentialParts;
    use crate::error::NoAnswer;
    use crate::error::Unreachable;
    use crate::request::TokenRequestParts;
    use crate::secret::Secret;
    use crate::time::UnixTime;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn at(monotonic: u64) -> Moment {
        Moment { wall: UnixTime::from_seconds(1_700_000_000), monotonic: seconds(monotonic) }
    }

    /// Of a call that starts at 100 seconds.
    fn limits(deadline_ms: u64, max_wait_ms: Option<u32>) -> Limits {
        let application = ApplicationParts {
            client_id: "client".to_owned(),
            authority: "contoso.com".to_owned(),
            credentials: vec![CredentialParts::Secret(Secret::from("secret".to_owned()))],
            ..ApplicationParts::default()
        };
        let request = TokenRequestParts {
            scopes: vec!["https://graph.microsoft.com/.default".to_owned()],
            deadline_ms: Some(deadline_ms),
            max_wait_ms,
            ..TokenRequestParts::default()
        };
        Limits::new(&Call::new(application, request).unwrap(), at(100))
    }

    #[test]
    fn a_call_waits_for_two_thirds_of_its_deadline_at_most() {
        assert_eq!(limits(30_000, None).wait, seconds(120));
        assert_eq!(limits(30_000, Some(5_000)).wait, seconds(105));
        assert_eq!(limits(30_000, None).deadline, seconds(130));
    }

    #[test]
    fn an_attempt_has_a_third_of_the_deadline_and_10_seconds_at_least() {
        assert_eq!(limits(30_000, None).attempt, seconds(10));
        assert_eq!(limits(60_000, None).attempt, seconds(20));
        assert_eq!(limits(1_000, None).attempt, seconds(10));
    }

    #[test]
    fn a_refresh_ends_after_5_seconds_and_is_not_repeated() {
        let refresh = limits(30_000, None).for_refresh();
        assert_eq!((refresh.deadline, refresh.may_retry), (seconds(105), false));
        assert_eq!(limits(1_000, None).for_refresh().deadline, seconds(101));
        let extended = refresh.extended_from(at(104), seconds(4));
        assert_eq!(extended.deadline, seconds(105), "the caller has a token");
    }

    #[test]
    fn time_in_the_store_is_given_back_once() {
        let limits = limits(3_000, None);
        assert!(!limits.is_much(seconds(1)) && limits.is_much(Duration::from_millis(1_001)));
        let extended = limits.extended_from(at(102), seconds(2));
        assert_eq!(extended.deadline, seconds(105));
        assert_eq!(extended.extended_from(at(102), seconds(2)).deadline, seconds(105));
        assert_eq!(limits.extended_from(at(100), seconds(0)).deadline, seconds(103));
    }

    #[test]
    fn silence_binds_those_who_wait_no_longer() {
        let silent = Cause::Unreachable(Unreachable {
            kind: NoAnswer::Silent,
            reason: "no answer".to_owned(),
        });
        let affected = |deadline_ms, sent, now| {
            limits(deadline_ms, None).max_affected_deadline(&silent, sent, at(now))
        };
        assert_eq!(affected(30_000, Some(seconds(101)), 110), Some(u64::MAX), "it has time left");
        assert_eq!(
            affected(30_000, Some(seconds(126)), 130),
            Some(u64::MAX),
            "4 seconds of silence"
        );
        assert_eq!(affected(3_000, Some(seconds(101)), 103), Some(3_000));
        assert_eq!(affected(3_000, Some(seconds(102)), 103), None, "sent too late");
        assert_eq!(affected(3_000, None, 103), None, "not sent");
        let refused = Cause::unexpected(None, "x".to_owned());
        let limits = limits(3_000, None);
        assert_eq!(limits.max_affected_deadline(&refused, None, at(103)), Some(u64::MAX));
    }
}
