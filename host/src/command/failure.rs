//! Why a command cannot do its work.

use std::fmt;

use super::printable::printable;

/// One line for people. It names the flag or variable at fault, and holds no secret.
#[derive(Debug)]
pub(super) struct Failure(String);

impl Failure {
    pub(super) fn new(reason: impl fmt::Display) -> Self {
        Self(printable(&reason.to_string()))
    }

    /// A failure that the value of a flag or variable is to blame for.
    pub(super) fn of(name: &str, reason: impl fmt::Display) -> Self {
        Self::new(format_args!("{name}: {reason}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
