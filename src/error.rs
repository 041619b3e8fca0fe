//! Errors, classified by who can fix them.

use std::borrow::Cow;
use std::fmt;

use crate::outcome::Metadata;

/// A failed call.
#[derive(Clone, Debug)]
pub struct AcquireError {
    /// What went wrong.
    pub cause: Cause,
    /// Advice on how to fix it, if known.
    pub remedy: Option<&'static str>,
    /// `None` if the arguments were rejected before the call began.
    pub metadata: Option<Metadata>,
}

impl AcquireError {
    /// An error before the call began, without metadata.
    pub fn before_the_call(cause: Cause) -> Self {
        Self { cause, remedy: None, metadata: None }
    }
}

/// What went wrong, classified by who can fix it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The caller passed an invalid argument.
    InvalidRequest(Rejection),
    /// The operator configured an unusable credential.
    InvalidCredential(Rejection),
    /// The host's operator forbids the request.
    NotPermitted(String),
    /// The authority throttles requests. No one can fix this; retry after the delay.
    Throttled(Throttle),
    /// The authority refused the request; the fix is in the directory or the request.
    Refused(Box<Refusal>),
    /// The authority did not answer; try again.
    Unreachable(Unreachable),
    /// The answer violates the protocol: a bug of this component or the server.
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

    /// Classifies a refusal: throttling if it states a delay, unless it rejects the credential.
    pub fn of_refusal(refusal: Box<Refusal>) -> Self {
        match refusal.retry_after_seconds {
            // A delay would not help, and another credential may be accepted at once.
            Some(_) if refusal.rejects_the_credential() => Self::Refused(refusal),
            Some(retry_after_seconds) => Self::Throttled(Throttle { retry_after_seconds, refusal }),
            // Entra also reports too many requests by this code, without status 429.
            None if refusal.error_codes.contains(&LOOP_DETECTED) => {
                Self::Throttled(Throttle { retry_after_seconds: LOOP_SECONDS, refusal })
            }
            None => Self::Refused(refusal),
        }
    }

    /// An answer that violates OAuth 2.0.
    pub fn unexpected(status: Option<u16>, reason: String) -> Self {
        Self::UnexpectedResponse(UnexpectedResponse { status, reason, is_page: false })
    }

    /// A page for a browser instead of an answer.
    pub fn page(status: Option<u16>, reason: String) -> Self {
        Self::UnexpectedResponse(UnexpectedResponse { status, reason, is_page: true })
    }

    /// An implausible host clock.
    pub fn implausible_clock() -> Self {
        Self::InvalidRequest(Rejection::new(
            "wall-clock",
            RejectionCode::ImplausibleClock,
            "the host's clock is before 2020 or after 9999; set it",
        ))
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
            Self::Unreachable(unreachable) => {
                write!(formatter, "the authority did not answer: {}", unreachable.reason)
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

/// A rejected argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The field's name in the contract.
    pub field: &'static str,
    /// What is wrong with it.
    pub code: RejectionCode,
    /// A description for people, with advice on how to fix it.
    pub reason: Cow<'static, str>,
}

impl Rejection {
    /// Rejects `field`. The reason must not contain a secret.
    pub fn new(
        field: &'static str,
        code: RejectionCode,
        reason: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { field, code, reason: reason.into() }
    }

    /// A required value is missing.
    pub fn missing(field: &'static str, reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(field, RejectionCode::Missing, reason)
    }

    /// A value exceeds its limit.
    pub fn too_long(field: &'static str, reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(field, RejectionCode::TooLong, reason)
    }

    /// A value does not have the required form.
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
    /// A required value is missing.
    Missing,
    /// Too long, or too many values.
    TooLong,
    /// Not of the required form.
    Malformed,
    /// Well-formed, but not allowed in this grant.
    NotAllowed,
    /// Two arguments exclude each other or contradict one another.
    Conflict,
    /// An option is given more than once.
    Repeated,
    /// Not supported by this flavour of the component.
    NotSupported,
    /// Too weak.
    TooWeak,
    /// Cannot be decrypted: damaged, or a wrong passphrase.
    NotDecryptable,
    /// The host's clock shows an implausible time.
    ImplausibleClock,
    /// The assertion provider failed.
    ProviderFailed,
}

/// The `error` of an error response that names none.
pub(crate) const UNKNOWN: &str = "unknown";
/// AADSTS50196.
const LOOP_DETECTED: u64 = 50_196;
/// As for a 429 without `Retry-After`.
const LOOP_SECONDS: u32 = 60;

/// The authority throttles requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Throttle {
    /// Seconds to wait, 1 to 3,600.
    pub retry_after_seconds: u32,
    /// The authority's error response.
    pub refusal: Box<Refusal>,
}

/// The authority's error response, sanitized.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The `error` code, or `unknown`.
    pub error: String,
    /// Entra's `suberror` code.
    pub suberror: Option<String>,
    /// AADSTS codes, for display.
    pub error_codes: Vec<u64>,
    /// The server's `error_description`.
    pub description: Option<String>,
    /// A claims challenge, unchanged.
    pub claims: Option<String>,
    /// Entra's trace ID.
    pub trace_id: Option<String>,
    /// The correlation ID as the server saw it.
    pub correlation_id: Option<String>,
    /// The server's timestamp.
    pub timestamp: Option<String>,
    /// Seconds to wait, if the server stated a delay.
    pub retry_after_seconds: Option<u32>,
    /// Whether the same request may succeed later.
    pub is_retryable: bool,
}

impl Refusal {
    /// Whether the authority rejected the credential, for any reason (RFC 6749, section 5.2).
    pub(crate) fn rejects_the_credential(&self) -> bool {
        self.error == "invalid_client" && self.status != 429 && self.status < 500
    }
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

/// The authority did not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreachable {
    /// How far the request got.
    pub kind: NoAnswer,
    /// A description for people.
    pub reason: String,
}

/// How far a request without an answer got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// The call's deadline passed before the request was sent.
    NotSent,
    /// The server's name could not be resolved.
    NotResolved,
    /// TLS failed, in most cases because the server's certificate is not trusted.
    NotTrusted,
    /// There was no connection for another reason.
    NotConnected,
    /// The server took the request and did not answer in time.
    Silent,
    /// The connection broke off before the answer.
    BrokenOff,
}

/// An answer that violates OAuth 2.0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnexpectedResponse {
    /// The HTTP status, if there was one.
    pub status: Option<u16>,
    /// What is wrong with the answer.
    pub reason: String,
    /// Whether it is a page for a browser.
    pub is_page: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(error: &str, retry_after_seconds: Option<u32>, error_codes: &[u64]) -> Box<Refusal> {
        Box::new(Refusal {
            status: 400,
            error: error.to_owned(),
            error_codes: error_codes.to_vec(),
            retry_after_seconds,
            ..Refusal::default()
        })
    }

    #[test]
    fn a_refusal_with_a_delay_is_throttling_unless_it_rejects_the_credential() {
        let kind = |refusal| Cause::of_refusal(refusal).kind();
        assert_eq!(kind(refusal("temporarily_unavailable", Some(7), &[])), "throttled");
        assert_eq!(kind(refusal("invalid_client", Some(7), &[])), "refused");
        assert_eq!(kind(refusal("invalid_scope", None, &[])), "refused");
        let Cause::Throttled(throttle) =
            Cause::of_refusal(refusal("invalid_grant", None, &[50_196]))
        else {
            panic!("a loop is throttled");
        };
        assert_eq!(throttle.retry_after_seconds, 60);
    }

    #[test]
    fn a_busy_server_rejects_no_credential() {
        let rejects = |status| {
            let refusal = Refusal { status, ..*refusal("invalid_client", None, &[]) };
            refusal.rejects_the_credential()
        };
        assert!(rejects(400) && rejects(401));
        assert!(!rejects(429) && !rejects(503));
    }

    #[test]
    fn messages_are_lower_case_and_name_the_field_or_status() {
        let rejection = Rejection::missing("a.field", "is empty");
        assert_eq!(Cause::InvalidRequest(rejection).to_string(), "a.field: is empty");
        let mut refused = refusal("invalid_scope", None, &[]);
        assert_eq!(refused.to_string(), "refused with invalid_scope (status 400)");
        refused.description = Some("AADSTS70011: no".to_owned());
        let expected = "refused with invalid_scope (status 400): AADSTS70011: no";
        assert_eq!(Cause::Refused(refused).to_string(), expected);
    }
}
