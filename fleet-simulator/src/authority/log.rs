//! The authority's log. All times are true times, not those of an instance's clock.

use std::rc::Rc;
use std::time::Duration;

use crate::call_args::TokenKey;

/// A token request and its answer.
#[derive(Clone, Debug)]
pub struct TokenRequest {
    /// When it was sent.
    pub sent: Duration,
    /// When it arrived.
    pub at: Duration,
    /// The instance that sent it.
    pub instance: u32,
    /// The call that sent it: an index into [`Report::outcomes`](crate::Report::outcomes).
    pub outcome: usize,
    /// The requested token.
    pub key: Rc<TokenKey>,
    /// The answer.
    pub verdict: Verdict,
    /// When the answer arrives; `None` if it never does.
    pub answered: Option<Duration>,
}

/// The answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A token: an index into [`Report::tokens`](crate::Report::tokens).
    Token(usize),
    /// An error with this status.
    Status(u16),
    /// 429, with this `Retry-After`.
    Throttled(Duration),
    /// The request was accepted and not answered.
    Nothing,
    /// There was no connection.
    NotConnected,
}

/// A token that was issued.
#[derive(Clone, Debug)]
pub struct Issued {
    /// Its tenant, client and scope.
    pub key: Rc<TokenKey>,
    /// The call that requested it: an index into [`Report::outcomes`](crate::Report::outcomes).
    pub outcome: usize,
    /// When its request was sent.
    pub requested: Duration,
    /// When it was issued.
    pub issued: Duration,
    /// Its lifetime, `expires_in`.
    pub lifetime: Duration,
    /// When it expires.
    pub expires: Duration,
    /// By how many nanoseconds the requesting instance's clock was ahead when the request was sent.
    pub clock_error: i64,
}
