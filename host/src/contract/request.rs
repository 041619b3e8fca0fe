//! A request for a token.

use std::fmt;

use wasmtime::component::ComponentType;
use wasmtime::component::Lower;

/// A request for a token.
#[derive(Clone, ComponentType, Debug, Lower)]
#[component(record)]
pub struct TokenRequest {
    /// The scopes; for Entra exactly one.
    pub scopes: Vec<String>,
    /// Each option at most once.
    pub options: Vec<RequestOption>,
}

impl TokenRequest {
    /// A request for one scope without options.
    pub fn new(scope: impl Into<String>) -> Self {
        Self { scopes: vec![scope.into()], options: Vec::new() }
    }

    /// The same request with one more option.
    #[must_use]
    pub fn with(mut self, option: RequestOption) -> Self {
        self.options.push(option);
        self
    }
}

/// An option of a request. `Debug` shows only the names of options whose values may be private.
#[derive(Clone, ComponentType, Lower)]
#[component(variant)]
pub enum RequestOption {
    /// Another tenant than the authority's.
    #[component(name = "tenant")]
    Tenant(String),
    /// A claims challenge.
    #[component(name = "claims")]
    Claims(String),
    /// The client's own claims.
    #[component(name = "claims-from-client")]
    ClaimsFromClient(String),
    /// Do not read the cache.
    #[component(name = "force-refresh")]
    ForceRefresh,
    /// The SHA-256 of a token that a resource rejected.
    #[component(name = "refresh-if-sha256")]
    RefreshIfSha256(String),
    /// Sent as `client-request-id`.
    #[component(name = "correlation-id")]
    CorrelationId(String),
    /// The deadline of the whole call.
    #[component(name = "deadline-ms")]
    DeadlineMs(u32),
    /// How long to wait for another instance's token.
    #[component(name = "max-wait-ms")]
    MaxWaitMs(u32),
    /// A federated managed identity path.
    #[component(name = "fmi-path")]
    FmiPath(String),
    /// Attributes for the token.
    #[component(name = "attributes")]
    Attributes(String),
    /// Signed attribute tokens.
    #[component(name = "attribute-tokens")]
    AttributeTokens(Vec<String>),
    /// Further form fields.
    #[component(name = "extra-body-parameters")]
    ExtraBodyParameters(Vec<(String, String)>),
    /// Further query parameters.
    #[component(name = "extra-query-parameters")]
    ExtraQueryParameters(Vec<(String, String)>),
    /// Further headers.
    #[component(name = "extra-headers")]
    ExtraHeaders(Vec<(String, String)>),
    /// Serve a cached token only if it is valid for this much longer.
    #[component(name = "minimum-validity-seconds")]
    MinimumValiditySeconds(u32),
    /// Return a cached token that is past its `refresh-on` at once, also to the caller chosen to refresh it.
    #[component(name = "defer-refresh")]
    DeferRefresh,
    /// Whether to send the certificate chain with this request.
    #[component(name = "send-x5c")]
    SendX5c(bool),
    /// Further claims to sign.
    #[component(name = "extra-assertion-claims")]
    ExtraAssertionClaims(String),
}

impl fmt::Debug for RequestOption {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Tenant(tenant) => return write!(formatter, "Tenant({tenant:?})"),
            Self::RefreshIfSha256(hash) => return write!(formatter, "RefreshIfSha256({hash:?})"),
            Self::CorrelationId(id) => return write!(formatter, "CorrelationId({id:?})"),
            Self::DeadlineMs(deadline) => return write!(formatter, "DeadlineMs({deadline})"),
            Self::MaxWaitMs(wait) => return write!(formatter, "MaxWaitMs({wait})"),
            Self::MinimumValiditySeconds(seconds) => {
                return write!(formatter, "MinimumValiditySeconds({seconds})");
            }
            Self::SendX5c(send) => return write!(formatter, "SendX5c({send})"),
            Self::ForceRefresh => "ForceRefresh",
            Self::DeferRefresh => "DeferRefresh",
            Self::Claims(_) => "Claims(..)",
            Self::ClaimsFromClient(_) => "ClaimsFromClient(..)",
            Self::FmiPath(_) => "FmiPath(..)",
            Self::Attributes(_) => "Attributes(..)",
            Self::AttributeTokens(_) => "AttributeTokens(..)",
            Self::ExtraBodyParameters(_) => "ExtraBodyParameters(..)",
            Self::ExtraQueryParameters(_) => "ExtraQueryParameters(..)",
            Self::ExtraHeaders(_) => "ExtraHeaders(..)",
            Self::ExtraAssertionClaims(_) => "ExtraAssertionClaims(..)",
        };
        formatter.write_str(name)
    }
}
