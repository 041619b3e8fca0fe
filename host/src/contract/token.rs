//! The types of `msal:client-credentials/token-provider@0.1.0`.

use std::fmt;

use serde::Serialize;
use wasmtime::component::ComponentType;
use wasmtime::component::Lift;

/// A token of a configured application. Neither `Debug` nor the JSON form shows the token.
#[derive(Clone, ComponentType, Lift, Serialize)]
#[component(record)]
pub struct Token {
    /// The token: a secret.
    #[component(name = "access-token")]
    #[serde(skip)]
    pub access_token: String,
    /// When the token expires, in Unix seconds.
    #[component(name = "expires-on")]
    pub expires_on: u64,
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Token")
            .field("access_token", &format_args!("(..)"))
            .field("expires_on", &self.expires_on)
            .finish()
    }
}

/// Why there is no token.
#[derive(Clone, ComponentType, Debug, Eq, Lift, PartialEq, Serialize)]
#[component(record)]
pub struct TokenFailure {
    /// The kind of failure.
    pub code: String,
    /// One line for people.
    pub message: String,
    /// Seconds to wait before the same call may succeed.
    #[component(name = "retry-after-seconds")]
    pub retry_after_seconds: Option<u32>,
}
