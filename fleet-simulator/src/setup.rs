//! What is run: the data that a fleet is built from, and that the invariants compare a run with.

use std::time::Duration;

use crate::authority::Authority;
use crate::call_args::CallArgs;
use crate::clocks::Clocks;
use crate::death::Death;
use crate::group::Group;
use crate::outcome::Outcome;
use crate::store::Store;

/// The description of a run.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) seed: u64,
    pub(crate) groups: Vec<Group>,
    pub(crate) store: Store,
    pub(crate) authority: Authority,
    pub(crate) clocks: Clocks,
    pub(crate) deaths: Vec<Death>,
    pub(crate) start: Option<Duration>,
}

impl Setup {
    /// The arguments of a call.
    pub(crate) fn args(&self, call: &Outcome) -> &CallArgs {
        &self.groups[call.group].args
    }

    /// Whether the host of a call had a fault at any time during the call.
    pub(crate) fn has_host_fault(&self, call: &Outcome) -> bool {
        let fault = self.groups[call.group].fault.as_ref();
        fault.is_some_and(|fault| fault.overlaps(&(call.started..=call.ended)))
    }
}
