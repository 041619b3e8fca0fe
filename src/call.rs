//! One call: its arguments, checked, and what they say about its results.

use crate::application::Application;
use crate::application::ApplicationParts;
use crate::authority::Authority;
use crate::cache::CachedToken;
use crate::cache::TokenKey;
use crate::error::Cause;
use crate::outcome::AuthenticationResult;
use crate::outcome::CacheRefreshReason;
use crate::outcome::Metadata;
use crate::outcome::TokenSource;
use crate::request::TokenRequest;
use crate::request::TokenRequestParts;
use crate::time::UnixTime;
use crate::token_endpoint::TokenAnswer;

/// One call's arguments, checked.
pub(crate) struct Call {
    pub(crate) application: Application,
    pub(crate) request: TokenRequest,
    pub(crate) authority: Authority,
}

impl Call {
    pub(crate) fn new(
        application: ApplicationParts,
        request: TokenRequestParts,
    ) -> Result<Self, Cause> {
        let application = Application::from_parts(application)?;
        let request = TokenRequest::from_parts(request, application.authority.kind())
            .map_err(Cause::InvalidRequest)?;
        let authority = match &request.tenant {
            Some(tenant) => {
                application.authority.with_tenant(tenant).map_err(Cause::InvalidRequest)?
            }
            None => application.authority.clone(),
        };
        Ok(Self { application, request, authority })
    }

    /// Whether the caller knows this very token to be bad.
    pub(crate) fn is_rejected(&self, token: &CachedToken) -> bool {
        self.request.rejected_token_sha256.is_some_and(|hash| token.is_hashed_to(&hash))
    }

    pub(crate) fn token_key(&self) -> TokenKey {
        TokenKey::new(&self.application, &self.authority, &self.request)
    }

    pub(crate) fn metadata(&self) -> Metadata {
        Metadata {
            token_source: TokenSource::IdentityProvider,
            cache_refresh_reason: CacheRefreshReason::NotApplicable,
            correlation_id: self.request.correlation_id.clone(),
            token_endpoint: self.authority.to_token_endpoint().to_string(),
            refresh_due: false,
            token_requests: 0,
            warnings: Vec::new(),
        }
    }

    pub(crate) fn cached_result(
        &self,
        token: CachedToken,
        refresh_due: bool,
        metadata: Metadata,
    ) -> AuthenticationResult {
        let metadata = Metadata { token_source: TokenSource::Cache, refresh_due, ..metadata };
        AuthenticationResult {
            access_token: token.access_token,
            expires_on: token.expires_on,
            refresh_on: token.refresh_on,
            scopes: token.scopes,
            tenant_id: self.authority.tenant().as_str().to_owned(),
            metadata,
        }
    }

    pub(crate) fn fetched_result(
        &self,
        token: TokenAnswer,
        requested_at: UnixTime,
        mut metadata: Metadata,
    ) -> AuthenticationResult {
        metadata.warnings.extend(token.warnings);
        AuthenticationResult {
            access_token: token.access_token,
            expires_on: requested_at.plus_seconds(token.lifetime_seconds.unwrap_or(0)),
            refresh_on: token.refresh_in_seconds.map(|seconds| requested_at.plus_seconds(seconds)),
            scopes: token.scopes.unwrap_or_else(|| self.request.scopes.to_vec()),
            tenant_id: self.authority.tenant().as_str().to_owned(),
            metadata,
        }
    }
}
