use std::fmt;

/// Why a [`Directory`](crate::Directory) is invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryError {
    reason: String,
}

impl DirectoryError {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }
}

impl fmt::Display for DirectoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for DirectoryError {}
