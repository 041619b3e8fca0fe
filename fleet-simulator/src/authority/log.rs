//! What an authority remembers, by the true time.

use std::rc::Rc;
use std::time::Duration;

use crate::ask::TokenKey;

/// One request, and what became of it.
#[derive(Clone, Debug)]
pub struct TokenRequest {
    /// When it was sent.
    pub sent: Duration,
    /// When it arrived.
    pub at: Duration,
    /// Who sent it.
    pub instance: u32,
    /// The call that sent it, by its number in the report's outcomes.
    pub outcome: usize,
    /// What it asked for.
    pub key: Rc<TokenKey>,
    /// What it was answered.
    pub verdict: Verdict,
    /// When the answer is there, if it ever is.
    pub answered: Option<Duration>,
}

/// The answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A token, by its number in the report's tokens.
    Token(usize),
    /// An error with this status.
    Status(u16),
    /// 429, and how long to wait.
    Throttled(Duration),
    /// None.
    Nothing,
}

/// A token that was issued.
#[derive(Clone, Debug)]
pub struct Issued {
    /// Whom it is for.
    pub key: Rc<TokenKey>,
    /// The call that asked for it, by its number in the report's outcomes.
    pub outcome: usize,
    /// When its request was sent.
    pub requested: Duration,
    /// When it was issued.
    pub issued: Duration,
    /// How long it lives, `expires_in`.
    pub lifetime: Duration,
    /// When it expires.
    pub expires: Duration,
    /// By how many nanoseconds the clock of the one who asked was ahead when the request was sent.
    pub clock_error: i64,
}
