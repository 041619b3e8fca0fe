//! The store that the fleet shares: a model of what it promises, the lies it tells, and the faults it has.

mod fault;
mod lie;
mod linearizable;
mod model;
mod replicated;
mod service;

use std::fmt;
use std::ops::RangeInclusive;
use std::rc::Rc;
use std::time::Duration;

pub use fault::Chances;
pub use fault::Fault;
pub use lie::Lie;
use lie::Lying;
use linearizable::Linearizable;
pub use model::Model;
pub use model::Name;
pub use model::Value;
pub use model::Visit;
use replicated::Replicated;
pub(crate) use service::Operation;
pub(crate) use service::Plan;
pub(crate) use service::Reply;
pub(crate) use service::StoreService;

use crate::span::ms;

/// Describes a store.
#[derive(Clone, Debug)]
pub struct Store {
    kind: Kind,
    has_atomics: bool,
    lie: Option<Lie>,
    latency: RangeInclusive<Duration>,
    /// Operations of the whole run, counted from one, that go wrong.
    scheduled: Vec<(u64, Fault)>,
    chances: Chances,
    outages: Vec<RangeInclusive<Duration>>,
}

#[derive(Clone)]
enum Kind {
    Linearizable,
    Replicated { replicas: u32, lag: Duration, reads_its_writes: bool },
    Other(Rc<dyn Fn() -> Box<dyn Model>>),
}

impl Store {
    /// One copy; every operation takes effect at one moment between its start and its end.
    pub fn linearizable() -> Self {
        Self::of_kind(Kind::Linearizable)
    }

    /// So many copies. Each instance works on one, and the others learn of it up to `lag` later; the last writer wins. A
    /// counter tells what its copy has heard of.
    pub fn replicated(replicas: u32, lag: Duration) -> Self {
        let replicas = replicas.max(1);
        Self::of_kind(Kind::Replicated { replicas, lag, reads_its_writes: true })
    }

    /// Nobody, not even the writer, reads what was written before `lag` has passed. Counters lag as well.
    pub fn delayed(lag: Duration) -> Self {
        Self::of_kind(Kind::Replicated { replicas: 1, lag, reads_its_writes: false })
    }

    /// A model of your own.
    pub fn modelled(make: impl Fn() -> Box<dyn Model> + 'static) -> Self {
        Self::of_kind(Kind::Other(Rc::new(make)))
    }

    fn of_kind(kind: Kind) -> Self {
        Self {
            kind,
            has_atomics: true,
            lie: None,
            latency: ms(1)..=ms(5),
            scheduled: Vec::new(),
            chances: Chances::default(),
            outages: Vec::new(),
        }
    }

    /// Another latency than 1 to 5 ms. The operation takes effect somewhere within it.
    #[must_use]
    pub fn latency(mut self, latency: RangeInclusive<Duration>) -> Self {
        self.latency = latency;
        self
    }

    /// `increment` is an error.
    #[must_use]
    pub fn without_atomics(mut self) -> Self {
        self.has_atomics = false;
        self
    }

    /// The store does not do what it says.
    #[must_use]
    pub fn lying(mut self, lie: Lie) -> Self {
        self.lie = Some(lie);
        self
    }

    /// The k-th operation of the run, counted from one over all instances, goes wrong.
    #[must_use]
    pub fn failing_at(mut self, operation: u64, fault: Fault) -> Self {
        self.scheduled.push((operation, fault));
        self
    }

    /// Operations go wrong by chance.
    #[must_use]
    pub fn failing_by_chance(mut self, chances: Chances) -> Self {
        self.chances = chances;
        self
    }

    /// Every operation between these times is an error.
    #[must_use]
    pub fn down(mut self, outage: RangeInclusive<Duration>) -> Self {
        self.outages.push(outage);
        self
    }

    /// Whether it has one copy with atomics, tells the truth and has no faults.
    pub(crate) fn is_healthy(&self) -> bool {
        matches!(self.kind, Kind::Linearizable) && self.has_atomics && self.has_no_faults()
    }

    pub(crate) fn has_counters(&self) -> bool {
        self.has_atomics
    }

    /// Whether a counter tells one caller, and no more, that it is the first.
    pub(crate) fn counts_well(&self) -> bool {
        matches!(self.kind, Kind::Linearizable) && self.lie.is_none()
    }

    /// Whether what was taken without a fault is there.
    pub(crate) fn keeps_what_it_takes(&self) -> bool {
        let is_known = !matches!(self.kind, Kind::Other(_));
        is_known && !matches!(self.lie, Some(Lie::LostRacesAnswerOk { .. }))
    }

    /// How many copies work on their own.
    pub(crate) fn replicas(&self) -> usize {
        match self.kind {
            Kind::Replicated { replicas, .. } => replicas as usize,
            Kind::Linearizable | Kind::Other(_) => 1,
        }
    }

    /// How long not even the writer reads what it wrote.
    pub(crate) fn lag_for_all(&self) -> Option<Duration> {
        match self.kind {
            Kind::Replicated { lag, reads_its_writes: false, .. } => Some(lag),
            _ => None,
        }
    }

    fn has_no_faults(&self) -> bool {
        self.lie.is_none()
            && self.scheduled.is_empty()
            && self.chances.are_none()
            && self.outages.is_empty()
    }

    /// The longest that one operation takes.
    pub(crate) fn longest_operation(&self) -> Duration {
        let scheduled = self.scheduled.iter().map(|(_, fault)| fault.delay()).max();
        *self.latency.end() + scheduled.unwrap_or_default().max(self.chances.longest_delay())
    }

    fn to_model(&self) -> Box<dyn Model> {
        let model: Box<dyn Model> = match &self.kind {
            Kind::Linearizable => Box::new(Linearizable::default()),
            Kind::Replicated { replicas, lag, reads_its_writes } => {
                Box::new(Replicated::new(*replicas, *lag, *reads_its_writes))
            }
            Kind::Other(make) => make(),
        };
        match self.lie {
            Some(lie) => Box::new(Lying::new(model, lie)),
            None => model,
        }
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Linearizable => formatter.write_str("linearizable"),
            Self::Replicated { replicas, lag, reads_its_writes } => {
                write!(formatter, "replicated({replicas}, {lag:?}, own writes: {reads_its_writes})")
            }
            Self::Other(_) => formatter.write_str("a model of the caller's"),
        }
    }
}
