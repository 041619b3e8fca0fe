//! A failed call, as a host process reports it.

use std::fmt;

use msal_host::HostError;
use msal_host::contract::AcquireError;
use msal_host::contract::ErrorCause;
use serde::Deserialize;
use serde::Serialize;

/// A failed call.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Failure {
    /// Microseconds since 1970.
    pub(super) started_us: u64,
    pub(super) ended_us: u64,
    pub(super) kind: Kind,
    /// The HTTP status that the error reports.
    pub(super) status: Option<u16>,
    pub(super) client_id: String,
    pub(super) text: String,
}

/// What kind of failure it is, as far as faults explain it.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) enum Kind {
    Throttled,
    Refused,
    Unreachable,
    UnexpectedResponse,
    /// Another error of the contract.
    Other,
    /// The host itself failed.
    Host,
    /// A token was returned that is expired or belongs to another application.
    WrongToken,
}

impl Failure {
    pub(super) fn of_call(error: &AcquireError, client_id: &str, time_us: (u64, u64)) -> Self {
        let (kind, status) = match &error.cause {
            ErrorCause::Throttled(throttle) => (Kind::Throttled, Some(throttle.refusal.status)),
            ErrorCause::Refused(refusal) => (Kind::Refused, Some(refusal.status)),
            ErrorCause::Unreachable(_) => (Kind::Unreachable, None),
            ErrorCause::UnexpectedResponse(response) => (Kind::UnexpectedResponse, response.status),
            _ => (Kind::Other, None),
        };
        Self::new(kind, status, client_id, error.message.clone(), time_us)
    }

    pub(super) fn of_host(error: &HostError, client_id: &str, time_us: (u64, u64)) -> Self {
        Self::new(Kind::Host, None, client_id, error.to_string(), time_us)
    }

    pub(super) fn of_token(reason: String, client_id: &str, time_us: (u64, u64)) -> Self {
        Self::new(Kind::WrongToken, None, client_id, reason, time_us)
    }

    fn new(
        kind: Kind,
        status: Option<u16>,
        client_id: &str,
        text: String,
        (started_us, ended_us): (u64, u64),
    ) -> Self {
        Self { started_us, ended_us, kind, status, client_id: client_id.to_owned(), text }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Throttled => "throttled",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::UnexpectedResponse => "unexpected-response",
            Self::Other => "another error",
            Self::Host => "the host failed",
            Self::WrongToken => "wrong token",
        })
    }
}
