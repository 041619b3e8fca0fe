//! Composes WebAssembly components, and lists the interfaces that they import and export.

mod compose;
mod interfaces;
mod isolate;

use std::error::Error;
use std::fmt;

pub use self::compose::compose;
pub use self::interfaces::Interfaces;
pub use self::interfaces::satisfies;
pub use self::isolate::isolate;

/// Why components cannot be composed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CompositionError(String);

impl fmt::Display for CompositionError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Error for CompositionError {}
