//! How much a call may do.

use std::time::Duration;

use super::refresh;
use crate::call::Call;
use crate::time::Moment;
use crate::time::UnixTime;

/// The bounds of a call's token requests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// When the call started.
    pub(crate) started: UnixTime,
    /// The same on the monotonic clock.
    started_monotonic: Duration,
    /// On the monotonic clock.
    pub(crate) deadline: Duration,
    /// Whether a request may be sent again as it was.
    pub(crate) may_retry: bool,
}

impl Limits {
    pub(crate) fn new(call: &Call, started: Moment) -> Self {
        Self {
            started: started.wall,
            started_monotonic: started.monotonic,
            deadline: started.monotonic.saturating_add(call.request.deadline),
            may_retry: !call.application.is_retry_disabled,
        }
    }

    /// Somebody is waiting for a token that is there already.
    pub(crate) fn for_refresh(self) -> Self {
        let deadline = self.started_monotonic.saturating_add(refresh::DEADLINE);
        Self { deadline: self.deadline.min(deadline), may_retry: false, ..self }
    }
}
