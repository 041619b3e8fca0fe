//! A token, and how it was obtained.

use std::fmt;

use serde::Serialize;
use wasmtime::component::ComponentType;
use wasmtime::component::Lift;

/// A token and its properties. Neither `Debug` nor the JSON form shows the token.
#[derive(Clone, ComponentType, Lift, Serialize)]
#[component(record)]
pub struct AuthenticationResult {
    /// The token: a secret.
    #[component(name = "access-token")]
    #[serde(skip)]
    pub access_token: String,
    /// Always `Bearer`.
    #[component(name = "token-type")]
    pub token_type: String,
    /// When the token expires, in Unix seconds.
    #[component(name = "expires-on")]
    pub expires_on: u64,
    /// When the authority recommends to refresh the token, in Unix seconds.
    #[component(name = "refresh-on")]
    pub refresh_on: Option<u64>,
    /// The granted scopes.
    pub scopes: Vec<String>,
    /// The token's tenant.
    #[component(name = "tenant-id")]
    pub tenant_id: String,
    /// How the token was obtained.
    pub metadata: Metadata,
}

impl fmt::Debug for AuthenticationResult {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AuthenticationResult")
            .field("access_token", &format_args!("(..)"))
            .field("token_type", &self.token_type)
            .field("expires_on", &self.expires_on)
            .field("refresh_on", &self.refresh_on)
            .field("scopes", &self.scopes)
            .field("tenant_id", &self.tenant_id)
            .field("metadata", &self.metadata)
            .finish()
    }
}

/// How a call went.
#[derive(Clone, ComponentType, Debug, Lift, Serialize)]
#[component(record)]
pub struct Metadata {
    /// Where the token came from, or where the last attempt was made.
    #[component(name = "token-source")]
    pub token_source: TokenSource,
    /// The name of `token_source`. Not in the JSON form, which has the name in place of the case.
    #[component(name = "token-source-name")]
    #[serde(skip)]
    pub token_source_name: String,
    /// Why the cache did not serve the call.
    #[component(name = "cache-refresh-reason")]
    pub cache_refresh_reason: CacheRefreshReason,
    /// The `client-request-id` of the call. `None` if the cache served it and the request had none.
    #[component(name = "correlation-id")]
    pub correlation_id: Option<String>,
    /// The URL that token requests for this call go to.
    #[component(name = "token-endpoint")]
    pub token_endpoint: String,
    /// Whether a region was used.
    #[component(name = "region-outcome")]
    pub region_outcome: RegionOutcome,
    /// Which credential the last token request was made with, counted from 0.
    #[component(name = "credential-index")]
    pub credential_index: Option<u32>,
    /// The token is past its `refresh-on`, and this caller should refresh it.
    #[component(name = "refresh-due")]
    pub refresh_due: bool,
    /// Token requests sent by this call.
    #[component(name = "token-requests")]
    pub token_requests: u32,
    /// The duration of the call in microseconds.
    #[component(name = "duration-total-us")]
    pub duration_total_us: u32,
    /// The part of it spent waiting for the store.
    #[component(name = "duration-in-cache-us")]
    pub duration_in_cache_us: u32,
    /// The part of it spent waiting for the authority.
    #[component(name = "duration-in-http-us")]
    pub duration_in_http_us: u32,
    /// Problems that did not stop the call.
    pub warnings: Vec<String>,
}

/// Whether a region was used.
#[derive(Clone, ComponentType, Copy, Debug, Eq, Lift, PartialEq, Serialize)]
#[component(enum)]
#[repr(u8)]
#[serde(rename_all = "kebab-case")]
pub enum RegionOutcome {
    /// No region was requested.
    #[component(name = "not-requested")]
    NotRequested,
    /// The region's endpoint was used.
    #[component(name = "regional")]
    Regional,
    /// The global endpoint was used instead of the region's.
    #[component(name = "fallback-to-global")]
    FallbackToGlobal,
}

/// Where a token came from.
#[derive(Clone, ComponentType, Copy, Debug, Eq, Lift, PartialEq, Serialize)]
#[component(enum)]
#[repr(u8)]
#[serde(rename_all = "kebab-case")]
pub enum TokenSource {
    /// The authority's token endpoint.
    #[component(name = "identity-provider")]
    IdentityProvider,
    /// The key-value store.
    #[component(name = "cache")]
    Cache,
}

/// Why the cache did not serve a call.
#[derive(Clone, ComponentType, Copy, Debug, Eq, Lift, PartialEq, Serialize)]
#[component(enum)]
#[repr(u8)]
#[serde(rename_all = "kebab-case")]
pub enum CacheRefreshReason {
    /// The cache served the call.
    #[component(name = "not-applicable")]
    NotApplicable,
    /// The caller requested a new token.
    #[component(name = "force-refresh-or-claims")]
    ForceRefreshOrClaims,
    /// There was no entry, or none that could be trusted.
    #[component(name = "no-cached-access-token")]
    NoCachedAccessToken,
    /// The entry was expired or too close to its expiry.
    #[component(name = "expired")]
    Expired,
    /// The entry was valid but past its `refresh-on`.
    #[component(name = "proactively-refreshed")]
    ProactivelyRefreshed,
    /// The cache is disabled or cannot be encrypted.
    #[component(name = "cache-disabled")]
    CacheDisabled,
}

/// The result of an import of tokens.
#[derive(Clone, ComponentType, Copy, Debug, Eq, Lift, PartialEq, Serialize)]
#[component(record)]
pub struct ImportReport {
    /// Tokens written to the store.
    pub imported: u32,
    /// Entries skipped.
    pub skipped: u32,
}
