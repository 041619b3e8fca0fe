//! The arguments of an assertion provider: MSAL's `AssertionRequestOptions`.

use std::time::Duration;

/// The arguments of a call to an assertion provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssertionRequest {
    /// The application's client ID.
    pub client_id: String,
    /// The tenant; empty if the server has no tenants.
    pub tenant_id: String,
    /// The URL that the assertion will be posted to.
    pub token_endpoint: String,
    /// The request's claims, merged with the capabilities.
    pub claims: Option<String>,
    /// The application's capabilities.
    pub client_capabilities: Vec<String>,
    /// The federated managed identity path.
    pub fmi_path: Option<String>,
    /// The call's correlation ID.
    pub correlation_id: String,
    /// The time until the call's deadline.
    pub remaining: Duration,
}
