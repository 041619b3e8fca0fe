//! Stores that answer as if they had done what they have not. Each of these exists.

use std::collections::HashMap;
use std::time::Duration;

use super::Model;
use super::Name;
use super::Value;
use super::Visit;

/// What a store pretends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lie {
    /// The first increments of an absent counter are blind writes: all that come within this time are told that they
    /// are first. So does compare-and-swap on an absent key, where it is a plain put.
    ManyAreFirst {
        /// How long a counter counts as absent.
        within: Duration,
    },
    /// Who loses a race is told OK: of the writes and increments of a name within this time the first counts, and the
    /// others are answered as if they had.
    LostRacesAnswerOk {
        /// How long a race takes.
        within: Duration,
    },
    /// An increment is counted twice, so often, by a client library that repeats what was not answered in time.
    CountsTwice {
        /// How often.
        probability: f64,
    },
    /// Somebody else keeps counting: every increment is told a place so much further back.
    PlacesAreTaken {
        /// How many are in front.
        places: u64,
    },
    /// Every increment is told this, whatever the counter is.
    AlwaysCounts {
        /// What it is told.
        place: u64,
    },
}

/// A model behind a lie.
pub(super) struct Lying {
    model: Box<dyn Model>,
    lie: Lie,
    /// When each counter was first added to, or last written to without a race, and what was told then.
    counted: HashMap<Name, (Duration, u64)>,
    /// When each value was last written without a race, and by whom.
    written: HashMap<Name, (Duration, u32)>,
}

impl Lying {
    pub(super) fn new(model: Box<dyn Model>, lie: Lie) -> Self {
        Self { model, lie, counted: HashMap::new(), written: HashMap::new() }
    }
}

impl Model for Lying {
    fn get(&mut self, visit: Visit<'_>, name: Name) -> Option<Value> {
        self.model.get(visit, name)
    }

    fn set(&mut self, visit: Visit<'_>, name: Name, value: Option<Value>) {
        if let Lie::LostRacesAnswerOk { within } = self.lie {
            let winner = self.written.get(&name).copied();
            if winner.is_some_and(|(at, by)| by != visit.instance && visit.now < at + within) {
                return;
            }
            self.written.insert(name, (visit.now, visit.instance));
        }
        self.model.set(visit, name, value);
    }

    fn increment(&mut self, visit: Visit<'_>, name: Name) -> u64 {
        let now = visit.now;
        match self.lie {
            Lie::ManyAreFirst { within } => {
                let (first, _) = *self.counted.entry(name).or_insert((now, 1));
                let count = self.model.increment(visit, name);
                if now < first + within { 1 } else { count }
            }
            Lie::LostRacesAnswerOk { within } => match self.counted.get(&name) {
                Some(&(at, told)) if now < at + within => told,
                _ => {
                    let told = self.model.increment(visit, name);
                    self.counted.insert(name, (now, told));
                    told
                }
            },
            Lie::CountsTwice { probability } => {
                let Visit { now, instance, random } = visit;
                if random.chance(probability) {
                    self.model.increment(Visit { now, instance, random }, name);
                }
                self.model.increment(Visit { now, instance, random }, name)
            }
            Lie::PlacesAreTaken { places } => {
                self.model.increment(visit, name).wrapping_add(places)
            }
            Lie::AlwaysCounts { place } => place,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use crate::span::ms;
    use crate::store::linearizable::Linearizable;

    fn places(lie: Lie) -> Vec<u64> {
        let mut store = Lying::new(Box::new(Linearizable::default()), lie);
        let mut random = Random::from_seed(1);
        let mut place =
            |now| store.increment(Visit { now: ms(now), instance: 0, random: &mut random }, 1);
        [0, 1, 2, 10, 11].map(&mut place).to_vec()
    }

    #[test]
    fn each_lie_is_told() {
        assert_eq!(places(Lie::ManyAreFirst { within: ms(5) }), [1, 1, 1, 4, 5]);
        assert_eq!(places(Lie::LostRacesAnswerOk { within: ms(5) }), [1, 1, 1, 2, 2]);
        assert_eq!(places(Lie::CountsTwice { probability: 1.0 }), [2, 4, 6, 8, 10]);
        assert_eq!(places(Lie::PlacesAreTaken { places: 7 }), [8, 9, 10, 11, 12]);
        assert_eq!(places(Lie::AlwaysCounts { place: 0 }), [0; 5]);
    }

    #[test]
    fn the_loser_of_a_race_to_write_is_not_told() {
        let lie = Lie::LostRacesAnswerOk { within: ms(5) };
        let mut store = Lying::new(Box::new(Linearizable::default()), lie);
        let mut random = Random::from_seed(1);
        for (instance, now) in [(0, 0), (1, 4), (0, 4)] {
            let visit = Visit { now: ms(now), instance, random: &mut random };
            let value = [u8::try_from(instance).unwrap(), u8::try_from(now).unwrap()];
            store.set(visit, 1, Some(Value::from(value)));
        }
        let visit = Visit { now: ms(4), instance: 1, random: &mut random };
        assert_eq!(store.get(visit, 1).unwrap().as_ref(), [0, 4]);
    }
}
