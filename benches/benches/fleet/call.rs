//! One caller's call, as it is told from process to process.

use std::time::Duration;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use msal_host::HostError;
use msal_host::contract::AcquireError;
use msal_host::contract::AuthenticationResult;
use msal_host::contract::CacheRefreshReason;
use serde::Deserialize;
use serde::Serialize;

/// When a call was made, how long its caller waited, and what for.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Call {
    /// In microseconds since 1970.
    pub(super) started_us: u64,
    pub(super) waited_us: u64,
    pub(super) token_requests: u32,
    /// Of the wait, for the authority.
    pub(super) in_http_us: u64,
    /// The cache had no token for it when it looked first.
    pub(super) is_miss: bool,
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
            is_miss: true,
            error: None,
        };
        let metadata = match outcome {
            Ok(Ok(result)) => Some(result.metadata),
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
            call.in_http_us = metadata.duration_in_http_us;
            call.is_miss = !matches!(
                metadata.cache_refresh_reason,
                CacheRefreshReason::NotApplicable | CacheRefreshReason::ProactivelyRefreshed
            );
        }
        call
    }
}

pub(super) fn unix_us(time: SystemTime) -> u64 {
    to_us(time.duration_since(UNIX_EPOCH).unwrap_or_default())
}

fn to_us(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
