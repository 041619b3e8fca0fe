//! A single copy, on which operations take effect one after another.

use std::collections::HashMap;

use super::Access;
use super::Model;
use super::Name;
use super::Value;

#[derive(Debug, Default)]
pub(super) struct Linearizable {
    values: HashMap<Name, Value>,
    counters: HashMap<Name, u64>,
}

impl Model for Linearizable {
    fn get(&mut self, _visit: Access<'_>, name: Name) -> Option<Value> {
        self.values.get(&name).cloned()
    }

    fn set(&mut self, _visit: Access<'_>, name: Name, value: Option<Value>) {
        match value {
            Some(value) => {
                self.values.insert(name, value);
            }
            None => {
                self.values.remove(&name);
                self.counters.remove(&name);
            }
        }
    }

    fn increment(&mut self, _visit: Access<'_>, name: Name) -> u64 {
        let count = self.counters.entry(name).or_default();
        *count = count.wrapping_add(1);
        *count
    }
}
