//! What a store does with an operation at the moment at which it takes effect.

use std::rc::Rc;
use std::time::Duration;

use crate::random::Random;

/// A key of the store, numbered in the order of first use.
pub type Name = u32;

/// What is stored under a name.
pub type Value = Rc<[u8]>;

/// Who comes to the store, and when.
#[derive(Debug)]
pub struct Visit<'a> {
    /// The time since the run began. It does not go back from one visit to the next.
    pub now: Duration,
    /// The instance.
    pub instance: u32,
    /// Chance, if the model needs any.
    pub random: &'a mut Random,
}

/// A store without faults and latency; those are added around it.
pub trait Model {
    /// What is stored under a name.
    fn get(&mut self, visit: Visit<'_>, name: Name) -> Option<Value>;
    /// Stores a value, or deletes it and the counter.
    fn set(&mut self, visit: Visit<'_>, name: Name, value: Option<Value>);
    /// Adds to a counter, which starts at nothing, and tells its new value.
    fn increment(&mut self, visit: Visit<'_>, name: Name) -> u64;
}
