//! Statistics of calls.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

/// The resources that one or more calls used.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Statistics {
    /// The number of completed calls.
    pub calls: u64,
    /// The largest linear memory of any instance, in bytes.
    pub peak_memory: usize,
    /// The fuel that all calls used, without instantiation; 0 if fuel is not counted.
    pub fuel: u64,
}

/// Statistics that many tasks add to.
#[derive(Debug, Default)]
pub(super) struct Totals {
    calls: AtomicU64,
    peak_memory: AtomicUsize,
    fuel: AtomicU64,
}

impl Totals {
    pub(super) fn add_call(&self, memory: usize, fuel: u64) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.peak_memory.fetch_max(memory, Ordering::Relaxed);
        self.fuel.fetch_add(fuel, Ordering::Relaxed);
    }

    pub(super) fn statistics(&self) -> Statistics {
        Statistics {
            calls: self.calls.load(Ordering::Relaxed),
            peak_memory: self.peak_memory.load(Ordering::Relaxed),
            fuel: self.fuel.load(Ordering::Relaxed),
        }
    }
}
