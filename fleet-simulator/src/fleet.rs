//! Describes and executes a run.

use std::cell::RefCell;
use std::ops::RangeInclusive;
use std::rc::Rc;
use std::time::Duration;

use crate::authority::Authority;
use crate::authority::AuthorityService;
use crate::call_args::CallArgs;
use crate::clocks::Clocks;
use crate::death::Death;
use crate::durations::ms;
use crate::executor::Executor;
use crate::group::Group;
use crate::host_fault::FaultPeriod;
use crate::host_fault::HostFault;
use crate::instance::Instance;
use crate::outcome::Ending;
use crate::outcome::Outcome;
use crate::random::Random;
use crate::report::Report;
use crate::setup::Setup;
use crate::store::Store;
use crate::store::StoreService;
use crate::trace::Trace;
use crate::virtual_clock::VirtualClock;
use crate::world::World;

/// A fleet: groups of instances, the store and the authority that they share, and the faults.
///
/// [`instances`](Self::instances) begins a group; the methods about instances that follow apply to this group, and panic if
/// there is no group yet. Running a fleet twice gives the same run twice.
#[derive(Clone, Debug)]
pub struct Fleet {
    pub(crate) setup: Setup,
}

impl Fleet {
    /// No instances, a linearizable store, and an authority that answers after 200 ms.
    pub fn new(seed: u64) -> Self {
        let setup = Setup {
            seed,
            groups: Vec::new(),
            store: Store::linearizable(),
            authority: Authority::answering_after(ms(200)),
            clocks: Clocks::exact(),
            deaths: Vec::new(),
            start: None,
        };
        Self { setup }
    }

    /// Adds a group of instances. By default all arrive at the start and make one call each, for the same token.
    #[must_use]
    pub fn instances(mut self, instances: u32) -> Self {
        self.setup.groups.push(Group::of(instances));
        self
    }

    /// They arrive at random times within this time.
    #[must_use]
    #[track_caller]
    pub fn arriving_within(self, within: Duration) -> Self {
        self.arriving(Duration::ZERO..=within)
    }

    /// They arrive at random times of this range.
    #[must_use]
    #[track_caller]
    pub fn arriving(self, arrival: RangeInclusive<Duration>) -> Self {
        self.change(|group| group.arrival = arrival)
    }

    /// Each makes `calls` calls, with a random pause of this range after each.
    #[must_use]
    #[track_caller]
    pub fn calling(self, calls: u32, pause: RangeInclusive<Duration>) -> Self {
        self.change(|group| (group.calls, group.pause) = (calls, pause))
    }

    /// Sets the arguments of their calls.
    #[must_use]
    #[track_caller]
    pub fn with_args(self, args: CallArgs) -> Self {
        self.change(|group| group.args = args)
    }

    /// Their hosts have a fault.
    #[must_use]
    #[track_caller]
    pub fn with_host_fault(self, fault: HostFault) -> Self {
        self.with_host_fault_during(Duration::ZERO..=Duration::MAX, fault)
    }

    /// Their hosts have a fault between these times.
    #[must_use]
    #[track_caller]
    pub fn with_host_fault_during(self, times: RangeInclusive<Duration>, fault: HostFault) -> Self {
        self.change(|group| group.fault = Some(FaultPeriod { fault, times }))
    }

    /// Sets the store.
    #[must_use]
    pub fn store(mut self, store: Store) -> Self {
        self.setup.store = store;
        self
    }

    /// Sets the authority.
    #[must_use]
    pub fn authority(mut self, authority: Authority) -> Self {
        self.setup.authority = authority;
        self
    }

    /// Sets the instances' clocks.
    #[must_use]
    pub fn clocks(mut self, clocks: Clocks) -> Self {
        self.setup.clocks = clocks;
        self
    }

    /// Adds a death.
    #[must_use]
    pub fn killing(mut self, death: Death) -> Self {
        self.setup.deaths.push(death);
        self
    }

    /// Sets when the run begins, since 1970. By default the time is random, with a resolution of a nanosecond.
    #[must_use]
    pub fn starting_at(mut self, start: Duration) -> Self {
        self.setup.start = Some(start);
        self
    }

    /// Runs until all instances have finished.
    pub fn run(&self) -> Report {
        let mut random = Random::from_seed(self.setup.seed);
        let clock = Rc::new(VirtualClock::new(random.fork()));
        let store = StoreService::new(self.setup.store.clone(), random.fork());
        let authority = AuthorityService::new(self.setup.authority.clone(), random.fork());
        let start = random.within(&(EPOCH..=EPOCH + A_DAY));
        let world = Rc::new(World {
            clock: Rc::clone(&clock),
            start: self.setup.start.unwrap_or(start),
            store: RefCell::new(store),
            authority: RefCell::new(authority),
            outcomes: RefCell::default(),
            trace: RefCell::new(Trace::default()),
            deaths: RefCell::new(self.setup.deaths.clone()),
        });
        let mut executor = Executor::new(clock);
        self.populate(&mut executor, &world, &mut random);
        let panics = executor.run(MAX_POLLS, MAX_TIME);
        let mut outcomes = world.outcomes.take();
        for panic in panics {
            let is_last = |outcome: &&mut Outcome| outcome.instance == panic.task;
            if let Some(outcome) = outcomes.iter_mut().rev().find(is_last) {
                outcome.ending = Ending::Panicked(panic.message);
            }
        }
        drop(executor);
        Report::new(self.setup.clone(), outcomes, world)
    }

    fn populate(&self, executor: &mut Executor, world: &Rc<World>, random: &mut Random) {
        let mut id = 0;
        for (number, group) in self.setup.groups.iter().enumerate() {
            let group = Rc::new(group.clone());
            for _ in 0..group.instances {
                let arrival = random.within(&group.arrival);
                let seed = random.number();
                let (world, clocks, group) =
                    (Rc::clone(world), self.setup.clocks.clone(), Rc::clone(&group));
                executor.spawn(arrival, move || {
                    let mut random = Random::from_seed(seed);
                    let clock = clocks.of_instance(id, &mut random);
                    let fault = group.fault.clone();
                    let instance = Instance::new(world, id, random, clock, fault);
                    instance.live(group, number)
                });
                id += 1;
            }
        }
    }

    #[track_caller]
    fn change(mut self, change: impl FnOnce(&mut Group)) -> Self {
        let group = self.setup.groups.last_mut();
        change(group.expect("no group yet: call `instances` first"));
        self
    }
}

/// In November 2023.
const EPOCH: Duration = Duration::from_secs(1_700_000_000);
const A_DAY: Duration = Duration::from_secs(86_400);
/// Far more than any run needs that terminates.
const MAX_POLLS: u64 = 50_000_000;
const MAX_TIME: Duration = Duration::from_secs(30 * 86_400);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "call `instances` first")]
    fn describing_instances_before_any_group_exists_panics() {
        let _ = Fleet::new(1).arriving_within(ms(1));
    }
}
