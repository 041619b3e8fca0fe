//! The result of a call.

use std::time::Duration;

use crate::secret::Secret;
use crate::time::UnixTime;

/// A token with its metadata.
#[derive(Clone, Debug)]
pub struct AuthenticationResult {
    /// The token.
    pub access_token: Secret<String>,
    /// When the token expires.
    pub expires_on: UnixTime,
    /// When the authority recommends a refresh.
    pub refresh_on: Option<UnixTime>,
    /// The granted scopes.
    pub scopes: Vec<String>,
    /// The tenant that the token is for.
    pub tenant_id: String,
    /// How the token was obtained.
    pub metadata: Metadata,
}

/// Facts about a call, on success and on failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// Where the token came from.
    pub token_source: TokenSource,
    /// Why the cache did not serve the call.
    pub cache_refresh_reason: CacheRefreshReason,
    /// The `client-request-id`, if one was given or generated.
    pub correlation_id: Option<String>,
    /// The URL of the token endpoint.
    pub token_endpoint: String,
    /// Whether a region was used.
    pub region_outcome: RegionOutcome,
    /// The index of the last token request's credential.
    pub credential_index: Option<usize>,
    /// Whether the token is past its refresh time and this caller should refresh it.
    pub refresh_due: bool,
    /// The number of token requests sent.
    pub token_requests: u32,
    /// Problems that did not fail the call.
    pub warnings: Vec<String>,
}

impl Metadata {
    /// Adds warnings, each text once.
    pub(crate) fn warn(&mut self, warnings: Vec<String>) {
        for warning in warnings {
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
    }
}

/// The time spent in a call, measured around the host calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Durations {
    /// The whole call.
    pub total: Duration,
    /// The part spent in the store.
    pub in_cache: Duration,
    /// The part spent in HTTP.
    pub in_http: Duration,
}

/// Whether a region was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegionOutcome {
    /// No region is configured.
    NotRequested,
    /// The region's endpoint was used.
    Regional,
    /// The global endpoint was used instead of the region's.
    FallbackToGlobal,
}

/// Where a token came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenSource {
    /// The token endpoint.
    IdentityProvider,
    /// The cache.
    Cache,
}

/// MSAL's `CacheRefreshReason`: why the cache did not serve the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheRefreshReason {
    /// The cache served the call.
    NotApplicable,
    /// The caller requested a new token.
    ForceRefreshOrClaims,
    /// There was no valid entry.
    NoCachedAccessToken,
    /// The entry was too close to its expiry.
    Expired,
    /// The entry was valid but past its refresh time.
    ProactivelyRefreshed,
    /// The cache is disabled, or there is no key to encrypt it.
    CacheDisabled,
}

impl CacheRefreshReason {
    /// MSAL's number in the telemetry header.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_has_msals_number() {
        use CacheRefreshReason::*;
        let reasons = [
            NotApplicable,
            ForceRefreshOrClaims,
            NoCachedAccessToken,
            Expired,
            ProactivelyRefreshed,
            CacheDisabled,
        ];
        assert_eq!(reasons.map(CacheRefreshReason::to_number), [0, 1, 2, 3, 4, 5]);
    }
}
