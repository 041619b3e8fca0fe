//! A URL that a request goes to.

use std::fmt;

/// A URL in the parts that a host asks for, without a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// False only for a loopback address that the caller allowed.
    pub is_https: bool,
    /// The host, with the port if it is not the scheme's own.
    pub authority: String,
    /// The path.
    pub path: String,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_https { "https" } else { "http" };
        write!(formatter, "{scheme}://{}{}", self.authority, self.path)
    }
}
