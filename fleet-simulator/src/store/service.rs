//! The running store: adds latency and faults to a model.

use std::collections::HashMap;
use std::time::Duration;

use super::Access;
use super::Fault;
use super::Model;
use super::Name;
use super::Store;
use super::Value;
use crate::random::Random;

/// The store of one run.
pub(crate) struct StoreService {
    store: Store,
    model: Box<dyn Model>,
    random: Random,
    names: HashMap<String, Name>,
    /// The current and the previous value of each name.
    history: HashMap<Name, [Option<Value>; 2]>,
    operations: u64,
    faults: u64,
}

/// An operation of the store.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Operation<'a> {
    Get,
    Set(&'a [u8]),
    Delete,
    Increment,
}

/// The response to an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Value(Option<Value>),
    Done,
    Count(u64),
    Error(&'static str),
}

/// The timing and the fault of an operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) name: Name,
    pub(crate) fault: Option<Fault>,
    /// The time until it takes effect.
    pub(crate) before: Duration,
    /// The time from then until the response arrives.
    pub(crate) after: Duration,
}

impl StoreService {
    pub(crate) fn new(store: Store, random: Random) -> Self {
        Self {
            model: store.to_model(),
            store,
            random,
            names: HashMap::new(),
            history: HashMap::new(),
            operations: 0,
            faults: 0,
        }
    }

    /// The number of operations so far, and of faults.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.operations, self.faults)
    }

    pub(crate) fn has_atomics(&self) -> bool {
        self.store.has_atomics
    }

    pub(crate) fn plan(&mut self, key: &str) -> Plan {
        self.operations += 1;
        let scheduled = self.store.scheduled.iter().find(|(at, _)| *at == self.operations);
        let fault = match scheduled {
            Some((_, fault)) => Some(*fault),
            None => self.store.chances.draw(&mut self.random),
        };
        self.faults += u64::from(fault.is_some());
        let latency = self.random.within(&self.store.latency);
        let latency = latency + fault.map(Fault::delay).unwrap_or_default();
        let before = self.random.within(&(Duration::ZERO..=latency));
        Plan { name: self.name(key), fault, before, after: latency - before }
    }

    /// Executes an operation, at the moment at which it takes effect.
    pub(crate) fn take_effect(
        &mut self,
        plan: Plan,
        operation: Operation<'_>,
        instance: u32,
        now: Duration,
    ) -> Reply {
        if self.store.outages.iter().any(|outage| outage.contains(&now)) {
            self.faults += u64::from(plan.fault.is_none());
            return Reply::Error("the store is down");
        }
        let Plan { name, fault, .. } = plan;
        match (operation, fault) {
            (_, Some(Fault::Error)) => Reply::Error("the store failed"),
            (Operation::Increment, _) if !self.store.has_atomics => {
                Reply::Error("the store has no counters")
            }
            (_, Some(Fault::LostResponse)) => {
                self.work(name, operation, instance, now);
                Reply::Error("the store did not answer")
            }
            (Operation::Get, Some(Fault::LostWrite)) => Reply::Value(None),
            (Operation::Increment, Some(Fault::LostWrite)) => Reply::Count(1),
            (_, Some(Fault::LostWrite)) => Reply::Done,
            (Operation::Get, Some(Fault::StaleRead)) => {
                let [_, before] = self.history.get(&name).cloned().unwrap_or_default();
                Reply::Value(before)
            }
            (Operation::Get, Some(Fault::ForeignValue)) => Reply::Value(self.foreign(name)),
            (Operation::Get, Some(fault @ (Fault::Corrupted | Fault::Torn))) => {
                let value = self.model.get(access(&mut self.random, instance, now), name);
                Reply::Value(value.map(|value| self.spoil(fault, &value)))
            }
            (Operation::Set(value), Some(fault @ (Fault::Corrupted | Fault::Torn))) => {
                let value = self.spoil(fault, value);
                self.write(name, Some(value), instance, now);
                Reply::Done
            }
            (Operation::Increment, Some(Fault::Corrupted)) => {
                let any = self.random.number();
                Reply::Count(self.random.pick(&[0, any % 10, any, u64::MAX]))
            }
            _ => self.work(name, operation, instance, now),
        }
    }

    fn work(
        &mut self,
        name: Name,
        operation: Operation<'_>,
        instance: u32,
        now: Duration,
    ) -> Reply {
        match operation {
            Operation::Get => {
                Reply::Value(self.model.get(access(&mut self.random, instance, now), name))
            }
            Operation::Set(value) => {
                self.write(name, Some(Value::from(value)), instance, now);
                Reply::Done
            }
            Operation::Delete => {
                self.write(name, None, instance, now);
                Reply::Done
            }
            Operation::Increment => {
                Reply::Count(self.model.increment(access(&mut self.random, instance, now), name))
            }
        }
    }

    fn write(&mut self, name: Name, value: Option<Value>, instance: u32, now: Duration) {
        let [last, before] = self.history.entry(name).or_default();
        *before = last.take();
        last.clone_from(&value);
        self.model.set(access(&mut self.random, instance, now), name, value);
    }

    fn name(&mut self, key: &str) -> Name {
        if let Some(name) = self.names.get(key) {
            return *name;
        }
        let name = Name::try_from(self.names.len()).unwrap_or(Name::MAX);
        self.names.insert(key.to_owned(), name);
        name
    }

    /// The current value of a random other name.
    fn foreign(&mut self, name: Name) -> Option<Value> {
        let mut others: Vec<_> = self.history.iter().filter(|(other, _)| **other != name).collect();
        others.sort_by_key(|(other, _)| **other);
        let values: Vec<_> = others.into_iter().filter_map(|(_, [last, _])| last.clone()).collect();
        if values.is_empty() { None } else { Some(self.random.pick(&values)) }
    }

    fn spoil(&mut self, fault: Fault, value: &[u8]) -> Value {
        if fault == Fault::Torn {
            return Value::from(&value[..value.len() / 2]);
        }
        let mut value = value.to_vec();
        let bit = self.random.below(value.len() as u64 * 8) as usize;
        if let Some(byte) = value.get_mut(bit / 8) {
            *byte ^= 1 << (bit % 8);
        }
        Value::from(value)
    }
}

fn access(random: &mut Random, instance: u32, now: Duration) -> Access<'_> {
    Access { now, instance, random }
}
