//! The result of one call, as a worker process reports it.

use std::hash::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;
use std::time::Duration;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use msal_host::HostError;
use msal_host::contract::AcquireError;
use msal_host::contract::AuthenticationResult;
use msal_host::contract::CacheRefreshReason;
use serde::Deserialize;
use serde::Serialize;

/// When a call was made, how long its caller waited, and its result.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Call {
    /// Microseconds since 1970.
    pub(super) started_us: u64,
    pub(super) waited_us: u64,
    pub(super) token_requests: u32,
    /// The part of the wait that was spent on token requests.
    pub(super) in_http_us: u64,
    /// Identifies the returned token: equal tokens have equal numbers.
    pub(super) token: Option<u64>,
    /// Whether it refreshed a token that was still valid.
    pub(super) is_refresh: bool,
    pub(super) error: Option<String>,
}

impl Call {
    pub(super) fn of(
        started: SystemTime,
        waited: Duration,
        outcome: Result<Result<AuthenticationResult, AcquireError>, HostError>,
    ) -> Self {
        let mut call = Self {
            started_us: unix_us(started),
            waited_us: to_us(waited),
            token_requests: 0,
            in_http_us: 0,
            token: None,
            is_refresh: false,
            error: None,
        };
        let metadata = match outcome {
            Ok(Ok(result)) => {
                call.token = Some(number(&result));
                Some(result.metadata)
            }
            Ok(Err(error)) => {
                call.error = Some(format!("{:?}", error.cause));
                error.metadata
            }
            Err(error) => {
                call.error = Some(error.to_string());
                None
            }
        };
        if let Some(metadata) = metadata {
            call.token_requests = metadata.token_requests;
            call.in_http_us = metadata.duration_in_http_us.into();
            call.is_refresh =
                metadata.cache_refresh_reason == CacheRefreshReason::ProactivelyRefreshed;
        }
        call
    }

    pub(super) fn ended_us(&self) -> u64 {
        self.started_us + self.waited_us
    }
}

/// A hash of the token, since workers do not report tokens.
fn number(result: &AuthenticationResult) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&result.access_token, result.expires_on).hash(&mut hasher);
    hasher.finish()
}

pub(super) fn unix_us(time: SystemTime) -> u64 {
    to_us(time.duration_since(UNIX_EPOCH).unwrap_or_default())
}

fn to_us(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
