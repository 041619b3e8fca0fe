//! Several replicas that receive each other's writes with a delay.

use std::collections::HashMap;
use std::time::Duration;

use super::Access;
use super::Model;
use super::Name;
use super::Value;
use crate::random::Random;

#[derive(Debug)]
pub(super) struct Replicated {
    replicas: u32,
    lag: Duration,
    /// Whether a write is visible at once on the replica where it was made.
    reads_its_writes: bool,
    writes: HashMap<Name, Vec<Write>>,
    increments: HashMap<Name, Vec<Arrivals>>,
}

#[derive(Debug)]
struct Write {
    value: Option<Value>,
    arrivals: Arrivals,
}

/// When a write reaches each replica.
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
    fn get(&mut self, access: Access<'_>, name: Name) -> Option<Value> {
        let home = self.home(access.instance);
        let writes = self.writes.get(&name)?;
        let seen = writes.iter().rev().find(|write| write.arrivals[home] <= access.now)?;
        seen.value.clone()
    }

    fn set(&mut self, access: Access<'_>, name: Name, value: Option<Value>) {
        let arrivals = self.arrivals(access.now, self.home(access.instance), access.random);
        if value.is_none() {
            self.increments.remove(&name);
        }
        let writes = self.writes.entry(name).or_default();
        // Writes before the last one that has reached all replicas are no longer needed.
        let is_known = |write: &Write| write.arrivals.iter().all(|&arrival| arrival <= access.now);
        if let Some(last_known) = writes.iter().rposition(is_known) {
            writes.drain(..last_known);
        }
        writes.push(Write { value, arrivals });
    }

    fn increment(&mut self, access: Access<'_>, name: Name) -> u64 {
        let home = self.home(access.instance);
        let arrivals = self.arrivals(access.now, home, access.random);
        let increments = self.increments.entry(name).or_default();
        let seen = increments.iter().filter(|arrivals| arrivals[home] <= access.now).count();
        increments.push(arrivals);
        seen as u64 + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::durations::secs;

    fn access(random: &mut Random, instance: u32, now: u64) -> Access<'_> {
        Access { now: secs(now), instance, random }
    }

    #[test]
    fn a_write_is_read_at_home_at_once_and_elsewhere_after_the_lag() {
        let mut random = Random::from_seed(1);
        let mut store = Replicated::new(3, secs(60), true);
        store.set(access(&mut random, 4, 0), 9, Some(Value::from(*b"x")));
        assert!(store.get(access(&mut random, 1, 0), 9).is_some());
        let elsewhere = |random: &mut Random, store: &mut Replicated, now| {
            [0, 2].map(|instance| store.get(access(random, instance, now), 9).is_some())
        };
        assert_eq!(elsewhere(&mut random, &mut store, 0), [false, false]);
        assert_eq!(elsewhere(&mut random, &mut store, 60), [true, true]);
    }

    #[test]
    fn the_last_write_wins_on_all_replicas_and_superseded_writes_are_dropped() {
        let mut random = Random::from_seed(1);
        let mut store = Replicated::new(2, secs(1), true);
        for now in 0..100 {
            let value = u8::try_from(now).unwrap();
            let instance = u32::from(value);
            store.set(access(&mut random, instance, now), 9, Some(Value::from([value])));
        }
        for instance in 0..2 {
            assert_eq!(store.get(access(&mut random, instance, 200), 9).unwrap().as_ref(), [99]);
        }
        assert!(store.writes[&9].len() < 4);
    }

    #[test]
    fn each_replica_counts_from_one() {
        let mut random = Random::from_seed(1);
        let mut store = Replicated::new(3, secs(1), true);
        let counts: Vec<_> =
            (0..6).map(|i| store.increment(access(&mut random, i, 0), 9)).collect();
        assert_eq!(counts[..3], [1, 1, 1]);
        assert_eq!(store.increment(access(&mut random, 0, 2), 9), 7);
    }

    #[test]
    fn a_delayed_store_hides_a_write_even_from_its_writer() {
        let mut random = Random::from_seed(1);
        let mut store = Replicated::new(1, secs(60), false);
        store.set(access(&mut random, 0, 0), 9, Some(Value::from(*b"x")));
        assert!(store.get(access(&mut random, 0, 59), 9).is_none());
        assert!(store.get(access(&mut random, 0, 60), 9).is_some());
    }
}
