//! What an assertion provider is told: MSAL's `AssertionRequestOptions`.

use std::time::Duration;

/// What an assertion is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssertionRequest {
    /// The application.
    pub client_id: String,
    /// The tenant, empty if the server has none.
    pub tenant_id: String,
    /// Where the assertion will be posted to.
    pub token_endpoint: String,
    /// The request's claims, merged with the capabilities.
    pub claims: Option<String>,
    /// The application's capabilities.
    pub client_capabilities: Vec<String>,
    /// The federated managed identity path.
    pub fmi_path: Option<String>,
    /// The call's correlation ID.
    pub correlation_id: String,
    /// What is left of the call's deadline.
    pub remaining: Duration,
}
