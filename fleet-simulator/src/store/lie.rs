//! Stores that report success for what they have not done. Each of these behaviours exists in real stores.

use std::collections::HashMap;
use std::time::Duration;

use super::Access;
use super::Model;
use super::Name;
use super::Value;

/// How a store deviates from what it reports.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lie {
    /// Increments of an absent counter are blind writes: all increments within this time return 1. Compare-and-swap on an
    /// absent key behaves like this in stores that implement it as a plain put.
    ManyAreFirst {
        /// How long the counter is treated as absent.
        within: Duration,
    },
    /// Lost races return OK: of the writes or increments of a name within this time only the first takes effect, and the
    /// others report success.
    LostRacesAnswerOk {
        /// How long a race takes.
        within: Duration,
    },
    /// Some increments count twice, as with a client library that retries after a timeout.
    CountsTwice {
        /// The probability for each increment.
        probability: f64,
    },
    /// Another program increments the counter as well: every increment returns a number larger by `tickets`.
    TicketsAreTaken {
        /// How many tickets are taken already.
        tickets: u64,
    },
    /// Every increment returns the same number.
    AlwaysReturns {
        /// The number.
        count: u64,
    },
    /// Some reads return an older value of the key, of any age, even one that was overwritten or deleted.
    OlderValues {
        /// The probability for each read.
        probability: f64,
    },
}

/// A model with a lie.
pub(super) struct Lying {
    model: Box<dyn Model>,
    lie: Lie,
    /// When each counter was first incremented, or last incremented without a race, and the count returned then.
    counted: HashMap<Name, (Duration, u64)>,
    /// When each value was last written without a race, and by which instance.
    written: HashMap<Name, (Duration, u32)>,
    /// Every value that each name had.
    older: HashMap<Name, Vec<Option<Value>>>,
}

impl Lying {
    pub(super) fn new(model: Box<dyn Model>, lie: Lie) -> Self {
        Self { model, lie, counted: HashMap::new(), written: HashMap::new(), older: HashMap::new() }
    }
}

impl Model for Lying {
    fn get(&mut self, access: Access<'_>, name: Name) -> Option<Value> {
        if let Lie::OlderValues { probability } = self.lie
            && let Some(older) = self.older.get(&name)
            && access.random.chance(probability)
        {
            return access.random.pick(older);
        }
        self.model.get(access, name)
    }

    fn set(&mut self, access: Access<'_>, name: Name, value: Option<Value>) {
        if let Lie::LostRacesAnswerOk { within } = self.lie {
            let winner = self.written.get(&name).copied();
            if winner.is_some_and(|(at, by)| by != access.instance && access.now < at + within) {
                return;
            }
            self.written.insert(name, (access.now, access.instance));
        }
        if matches!(self.lie, Lie::OlderValues { .. }) {
            self.older.entry(name).or_default().push(value.clone());
        }
        self.model.set(access, name, value);
    }

    fn increment(&mut self, access: Access<'_>, name: Name) -> u64 {
        let now = access.now;
        match self.lie {
            Lie::ManyAreFirst { within } => {
                let (first, _) = *self.counted.entry(name).or_insert((now, 1));
                let count = self.model.increment(access, name);
                if now < first + within { 1 } else { count }
            }
            Lie::LostRacesAnswerOk { within } => match self.counted.get(&name) {
                Some(&(at, count)) if now < at + within => count,
                _ => {
                    let count = self.model.increment(access, name);
                    self.counted.insert(name, (now, count));
                    count
                }
            },
            Lie::CountsTwice { probability } => {
                let Access { now, instance, random } = access;
                if random.chance(probability) {
                    self.model.increment(Access { now, instance, random }, name);
                }
                self.model.increment(Access { now, instance, random }, name)
            }
            Lie::TicketsAreTaken { tickets } => {
                self.model.increment(access, name).wrapping_add(tickets)
            }
            Lie::AlwaysReturns { count } => count,
            Lie::OlderValues { .. } => self.model.increment(access, name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::durations::ms;
    use crate::random::Random;
    use crate::store::linearizable::Linearizable;

    fn tickets(lie: Lie) -> Vec<u64> {
        let mut store = Lying::new(Box::new(Linearizable::default()), lie);
        let mut random = Random::from_seed(1);
        let mut ticket =
            |now| store.increment(Access { now: ms(now), instance: 0, random: &mut random }, 1);
        [0, 1, 2, 10, 11].map(&mut ticket).to_vec()
    }

    #[test]
    fn each_lie_returns_its_counts() {
        assert_eq!(tickets(Lie::ManyAreFirst { within: ms(5) }), [1, 1, 1, 4, 5]);
        assert_eq!(tickets(Lie::LostRacesAnswerOk { within: ms(5) }), [1, 1, 1, 2, 2]);
        assert_eq!(tickets(Lie::CountsTwice { probability: 1.0 }), [2, 4, 6, 8, 10]);
        assert_eq!(tickets(Lie::TicketsAreTaken { tickets: 7 }), [8, 9, 10, 11, 12]);
        assert_eq!(tickets(Lie::AlwaysReturns { count: 0 }), [0; 5]);
    }

    #[test]
    fn a_lost_race_to_write_reports_success() {
        let lie = Lie::LostRacesAnswerOk { within: ms(5) };
        let mut store = Lying::new(Box::new(Linearizable::default()), lie);
        let mut random = Random::from_seed(1);
        for (instance, now) in [(0, 0), (1, 4), (0, 4)] {
            let access = Access { now: ms(now), instance, random: &mut random };
            let value = [u8::try_from(instance).unwrap(), u8::try_from(now).unwrap()];
            store.set(access, 1, Some(Value::from(value)));
        }
        let access = Access { now: ms(4), instance: 1, random: &mut random };
        assert_eq!(store.get(access, 1).unwrap().as_ref(), [0, 4]);
    }
}
