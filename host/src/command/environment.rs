//! The environment's variables.

use std::env;
use std::env::VarError;

use super::Failure;

/// Returns a variable's value. A value that is not Unicode is an error; it must not count as unset.
pub(super) fn variable(name: &str) -> Result<Option<String>, Failure> {
    match env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(Failure::of(name, "is not valid Unicode")),
    }
}
