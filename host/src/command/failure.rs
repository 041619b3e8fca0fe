//! Why a command failed.

use std::fmt;

use super::printable::printable;

/// A one-line message that names the flag or variable at fault and contains no secret.
#[derive(Debug)]
pub(super) struct Failure(String);

impl Failure {
    pub(super) fn new(reason: impl fmt::Display) -> Self {
        Self(printable(&reason.to_string()))
    }

    /// A failure caused by the value of a flag or variable.
    pub(super) fn of(name: &str, reason: impl fmt::Display) -> Self {
        Self::new(format_args!("{name}: {reason}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
