//! Everything that the instances of one run share.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use crate::authority::AuthorityService;
use crate::death::Death;
use crate::death::DeathMoment;
use crate::death::HostCall;
use crate::outcome::Outcome;
use crate::store::StoreService;
use crate::trace::Trace;
use crate::trace::What;
use crate::virtual_clock::VirtualClock;

pub(crate) struct World {
    pub(crate) clock: Rc<VirtualClock>,
    /// What a clock that is right shows when the run begins.
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

    pub(crate) fn tell(&self, instance: u32, what: What) {
        self.trace.borrow_mut().push(self.now(), instance, what);
    }

    /// Whether this instance is to die now. A death is taken off the list, so that nobody dies twice of the same.
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
