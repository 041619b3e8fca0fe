//! The URL of a request.

use std::fmt;

/// A URL without a query, in the parts that hosts take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// `false` only for a loopback address that the caller allowed.
    pub is_https: bool,
    /// The host, with the port unless it is the scheme's default.
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
