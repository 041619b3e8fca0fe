//! Accessors for the expected cause of a failed call. Each panics if the cause is another one.

use msal_host::contract::AcquireError;
use msal_host::contract::ErrorCause;
use msal_host::contract::Refusal;
use msal_host::contract::Rejection;
use msal_host::contract::Throttle;
use msal_host::contract::UnexpectedResponse;

/// The authority's refusal.
pub fn refusal(error: &AcquireError) -> &Refusal {
    match &error.cause {
        ErrorCause::Refused(refusal) => refusal,
        _ => panic!("expected a refusal: {error:?}"),
    }
}

/// The rejected argument.
pub fn rejection(error: &AcquireError) -> &Rejection {
    match &error.cause {
        ErrorCause::InvalidRequest(rejection) | ErrorCause::InvalidCredential(rejection) => {
            rejection
        }
        _ => panic!("expected a rejection: {error:?}"),
    }
}

/// The throttle, with the time to wait.
pub fn throttle(error: &AcquireError) -> &Throttle {
    match &error.cause {
        ErrorCause::Throttled(throttle) => throttle,
        _ => panic!("expected a throttle: {error:?}"),
    }
}

/// The reason why an answer was unexpected.
pub fn unexpected(error: &AcquireError) -> &UnexpectedResponse {
    match &error.cause {
        ErrorCause::UnexpectedResponse(response) => response,
        _ => panic!("expected an unexpected-response error: {error:?}"),
    }
}

/// The reason why there was no answer.
pub fn unreachable_reason(error: &AcquireError) -> &str {
    match &error.cause {
        ErrorCause::Unreachable(reason) => reason,
        _ => panic!("expected an unreachable authority: {error:?}"),
    }
}
