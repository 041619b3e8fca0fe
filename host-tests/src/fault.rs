//! Faults of a store.

use std::time::Duration;

use msal_host::store::StoreError;

/// A store operation that the component uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Opening a bucket.
    Open,
    /// Reading an entry.
    Get,
    /// Writing an entry.
    Set,
    /// Deleting an entry.
    Delete,
    /// Counting.
    Increment,
}

/// What goes wrong with an operation.
#[derive(Clone, Debug)]
pub enum Fault {
    /// It fails.
    Error(StoreError),
    /// It takes that long, and then works.
    Slow(Duration),
    /// A `get` returns these bytes, whatever was stored.
    Value(Vec<u8>),
}
