//! Recovery from a failed token request: what the next request of the call changes. Everything here decides and does no
//! I/O.

mod attempt;
mod clock_skew;
pub(crate) mod failover;
mod next;
pub(crate) mod retry;

pub(crate) use attempt::AttemptState;
pub(crate) use next::Recovery;
pub(crate) use next::choose_recovery;
