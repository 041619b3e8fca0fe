//! Several copies that hear of one another's writes later.

use std::collections::HashMap;
use std::time::Duration;

use super::Model;
use super::Name;
use super::Value;
use super::Visit;
use crate::random::Random;

#[derive(Debug)]
pub(super) struct Replicated {
    replicas: u32,
    lag: Duration,
    /// Whether a write is seen at once where it was made.
    reads_its_writes: bool,
    writes: HashMap<Name, Vec<Write>>,
    increments: HashMap<Name, Vec<Arrivals>>,
}

#[derive(Debug)]
struct Write {
    value: Option<Value>,
    arrivals: Arrivals,
}

/// When each replica hears of something.
type Arrivals = Vec<Duration>;

impl Replicated {
    pub(super) fn new(replicas: u32, lag: Duration, reads_its_writes: bool) -> Self {
        Self { replicas, lag, reads_its_writes, writes: HashMap::new(), increments: HashMap::new() }
    }

    fn home(&self, instance: u32) -> usize {
        (instance % self.replicas) as usize
    }

    fn arrivals(&self, now: Duration, home: usize, random: &mut Random) -> Arrivals {
        let lag = |replica| {
            if !self.reads_its_writes {
                self.lag
            } else if replica == home {
                Duration::ZERO
            } else {
                random.within(&(Duration::ZERO..=self.lag))
            }
        };
        (0..self.replicas as usize).map(lag).map(|lag| now + lag).collect()
    }
}

impl Model for Replicated {
    fn get(&mut self, visit: Visit<'_>, name: Name) -> Option<Value> {
        let home = self.home(visit.instance);
        let writes = self.writes.get(&name)?;
        let heard = writes.iter().rev().find(|write| write.arrivals[home] <= visit.now)?;
        heard.value.clone()
    }

    fn set(&mut self, visit: Visit<'_>, name: Name, value: Option<Value>) {
        let arrivals = self.arrivals(visit.now, self.home(visit.instance), visit.random);
        if value.is_none() {
            self.increments.remove(&name);
        }
        let writes = self.writes.entry(name).or_default();
        // All have heard of a later one than those in front of it.
        let is_known = |write: &Write| write.arrivals.iter().all(|&arrival| arrival <= visit.now);
        if let Some(last_known) = writes.iter().rposition(is_known) {
            writes.drain(..last_known);
        }
        writes.push(Write { value, arrivals });
    }

    fn increment(&mut self, visit: Visit<'_>, name: Name) -> u64 {
        let home = self.home(visit.instance);
        let arrivals = self.arrivals(visit.now, home, visit.random);
        let increments = self.increments.entry(name).or_default();
        let heard = increments.iter().filter(|arrivals| arrivals[home] <= visit.now).count();
        increments.push(arrivals);
        heard as u64 + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::secs;

    fn visit(random: &mut Random, instance: u32, now: u64) -> Visit<'_> {
        Visit { now: secs(now), instance, random }
    }

    #[test]
    fn a_write_is_read_at_home_at_once_and_elsewhere_after_the_lag() {
        let mut random = Random::from_seed(1);
        let mut store = Replicated::new(3, secs(60), true);
        store.set(visit(&mut random, 4, 0), 9, Some(Value::from(*b"x")));
        assert!(store.get(visit(&mut random, 1, 0), 9).is_some());
        let elsewhere = |random: &mut Random, store: &mut Replicated, now| {
            [0, 2].map(|instance| store.get(visit(random, instance, now), 9).is_some())
        };
        assert_eq!(elsewhere(&mut random, &mut store, 0), [false, false]);
        assert_eq!(elsewhere(&mut random, &mut store, 60), [true, true]);
    }

    #[test]
    fn the_last_writer_wins_everywhere_and_what_is_superseded_is_forgotten() {
        let mut random = Random::from_seed(1);
        let mut store = Replicated::new(2, secs(1), true);
        for now in 0..100 {
            let value = u8::try_from(now).unwrap();
            let instance = u32::from(value);
            store.set(visit(&mut random, instance, now), 9, Some(Value::from([value])));
        }
        for instance in 0..2 {
            assert_eq!(store.get(visit(&mut random, instance, 200), 9).unwrap().as_ref(), [99]);
        }
        assert!(store.writes[&9].len() < 4);
    }

    #[test]
    fn each_replica_has_a_first() {
        let mut random = Random::from_seed(1);
        let mut store = Replicated::new(3, secs(1), true);
        let places: Vec<_> = (0..6).map(|i| store.increment(visit(&mut random, i, 0), 9)).collect();
        assert_eq!(places[..3], [1, 1, 1]);
        assert_eq!(store.increment(visit(&mut random, 0, 2), 9), 7);
    }

    #[test]
    fn a_delayed_store_shows_nobody_his_own_write() {
        let mut random = Random::from_seed(1);
        let mut store = Replicated::new(1, secs(60), false);
        store.set(visit(&mut random, 0, 0), 9, Some(Value::from(*b"x")));
        assert!(store.get(visit(&mut random, 0, 59), 9).is_none());
        assert!(store.get(visit(&mut random, 0, 60), 9).is_some());
    }
}
