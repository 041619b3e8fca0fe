//! The policies of a call: limits, recovery from a failed token request, single flight. They decide and do no I/O.

mod attempt;
pub(crate) mod backoff;
mod clock_skew;
pub(crate) mod election;
pub(crate) mod failover;
mod limits;
mod recovery;
pub(crate) mod retry;

pub(crate) use attempt::AttemptState;
pub(crate) use limits::Limits;
pub(crate) use recovery::Recovery;
pub(crate) use recovery::choose_recovery;
