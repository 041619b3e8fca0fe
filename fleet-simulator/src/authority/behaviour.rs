//! How an authority handles a request.

use std::time::Duration;

/// How an authority handles a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// A token, after this additional delay.
    Slow(Duration),
    /// 429 with `Retry-After`.
    Throttles {
        /// The value of `Retry-After`, in whole seconds.
        retry_after: Duration,
    },
    /// A server error without `Retry-After`.
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
    /// The request is accepted and never answered.
    IsSilent,
    /// A 200 response with an HTML page.
    AnswersHtml,
}
