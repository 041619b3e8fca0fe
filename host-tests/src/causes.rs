//! What a failed call is expected to say; each panics when it was another failure.

use msal_host::contract::AcquireError;
use msal_host::contract::ErrorCause;
use msal_host::contract::Refusal;
use msal_host::contract::Rejection;
use msal_host::contract::Throttle;
use msal_host::contract::UnexpectedResponse;

/// The authority's words of a call that it refused.
pub fn refusal(error: &AcquireError) -> &Refusal {
    match &error.cause {
        ErrorCause::Refused(refusal) => refusal,
        _ => panic!("refused is expected: {error:?}"),
    }
}

/// The argument that could not be used.
pub fn rejection(error: &AcquireError) -> &Rejection {
    match &error.cause {
        ErrorCause::InvalidRequest(rejection) | ErrorCause::InvalidCredential(rejection) => {
            rejection
        }
        _ => panic!("a rejection is expected: {error:?}"),
    }
}

/// How long the authority asks to wait.
pub fn throttle(error: &AcquireError) -> &Throttle {
    match &error.cause {
        ErrorCause::Throttled(throttle) => throttle,
        _ => panic!("throttled is expected: {error:?}"),
    }
}

/// What was wrong with an answer.
pub fn unexpected(error: &AcquireError) -> &UnexpectedResponse {
    match &error.cause {
        ErrorCause::UnexpectedResponse(response) => response,
        _ => panic!("an unexpected response is expected: {error:?}"),
    }
}

/// Why there was no answer.
pub fn unreachable_reason(error: &AcquireError) -> &str {
    match &error.cause {
        ErrorCause::Unreachable(reason) => reason,
        _ => panic!("unreachable is expected: {error:?}"),
    }
}
