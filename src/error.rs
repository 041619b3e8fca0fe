//! Why there is no token, by whose move it is.

use std::borrow::Cow;
use std::fmt;

use crate::http::SendError;
use crate::outcome::Metadata;

/// A call that ended without a token.
#[derive(Clone, Debug)]
pub struct AcquireError {
    /// What went wrong.
    pub cause: Cause,
    /// What to do about it, where that is known.
    pub remedy: Option<&'static str>,
    /// Absent when the input was refused before the call began.
    pub metadata: Option<Metadata>,
}

impl AcquireError {
    /// An input that was refused before the call began.
    pub fn before_the_call(cause: Cause) -> Self {
        Self { cause, remedy: None, metadata: None }
    }
}

/// What went wrong, by whose move it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The caller's.
    InvalidRequest(Rejection),
    /// The operator's.
    InvalidCredential(Rejection),
    /// The host operator's.
    NotPermitted(String),
    /// Nobody's: wait.
    Throttled(Throttle),
    /// The directory's.
    Refused(Box<Refusal>),
    /// The network's: try again.
    Unreachable(String),
    /// Ours or the server's.
    UnexpectedResponse(UnexpectedResponse),
}

impl Cause {
    /// The name of the case in the contract.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::InvalidRequest(_) => "invalid-request",
            Self::InvalidCredential(_) => "invalid-credential",
            Self::NotPermitted(_) => "not-permitted",
            Self::Throttled(_) => "throttled",
            Self::Refused(_) => "refused",
            Self::Unreachable(_) => "unreachable",
            Self::UnexpectedResponse(_) => "unexpected-response",
        }
    }

    /// A refusal, or a request to wait if it says for how long.
    pub fn of_refusal(refusal: Box<Refusal>) -> Self {
        match refusal.retry_after_seconds {
            Some(retry_after_seconds) => Self::Throttled(Throttle { retry_after_seconds, refusal }),
            // The directory's word for too many requests, where it does not say so by the status.
            None if refusal.error_codes.contains(&LOOP_DETECTED) => {
                Self::Throttled(Throttle { retry_after_seconds: LOOP_SECONDS, refusal })
            }
            None => Self::Refused(refusal),
        }
    }

    /// An answer that OAuth 2.0 does not allow.
    pub fn unexpected(status: Option<u16>, reason: String) -> Self {
        Self::UnexpectedResponse(UnexpectedResponse { status, reason })
    }

    /// A host clock that cannot be right.
    pub fn implausible_clock() -> Self {
        Self::InvalidRequest(Rejection::new(
            "wall-clock",
            RejectionCode::ImplausibleClock,
            "the host's clock is before 2020 or after 9999; set it",
        ))
    }
}

impl From<SendError> for Cause {
    fn from(error: SendError) -> Self {
        match error {
            SendError::NotPermitted(reason) => Self::NotPermitted(reason),
            SendError::Unreachable(reason) => Self::Unreachable(reason),
            SendError::Malformed(reason) => Self::unexpected(None, reason),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidRequest(rejection) | Self::InvalidCredential(rejection) => {
                write!(formatter, "{rejection}")
            }
            Self::NotPermitted(reason) => write!(formatter, "not permitted by the host: {reason}"),
            Self::Throttled(throttle) => write!(
                formatter,
                "throttled by the authority for {} seconds (status {})",
                throttle.retry_after_seconds, throttle.refusal.status
            ),
            Self::Refused(refusal) => write!(formatter, "{refusal}"),
            Self::Unreachable(reason) => {
                write!(formatter, "the authority did not answer: {reason}")
            }
            Self::UnexpectedResponse(response) => match response.status {
                Some(status) => {
                    write!(formatter, "unexpected answer with status {status}: {}", response.reason)
                }
                None => write!(formatter, "unexpected answer: {}", response.reason),
            },
        }
    }
}

/// An argument that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The field, by its name in the contract.
    pub field: &'static str,
    /// What is wrong with it.
    pub code: RejectionCode,
    /// The same for people, and how to mend it.
    pub reason: Cow<'static, str>,
}

impl Rejection {
    /// A rejection of `field`; the reason must not quote a secret.
    pub fn new(
        field: &'static str,
        code: RejectionCode,
        reason: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { field, code, reason: reason.into() }
    }

    /// A value is needed.
    pub fn missing(field: &'static str, reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(field, RejectionCode::Missing, reason)
    }

    /// A value is over its limit.
    pub fn too_long(field: &'static str, reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(field, RejectionCode::TooLong, reason)
    }

    /// A value does not have the form that the field asks for.
    pub fn malformed(field: &'static str, reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(field, RejectionCode::Malformed, reason)
    }

    /// A value is well-formed but not allowed.
    pub fn not_allowed(field: &'static str, reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(field, RejectionCode::NotAllowed, reason)
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.field, self.reason)
    }
}

/// What is wrong with an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RejectionCode {
    /// A value is needed here.
    Missing,
    /// Longer than its limit, or too many.
    TooLong,
    /// Not of the form that the field asks for.
    Malformed,
    /// Well-formed, but not allowed in this grant.
    NotAllowed,
    /// Two arguments exclude or contradict each other.
    Conflict,
    /// An option is given more than once.
    Repeated,
    /// Not served by this flavour.
    NotSupported,
    /// Too weak to be used.
    TooWeak,
    /// Could not be decrypted, or is damaged.
    NotDecryptable,
    /// The host's clock shows a time that cannot be right.
    ImplausibleClock,
    /// The assertion provider gave none.
    ProviderFailed,
}

/// AADSTS50196.
const LOOP_DETECTED: u64 = 50_196;
/// As after a 429 that does not say.
const LOOP_SECONDS: u32 = 60;

/// The authority asks for fewer requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Throttle {
    /// Seconds to wait, 1 to 3,600.
    pub retry_after_seconds: u32,
    /// The authority's own words.
    pub refusal: Box<Refusal>,
}

/// The authority's own words, made printable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The `error` code, `unknown` if there was none.
    pub error: String,
    /// Entra's finer code.
    pub suberror: Option<String>,
    /// AADSTS numbers, for display.
    pub error_codes: Vec<u64>,
    /// The server's text.
    pub description: Option<String>,
    /// A claims challenge, as sent.
    pub claims: Option<String>,
    /// Entra's trace ID.
    pub trace_id: Option<String>,
    /// The correlation ID as the server saw it.
    pub correlation_id: Option<String>,
    /// When the server said so.
    pub timestamp: Option<String>,
    /// Seconds to wait, if the answer said so.
    pub retry_after_seconds: Option<u32>,
    /// Whether the same request may succeed later.
    pub is_retryable: bool,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "refused with {} (status {})", self.error, self.status)?;
        match &self.description {
            Some(description) => write!(formatter, ": {description}"),
            None => Ok(()),
        }
    }
}

/// An answer that OAuth 2.0 does not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnexpectedResponse {
    /// The HTTP status, if there was one.
    pub status: Option<u16>,
    /// What is wrong with the answer.
    pub reason: String,
}
