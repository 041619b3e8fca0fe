//! The state that the instances of a run share.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use crate::authority::AuthorityService;
use crate::death::Death;
use crate::death::DeathMoment;
use crate::death::HostCall;
use crate::outcome::Outcome;
use crate::store::StoreService;
use crate::trace::EventKind;
use crate::trace::Trace;
use crate::virtual_clock::VirtualClock;

pub(crate) struct World {
    pub(crate) clock: Rc<VirtualClock>,
    /// The true time at which the run begins, since 1970.
    pub(crate) start: Duration,
    pub(crate) store: RefCell<StoreService>,
    pub(crate) authority: RefCell<AuthorityService>,
    pub(crate) outcomes: RefCell<Vec<Outcome>>,
    pub(crate) trace: RefCell<Trace>,
    pub(crate) deaths: RefCell<Vec<Death>>,
}

impl World {
    pub(crate) fn now(&self) -> Duration {
        self.clock.now()
    }

    pub(crate) fn record(&self, instance: u32, kind: EventKind) {
        self.trace.borrow_mut().push(self.now(), instance, kind);
    }

    /// Whether this instance dies now. The death is removed, so that it kills only one instance.
    pub(crate) fn takes_death(
        &self,
        instance: u32,
        moment: DeathMoment,
        call: HostCall,
        nth: u32,
    ) -> bool {
        let mut deaths = self.deaths.borrow_mut();
        let death = deaths.iter().position(|death| death.is_now(instance, moment, call, nth));
        death.map(|index| deaths.remove(index)).is_some()
    }
}
