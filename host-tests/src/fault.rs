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
    /// Incrementing a counter.
    Increment,
}

/// A fault of an operation.
#[derive(Clone, Debug)]
pub enum Fault {
    /// It returns an error.
    Error(StoreError),
    /// It succeeds after this delay.
    Slow(Duration),
    /// A `get` returns these bytes instead of the stored value.
    Value(Vec<u8>),
}
