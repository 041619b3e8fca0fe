//! What is asked for.

use std::fmt;

use wasmtime::component::ComponentType;
use wasmtime::component::Lower;

/// A request for a token.
#[derive(Clone, ComponentType, Debug, Lower)]
#[component(record)]
pub struct TokenRequest {
    /// The scopes; for Entra just one.
    pub scopes: Vec<String>,
    /// The rare settings.
    pub options: Option<RequestOptions>,
}

impl TokenRequest {
    /// A request for one scope with no option set.
    pub fn new(scope: impl Into<String>) -> Self {
        Self { scopes: vec![scope.into()], options: None }
    }
}

/// The rare settings of one request. `Debug` shows which are set where values may be private.
#[derive(Clone, ComponentType, Default, Lower)]
#[component(record)]
pub struct RequestOptions {
    /// Another tenant than the authority's.
    pub tenant: Option<String>,
    /// A claims challenge.
    pub claims: Option<String>,
    /// Claims of the client's own.
    #[component(name = "claims-from-client")]
    pub claims_from_client: Option<String>,
    /// Do not read the cache.
    #[component(name = "force-refresh")]
    pub force_refresh: bool,
    /// The SHA-256 of a token that a resource rejected.
    #[component(name = "refresh-if-sha256")]
    pub refresh_if_sha256: Option<String>,
    /// Sent as `client-request-id`.
    #[component(name = "correlation-id")]
    pub correlation_id: Option<String>,
    /// Bounds the whole call.
    #[component(name = "deadline-ms")]
    pub deadline_ms: Option<u64>,
    /// How long to wait for another instance's token. Default: two thirds of the deadline.
    #[component(name = "max-wait-ms")]
    pub max_wait_ms: Option<u32>,
    /// A federated managed identity path.
    #[component(name = "fmi-path")]
    pub fmi_path: Option<String>,
    /// Attributes for the token.
    pub attributes: Option<String>,
    /// Signed attribute tokens.
    #[component(name = "attribute-tokens")]
    pub attribute_tokens: Vec<String>,
    /// More form fields.
    #[component(name = "extra-body-parameters")]
    pub extra_body_parameters: Vec<(String, String)>,
    /// More query parameters.
    #[component(name = "extra-query-parameters")]
    pub extra_query_parameters: Vec<(String, String)>,
    /// More headers.
    #[component(name = "extra-headers")]
    pub extra_headers: Vec<(String, String)>,
    /// Serve a cached token only if it lives this much longer.
    #[component(name = "minimum-validity-seconds")]
    pub minimum_validity_seconds: Option<u32>,
    /// What to do with a cached token that is past its `refresh-on`.
    #[component(name = "refresh-policy")]
    pub refresh_policy: Option<RefreshPolicy>,
    /// Send the certificate chain with this request.
    #[component(name = "send-x5c")]
    pub send_x5c: Option<bool>,
    /// More claims to sign.
    #[component(name = "extra-assertion-claims")]
    pub extra_assertion_claims: Option<String>,
}

impl fmt::Debug for RequestOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RequestOptions")
            .field("tenant", &self.tenant)
            .field("claims", &self.claims.is_some())
            .field("force_refresh", &self.force_refresh)
            .field("refresh_if_sha256", &self.refresh_if_sha256)
            .field("correlation_id", &self.correlation_id)
            .field("deadline_ms", &self.deadline_ms)
            .field("max_wait_ms", &self.max_wait_ms)
            .field("fmi_path", &self.fmi_path.is_some())
            .field("minimum_validity_seconds", &self.minimum_validity_seconds)
            .field("refresh_policy", &self.refresh_policy)
            .finish_non_exhaustive()
    }
}

/// What to do with a cached token that is still valid but past its `refresh-on`.
#[derive(Clone, ComponentType, Copy, Debug, Eq, Lower, PartialEq)]
#[component(enum)]
#[repr(u8)]
pub enum RefreshPolicy {
    /// Refresh it first, if this caller is the one to do so.
    #[component(name = "inline")]
    Inline,
    /// Return it, marked as due for the caller who is to refresh it.
    #[component(name = "deferred")]
    Deferred,
}
