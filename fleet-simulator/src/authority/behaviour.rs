//! What an authority does with a request.

use std::time::Duration;

/// One way to deal with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// A token, after so much longer.
    Slow(Duration),
    /// 429 with `Retry-After`.
    Throttles {
        /// For how long, in whole seconds.
        retry_after: Duration,
    },
    /// An error of the server's, without `Retry-After`.
    Fails {
        /// The status, 500 to 599.
        status: u16,
    },
    /// 401 `invalid_client`.
    RefusesTheCredential,
    /// 400 `invalid_scope`.
    RefusesTheScope,
    /// No connection.
    IsUnreachable,
    /// No answer for ever.
    IsSilent,
    /// A page of HTML.
    TalksNonsense,
}
