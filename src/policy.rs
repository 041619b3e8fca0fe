//! What is done when the first try does not give a token: each policy decides, and none acts.

pub(crate) mod backoff;
mod clock_skew;
mod course;
pub(crate) mod election;
pub(crate) mod failover;
mod limits;
pub(crate) mod retry;
mod step;

pub(crate) use course::Course;
pub(crate) use limits::Limits;
pub(crate) use step::Step;
pub(crate) use step::next_step;
