//! What a call gives back.

use std::time::Duration;

use crate::secret::Secret;
use crate::time::UnixTime;

/// A token, and what is known about it.
#[derive(Clone, Debug)]
pub struct AuthenticationResult {
    /// The token.
    pub access_token: Secret<String>,
    /// When it expires.
    pub expires_on: UnixTime,
    /// When the authority would like it to be refreshed.
    pub refresh_on: Option<UnixTime>,
    /// The granted scopes.
    pub scopes: Vec<String>,
    /// The tenant it is for.
    pub tenant_id: String,
    /// How it was come by.
    pub metadata: Metadata,
}

/// How a call went; the same on success and on failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// Where the token came from.
    pub token_source: TokenSource,
    /// Why the cache did not serve the call.
    pub cache_refresh_reason: CacheRefreshReason,
    /// The `client-request-id`, if one was given or made.
    pub correlation_id: Option<String>,
    /// Where token requests go.
    pub token_endpoint: String,
    /// Whether a region was used.
    pub region_outcome: RegionOutcome,
    /// The credential of the last token request.
    pub credential_index: Option<usize>,
    /// The token is past its `refresh_on`, and this caller is to refresh it.
    pub refresh_due: bool,
    /// Token requests sent.
    pub token_requests: u32,
    /// Things to look at that did not stop the call.
    pub warnings: Vec<String>,
}

impl Metadata {
    /// One warning for one fault, however many operations met it.
    pub(crate) fn warn(&mut self, warnings: Vec<String>) {
        for warning in warnings {
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
    }
}

/// Time spent in a call, measured by whoever makes the host calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Durations {
    /// The whole call.
    pub total: Duration,
    /// Of it, waiting for the store.
    pub in_cache: Duration,
    /// Of it, waiting for the authority.
    pub in_http: Duration,
}

/// Whether a region was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegionOutcome {
    /// None was asked for.
    NotRequested,
    /// The region's own endpoint.
    Regional,
    /// The global endpoint, for want of the region's.
    FallbackToGlobal,
}

/// Where a token came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenSource {
    /// The token endpoint.
    IdentityProvider,
    /// The store.
    Cache,
}

/// MSAL's `CacheRefreshReason`, with its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheRefreshReason {
    /// The cache served the call.
    NotApplicable,
    /// The caller wanted a new token.
    ForceRefreshOrClaims,
    /// There was no believable entry.
    NoCachedAccessToken,
    /// The entry was too close to its expiry.
    Expired,
    /// The entry was valid, but past its refresh time.
    ProactivelyRefreshed,
    /// The cache is off, or cannot be sealed.
    CacheDisabled,
}

impl CacheRefreshReason {
    /// MSAL's number, as its telemetry header carries it.
    pub const fn to_number(self) -> u8 {
        match self {
            Self::NotApplicable => 0,
            Self::ForceRefreshOrClaims => 1,
            Self::NoCachedAccessToken => 2,
            Self::Expired => 3,
            Self::ProactivelyRefreshed => 4,
            Self::CacheDisabled => 5,
        }
    }
}
