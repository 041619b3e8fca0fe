//! What came of a run.

use std::rc::Rc;
use std::time::Duration;

use crate::authority::Issued;
use crate::authority::TokenRequest;
use crate::death::HostCall;
use crate::fleet::Fleet;
use crate::laws;
use crate::laws::Broken;
use crate::outcome::Outcome;
use crate::trace::Event;
use crate::trace::Trace;
use crate::trace::What;
use crate::world::World;

/// Everything that is known of a run when it is over. Times are the time since it began.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was run.
    pub fleet: Fleet,
    /// What a clock that is right showed when the run began, since 1970.
    pub start: Duration,
    /// Every call, in the order in which they began.
    pub outcomes: Vec<Outcome>,
    /// Every token request that reached the authority, in the order in which they did.
    pub token_requests: Vec<TokenRequest>,
    /// Every token that was issued.
    pub tokens: Vec<Issued>,
    /// Operations of the store.
    pub store_operations: u64,
    /// Operations of the store that went wrong, lies not counted.
    pub store_faults: u64,
    /// What happened, in order.
    pub trace: Trace,
}

impl Report {
    pub(crate) fn new(fleet: Fleet, outcomes: Vec<Outcome>, world: Rc<World>) -> Self {
        let start = world.start;
        let trace = world.trace.take();
        let (store_operations, store_faults) = world.store.borrow().counts();
        let authority = Rc::into_inner(world).map(|world| world.authority.into_inner());
        let (token_requests, tokens) =
            authority.map(|authority| authority.into_logs()).unwrap_or_default();
        Self {
            fleet,
            start,
            outcomes,
            token_requests,
            tokens,
            store_operations,
            store_faults,
            trace,
        }
    }

    /// The seed, which makes the same run again.
    pub fn seed(&self) -> u64 {
        self.fleet.seed
    }

    /// The calls of one group, which are numbered in the order in which they were described.
    pub fn group(&self, group: usize) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().filter(move |outcome| outcome.group == group)
    }

    /// How many were killed in a call.
    pub fn deaths(&self) -> usize {
        self.outcomes.iter().filter(|outcome| !outcome.survived()).count()
    }

    /// The calls of instances that were not killed in them.
    pub fn survivors(&self) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().filter(|outcome| outcome.survived())
    }

    /// How many calls ended with a token.
    pub fn served(&self) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.answer().is_some()).count()
    }

    /// How many token requests calls of one group made.
    pub fn requests_of_group(&self, group: usize) -> usize {
        let is_of_group = |request: &&TokenRequest| {
            self.outcomes.get(request.outcome).is_some_and(|outcome| outcome.group == group)
        };
        self.token_requests.iter().filter(is_of_group).count()
    }

    /// How often the store was asked for this by one call, errors included.
    pub fn store_calls_of(&self, outcome: &Outcome, call: HostCall) -> usize {
        let is_one = |event: &&Event| {
            event.instance == outcome.instance
                && (outcome.started..=outcome.ended).contains(&event.at)
                && matches!(event.what, What::Stored(stored) if stored.call == call)
        };
        self.trace.events().iter().filter(is_one).count()
    }

    /// The longest call of those that survived.
    pub fn slowest(&self) -> Duration {
        self.percentile(100)
    }

    /// So many percent of the surviving calls took this long at most.
    pub fn percentile(&self, percent: usize) -> Duration {
        let mut took: Vec<_> = self.survivors().map(Outcome::took).collect();
        took.sort_unstable();
        let rank = (took.len() * percent).div_ceil(100);
        took.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    }

    /// How many token requests are explained by what happened.
    pub fn explained_requests(&self) -> usize {
        laws::explained_requests(self)
    }

    /// The laws that the run broke.
    pub fn broken_laws(&self) -> Vec<Broken> {
        laws::check(self)
    }

    /// Panics if the run broke a law, with its seed, the law and what happened.
    #[track_caller]
    pub fn check_laws(&self) {
        let broken = self.broken_laws();
        assert!(broken.is_empty(), "{}", laws::to_text(self, &broken));
    }
}
