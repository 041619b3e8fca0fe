//! Why there is no token.

use std::error::Error;
use std::fmt;

use serde::Serialize;
use wasmtime::component::ComponentType;
use wasmtime::component::Lift;

use super::Metadata;

/// Why there is no token. Branch on `cause` or `kind`; texts for people may change.
#[derive(Clone, ComponentType, Debug, Lift, Serialize)]
#[component(record)]
pub struct AcquireError {
    /// What went wrong. Each case says who can fix it.
    pub cause: ErrorCause,
    /// The name of `cause`'s case, such as `throttled`.
    pub kind: String,
    /// One line for people.
    pub message: String,
    /// What to do about it, if known.
    pub remedy: Option<String>,
    /// `None` if the arguments were refused before the call started.
    pub metadata: Option<Metadata>,
}

impl Error for AcquireError {}

impl fmt::Display for AcquireError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

/// What went wrong.
#[derive(Clone, ComponentType, Debug, Lift, Serialize)]
#[component(variant)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorCause {
    /// An argument cannot be used. The caller can fix it.
    #[component(name = "invalid-request")]
    InvalidRequest(Rejection),
    /// A credential cannot be used. The application's operator can fix it.
    #[component(name = "invalid-credential")]
    InvalidCredential(Rejection),
    /// The host does not allow the component to reach the authority.
    #[component(name = "not-permitted")]
    NotPermitted(String),
    /// The authority asked for fewer requests. Retry after the delay.
    #[component(name = "throttled")]
    Throttled(Throttle),
    /// The authority refused the request.
    #[component(name = "refused")]
    Refused(Refusal),
    /// There was no answer, or none in time.
    #[component(name = "unreachable")]
    Unreachable(String),
    /// The answer is not a valid OAuth 2.0 response.
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
    /// The same for people, and how to fix it.
    pub reason: String,
}

/// What is wrong with an argument.
#[derive(Clone, ComponentType, Copy, Debug, Eq, Lift, PartialEq, Serialize)]
#[component(enum)]
#[repr(u8)]
#[serde(rename_all = "kebab-case")]
pub enum RejectionCode {
    /// A value is required.
    #[component(name = "missing")]
    Missing,
    /// Longer than its limit, or too many elements.
    #[component(name = "too-long")]
    TooLong,
    /// Not in the required form.
    #[component(name = "malformed")]
    Malformed,
    /// Well-formed, but not allowed in this grant.
    #[component(name = "not-allowed")]
    NotAllowed,
    /// In conflict with another argument.
    #[component(name = "conflict")]
    Conflict,
    /// An option that is given more than once.
    #[component(name = "repeated")]
    Repeated,
    /// Not supported by this flavour.
    #[component(name = "not-supported")]
    NotSupported,
    /// Too weak, such as an RSA key under 2048 bits.
    #[component(name = "too-weak")]
    TooWeak,
    /// Cannot be decrypted.
    #[component(name = "not-decryptable")]
    NotDecryptable,
    /// The host's clock is certainly wrong.
    #[component(name = "implausible-clock")]
    ImplausibleClock,
    /// The assertion provider failed.
    #[component(name = "provider-failed")]
    ProviderFailed,
}

/// The authority asked for fewer requests.
#[derive(Clone, ComponentType, Debug, Lift, Serialize)]
#[component(record)]
pub struct Throttle {
    /// Seconds to wait before the next request.
    #[component(name = "retry-after-seconds")]
    pub retry_after_seconds: u32,
    /// The authority's answer.
    pub refusal: Refusal,
}

/// The authority's answer.
#[derive(Clone, ComponentType, Debug, Lift, Serialize)]
#[component(record)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The `error` code.
    pub error: String,
    /// Entra's `suberror`.
    pub suberror: Option<String>,
    /// Entra's AADSTS numbers.
    #[component(name = "error-codes")]
    pub error_codes: Vec<u32>,
    /// The server's text.
    pub description: Option<String>,
    /// A claims challenge.
    pub claims: Option<String>,
    /// Entra's trace ID.
    #[component(name = "trace-id")]
    pub trace_id: Option<String>,
    /// The correlation ID that the server reported.
    #[component(name = "correlation-id")]
    pub correlation_id: Option<String>,
    /// The time that the server reported.
    pub timestamp: Option<String>,
    /// Seconds to wait, if the answer stated them.
    #[component(name = "retry-after-seconds")]
    pub retry_after_seconds: Option<u32>,
    /// Whether the same request may succeed later.
    pub retryable: bool,
}

/// The answer is not a valid OAuth 2.0 response.
#[derive(Clone, ComponentType, Debug, Lift, Serialize)]
#[component(record)]
pub struct UnexpectedResponse {
    /// The HTTP status, if there was one.
    pub status: Option<u16>,
    /// What is wrong with the answer.
    pub reason: String,
}
