//! How much a call may do.

use std::time::Duration;

use super::election;
use crate::call::Call;
use crate::error::Cause;
use crate::time::Moment;
use crate::time::UnixTime;
use crate::time::to_milliseconds;

/// The bounds of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// When the call started.
    pub(crate) started: UnixTime,
    /// The same on the monotonic clock.
    pub(crate) started_monotonic: Duration,
    /// On the monotonic clock.
    pub(crate) deadline: Duration,
    /// What one token request may take: a server that is silent for longer is not going to answer.
    pub(crate) attempt: Duration,
    /// Until when to wait for another caller's token, on the monotonic clock.
    pub(crate) wait: Duration,
    /// Whether a request may be sent again as it was.
    pub(crate) may_retry: bool,
}

impl Limits {
    pub(crate) fn new(call: &Call, started: Moment) -> Self {
        let deadline = call.request.deadline;
        // What is left is for a token request of its own.
        let wait = call.request.max_wait.min(deadline.saturating_mul(2) / 3);
        Self {
            started: started.wall,
            started_monotonic: started.monotonic,
            deadline: started.monotonic.saturating_add(deadline),
            attempt: LEAST_ATTEMPT.max(deadline / 3),
            wait: started.monotonic.saturating_add(wait),
            may_retry: !call.application.is_retry_disabled,
        }
    }

    /// The longest deadline of a call for which it holds that the authority failed this one, in milliseconds; none if it
    /// was `sent` something too late, or nothing at all: a slow store may have used up the time.
    pub(crate) fn reach(&self, cause: &Cause, sent: Option<Duration>, now: Moment) -> Option<u64> {
        if !matches!(cause, Cause::Unreachable(_)) || now.monotonic < self.deadline {
            return Some(u64::MAX);
        }
        let silence = self.deadline.saturating_sub(sent.unwrap_or(self.deadline));
        if silence >= LEAST_SILENCE {
            return Some(u64::MAX);
        }
        let whole = self.deadline.saturating_sub(self.started_monotonic);
        (silence >= whole / 2).then_some(to_milliseconds(whole))
    }

    /// Somebody is waiting for a token that is there already.
    pub(crate) fn for_refresh(self) -> Self {
        let deadline = self.started_monotonic.saturating_add(election::REFRESH_DEADLINE);
        Self { deadline: self.deadline.min(deadline), may_retry: false, ..self }
    }
}

/// More than most would wait. A refresh, whose five seconds begin before it has read the store, gives the authority more.
const LEAST_SILENCE: Duration = Duration::from_secs(4);
const LEAST_ATTEMPT: Duration = Duration::from_secs(10);
