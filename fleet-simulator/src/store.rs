//! The store that the fleet shares: a model of its guarantees, with optional lies and faults.

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
pub use model::Access;
pub use model::Model;
pub use model::Name;
pub use model::Value;
use replicated::Replicated;
pub(crate) use service::Operation;
pub(crate) use service::Plan;
pub(crate) use service::Reply;
pub(crate) use service::StoreService;

use crate::durations::ms;

/// Describes a store.
#[derive(Clone, Debug)]
pub struct Store {
    kind: Kind,
    has_atomics: bool,
    lie: Option<Lie>,
    latency: RangeInclusive<Duration>,
    /// Faults of single operations, which are counted from one over the whole run.
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
    /// A single copy: every operation takes effect at one moment between its start and its end.
    pub fn linearizable() -> Self {
        Self::of_kind(Kind::Linearizable)
    }

    /// Several replicas. Each instance uses one of them, and its writes reach the others up to `lag` later; the last write
    /// wins. A counter returns what has reached its replica.
    pub fn replicated(replicas: u32, lag: Duration) -> Self {
        let replicas = replicas.max(1);
        Self::of_kind(Kind::Replicated { replicas, lag, reads_its_writes: true })
    }

    /// A write becomes visible after `lag`, even to its writer. Counters lag as well.
    pub fn delayed(lag: Duration) -> Self {
        Self::of_kind(Kind::Replicated { replicas: 1, lag, reads_its_writes: false })
    }

    /// A store with a custom model.
    pub fn custom(make: impl Fn() -> Box<dyn Model> + 'static) -> Self {
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

    /// Sets the latency. An operation takes effect at a random moment within it. Default: 1 to 5 ms.
    #[must_use]
    pub fn latency(mut self, latency: RangeInclusive<Duration>) -> Self {
        self.latency = latency;
        self
    }

    /// Makes `increment` return an error.
    #[must_use]
    pub fn without_atomics(mut self) -> Self {
        self.has_atomics = false;
        self
    }

    /// Makes the store report success for what it has not done.
    #[must_use]
    pub fn lying(mut self, lie: Lie) -> Self {
        self.lie = Some(lie);
        self
    }

    /// Adds a fault to one operation, counted from one over all instances.
    #[must_use]
    pub fn failing_at(mut self, operation: u64, fault: Fault) -> Self {
        self.scheduled.push((operation, fault));
        self
    }

    /// Adds faults at random.
    #[must_use]
    pub fn failing_by_chance(mut self, chances: Chances) -> Self {
        self.chances = chances;
        self
    }

    /// Makes every operation between these times fail.
    #[must_use]
    pub fn down(mut self, outage: RangeInclusive<Duration>) -> Self {
        self.outages.push(outage);
        self
    }

    /// Whether it is linearizable, has atomics, and has neither lies nor faults.
    pub(crate) fn is_healthy(&self) -> bool {
        matches!(self.kind, Kind::Linearizable) && self.has_atomics && self.has_no_faults()
    }

    fn has_no_faults(&self) -> bool {
        self.lie.is_none()
            && self.scheduled.is_empty()
            && self.chances.are_none()
            && self.outages.is_empty()
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
            Self::Other(_) => formatter.write_str("custom"),
        }
    }
}
