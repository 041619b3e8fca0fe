//! A token, and how it was come by.

use std::fmt;

use serde::Serialize;
use wasmtime::component::ComponentType;
use wasmtime::component::Lift;

/// A token, and what is known about it. Neither `Debug` nor the JSON form shows the token.
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
    /// When the authority would like it to be refreshed, in Unix seconds.
    #[component(name = "refresh-on")]
    pub refresh_on: Option<u64>,
    /// The scopes that were granted.
    pub scopes: Vec<String>,
    /// The tenant whose token this is.
    #[component(name = "tenant-id")]
    pub tenant_id: String,
    /// How the token was come by.
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
    /// Why the cache did not serve the call.
    #[component(name = "cache-refresh-reason")]
    pub cache_refresh_reason: CacheRefreshReason,
    /// The `client-request-id` of the call; absent when the cache served it and none was given.
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
    /// The token is past its `refresh-on`, and this caller is to refresh it.
    #[component(name = "refresh-due")]
    pub refresh_due: bool,
    /// Token requests sent by this call.
    #[component(name = "token-requests")]
    pub token_requests: u32,
    /// The whole call, in microseconds.
    #[component(name = "duration-total-us")]
    pub duration_total_us: u64,
    /// Of it, waiting for the store.
    #[component(name = "duration-in-cache-us")]
    pub duration_in_cache_us: u64,
    /// Of it, waiting for the authority.
    #[component(name = "duration-in-http-us")]
    pub duration_in_http_us: u64,
    /// Things that somebody should look at.
    pub warnings: Vec<String>,
}

/// Whether a region was used.
#[derive(Clone, ComponentType, Copy, Debug, Eq, Lift, PartialEq, Serialize)]
#[component(enum)]
#[repr(u8)]
#[serde(rename_all = "kebab-case")]
pub enum RegionOutcome {
    /// None was asked for.
    #[component(name = "not-requested")]
    NotRequested,
    /// The region's own endpoint.
    #[component(name = "regional")]
    Regional,
    /// The global endpoint, for want of the region's.
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
    /// The cache did serve it.
    #[component(name = "not-applicable")]
    NotApplicable,
    /// The caller asked for a new token.
    #[component(name = "force-refresh-or-claims")]
    ForceRefreshOrClaims,
    /// There was no entry, or none that could be believed.
    #[component(name = "no-cached-access-token")]
    NoCachedAccessToken,
    /// There was one, too close to its expiry.
    #[component(name = "expired")]
    Expired,
    /// There was a valid one, past its `refresh-on`.
    #[component(name = "proactively-refreshed")]
    ProactivelyRefreshed,
    /// The cache is switched off, or cannot be sealed.
    #[component(name = "cache-disabled")]
    CacheDisabled,
}

/// What came of an import of tokens.
#[derive(Clone, ComponentType, Copy, Debug, Eq, Lift, PartialEq, Serialize)]
#[component(record)]
pub struct ImportReport {
    /// Tokens that are in the store now.
    pub imported: u32,
    /// Entries that were passed over.
    pub skipped: u32,
}
