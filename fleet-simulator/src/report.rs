//! The result of a run.

use std::rc::Rc;
use std::time::Duration;

use crate::authority::Issued;
use crate::authority::TokenRequest;
use crate::death::HostCall;
use crate::outcome::Outcome;
use crate::setup::Setup;
use crate::trace::Event;
use crate::trace::EventKind;
use crate::trace::Trace;
use crate::world::World;

/// The result of a run. All times are measured from its start.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was run.
    pub(crate) setup: Setup,
    /// The true time at which the run began, since 1970.
    pub start: Duration,
    /// Every call, in the order in which they began.
    pub outcomes: Vec<Outcome>,
    /// Every token request that reached the authority, in order of arrival.
    pub token_requests: Vec<TokenRequest>,
    /// Every token that was issued.
    pub tokens: Vec<Issued>,
    /// The number of store operations.
    pub store_operations: u64,
    /// The number of store operations with a fault, not counting lies.
    pub store_faults: u64,
    /// All events, in order.
    pub trace: Trace,
}

impl Report {
    pub(crate) fn new(setup: Setup, outcomes: Vec<Outcome>, world: Rc<World>) -> Self {
        let start = world.start;
        let trace = world.trace.take();
        let (store_operations, store_faults) = world.store.borrow().counts();
        let authority = Rc::into_inner(world).map(|world| world.authority.into_inner());
        let (token_requests, tokens) =
            authority.map(|authority| authority.into_logs()).unwrap_or_default();
        Self {
            setup,
            start,
            outcomes,
            token_requests,
            tokens,
            store_operations,
            store_faults,
            trace,
        }
    }

    /// The seed, which reproduces the run.
    pub fn seed(&self) -> u64 {
        self.setup.seed
    }

    /// The calls of one group. Groups are numbered from zero, in the order of their description.
    pub fn group(&self, group: usize) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().filter(move |outcome| outcome.group == group)
    }

    /// How many instances were killed during a call.
    pub fn deaths(&self) -> usize {
        self.outcomes.iter().filter(|outcome| !outcome.survived()).count()
    }

    /// The calls during which the instance was not killed.
    pub fn survivors(&self) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().filter(|outcome| outcome.survived())
    }

    /// How many calls ended with a token.
    pub fn served(&self) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.answer().is_some()).count()
    }

    /// How many token requests the calls of one group made.
    pub fn requests_of_group(&self, group: usize) -> usize {
        let is_of_group = |request: &&TokenRequest| {
            self.outcomes.get(request.outcome).is_some_and(|outcome| outcome.group == group)
        };
        self.token_requests.iter().filter(is_of_group).count()
    }

    /// How many store operations of this kind one call made, including failed ones.
    pub fn store_calls_of(&self, outcome: &Outcome, call: HostCall) -> usize {
        let is_one = |event: &&Event| {
            event.instance == outcome.instance
                && (outcome.started..=outcome.ended).contains(&event.at)
                && matches!(event.kind, EventKind::Stored(stored) if stored.call == call)
        };
        self.trace.events().iter().filter(is_one).count()
    }

    /// The duration of the longest surviving call.
    pub fn slowest(&self) -> Duration {
        self.percentile(100)
    }

    /// The duration within which this percentage of the surviving calls ended.
    pub fn percentile(&self, percent: usize) -> Duration {
        let mut took: Vec<_> = self.survivors().map(Outcome::took).collect();
        took.sort_unstable();
        let rank = (took.len() * percent).div_ceil(100);
        took.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    }
}
