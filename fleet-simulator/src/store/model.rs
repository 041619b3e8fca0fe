//! The interface of a store model: the effect of each operation.

use std::rc::Rc;
use std::time::Duration;

use crate::random::Random;

/// A key of the store, numbered in the order of first use.
pub type Name = u32;

/// A stored value.
pub type Value = Rc<[u8]>;

/// The context of an operation.
#[derive(Debug)]
pub struct Access<'a> {
    /// The time since the run began. It never decreases from one operation to the next.
    pub now: Duration,
    /// The calling instance.
    pub instance: u32,
    /// A source of random numbers.
    pub random: &'a mut Random,
}

/// A store without faults and latency, which the simulator adds.
pub trait Model {
    /// Returns the value of a name.
    fn get(&mut self, access: Access<'_>, name: Name) -> Option<Value>;
    /// Stores a value. `None` deletes the value and the counter.
    fn set(&mut self, access: Access<'_>, name: Name, value: Option<Value>);
    /// Adds one to a counter, which starts at zero, and returns its new value.
    fn increment(&mut self, access: Access<'_>, name: Name) -> u64;
}
