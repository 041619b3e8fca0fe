//! Why there is no token.

use std::error::Error;
use std::fmt;

use serde::Serialize;
use wasmtime::component::ComponentType;
use wasmtime::component::Lift;

use super::Metadata;

/// Why there is no token. Branch on `cause`; the texts may change.
#[derive(Clone, ComponentType, Debug, Lift, Serialize)]
#[component(record)]
pub struct AcquireError {
    /// What went wrong, by whose move it is.
    pub cause: ErrorCause,
    /// One line for people.
    pub message: String,
    /// What to do about it, where that is known.
    pub remedy: Option<String>,
    /// Absent when the input was refused before the call began.
    pub metadata: Option<Metadata>,
}

impl Error for AcquireError {}

impl fmt::Display for AcquireError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

/// What went wrong, by whose move it is.
#[derive(Clone, ComponentType, Debug, Lift, Serialize)]
#[component(variant)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorCause {
    /// The caller's: an argument cannot be used.
    #[component(name = "invalid-request")]
    InvalidRequest(Rejection),
    /// The operator's: a credential cannot be used.
    #[component(name = "invalid-credential")]
    InvalidCredential(Rejection),
    /// The host operator's: the authority may not be reached.
    #[component(name = "not-permitted")]
    NotPermitted(String),
    /// Nobody's: wait.
    #[component(name = "throttled")]
    Throttled(Throttle),
    /// The directory's: it refused the request.
    #[component(name = "refused")]
    Refused(Refusal),
    /// The network's: no answer in time, or none at all.
    #[component(name = "unreachable")]
    Unreachable(String),
    /// An answer that OAuth 2.0 does not allow.
    #[component(name = "unexpected-response")]
    UnexpectedResponse(UnexpectedResponse),
}

/// An argument that cannot be used.
#[derive(Clone, ComponentType, Debug, Lift, Serialize)]
#[component(record)]
pub struct Rejection {
    /// The field, by its name in the WIT.
    pub field: String,
    /// What is wrong with it.
    pub code: RejectionCode,
    /// The same for people.
    pub reason: String,
}

/// What is wrong with an argument.
#[derive(Clone, ComponentType, Copy, Debug, Eq, Lift, PartialEq, Serialize)]
#[component(enum)]
#[repr(u8)]
#[serde(rename_all = "kebab-case")]
pub enum RejectionCode {
    /// A value is needed here.
    #[component(name = "missing")]
    Missing,
    /// Longer than its limit, or too many.
    #[component(name = "too-long")]
    TooLong,
    /// Not of the form that the field asks for.
    #[component(name = "malformed")]
    Malformed,
    /// Well-formed, but not allowed in this grant.
    #[component(name = "not-allowed")]
    NotAllowed,
    /// Two arguments that exclude or contradict each other.
    #[component(name = "conflict")]
    Conflict,
    /// Not yet served by this version.
    #[component(name = "not-supported")]
    NotSupported,
    /// Too weak to be used.
    #[component(name = "too-weak")]
    TooWeak,
    /// Could not be decrypted or is damaged.
    #[component(name = "not-decryptable")]
    NotDecryptable,
    /// The host's clock cannot be right.
    #[component(name = "implausible-clock")]
    ImplausibleClock,
    /// The assertion provider gave none.
    #[component(name = "provider-failed")]
    ProviderFailed,
}

/// The authority asks for fewer requests.
#[derive(Clone, ComponentType, Debug, Lift, Serialize)]
#[component(record)]
pub struct Throttle {
    /// Seconds to wait before the next request.
    #[component(name = "retry-after-seconds")]
    pub retry_after_seconds: u32,
    /// The authority's own words.
    pub refusal: Refusal,
}

/// The authority's own words.
#[derive(Clone, ComponentType, Debug, Lift, Serialize)]
#[component(record)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The `error` code.
    pub error: String,
    /// Entra's finer code.
    pub suberror: Option<String>,
    /// Entra's AADSTS numbers.
    #[component(name = "error-codes")]
    pub error_codes: Vec<u64>,
    /// The server's text.
    pub description: Option<String>,
    /// A claims challenge.
    pub claims: Option<String>,
    /// Entra's trace ID.
    #[component(name = "trace-id")]
    pub trace_id: Option<String>,
    /// The correlation ID as the server saw it.
    #[component(name = "correlation-id")]
    pub correlation_id: Option<String>,
    /// When the server said so.
    pub timestamp: Option<String>,
    /// Seconds to wait, if the answer said so.
    #[component(name = "retry-after-seconds")]
    pub retry_after_seconds: Option<u32>,
    /// The same request may succeed later.
    pub retryable: bool,
}

/// An answer that OAuth 2.0 does not allow.
#[derive(Clone, ComponentType, Debug, Lift, Serialize)]
#[component(record)]
pub struct UnexpectedResponse {
    /// The HTTP status, if there was one.
    pub status: Option<u16>,
    /// What is wrong with it.
    pub reason: String,
}
