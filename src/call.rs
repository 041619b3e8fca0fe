//! The validated arguments of a call, and what follows from them for its results.

use std::rc::Rc;
use std::time::Duration;

use crate::application::Application;
use crate::application::ApplicationParts;
use crate::authority::Authority;
use crate::authority::Endpoint;
use crate::cache::CachedToken;
use crate::cache::EntryKey;
use crate::cache::Label;
use crate::claims;
use crate::claims::JsonObject;
use crate::credential::AssertionParams;
use crate::credential::AssertionRequest;
use crate::credential::Credential;
use crate::credential::SigningAlgorithm;
use crate::credential::check_extra_claims;
use crate::credential::default_algorithm;
use crate::error::Cause;
use crate::error::Rejection;
use crate::outcome::AuthenticationResult;
use crate::outcome::CacheRefreshReason;
use crate::outcome::Metadata;
use crate::outcome::RegionOutcome;
use crate::outcome::TokenSource;
use crate::request::EXTRA_ASSERTION_CLAIMS;
use crate::request::TokenRequest;
use crate::request::TokenRequestParts;
use crate::secret::Secret;
use crate::time::UnixTime;
use crate::token_endpoint::TokenAnswer;

/// The validated arguments of a call.
pub(crate) struct Call {
    pub(crate) application: Rc<Application>,
    pub(crate) request: TokenRequest,
    /// The application's, or that of the request's tenant.
    pub(crate) authority: Rc<Authority>,
}

impl Call {
    pub(crate) fn new(
        application: ApplicationParts,
        request: TokenRequestParts,
    ) -> Result<Self, Cause> {
        let application = Application::from_parts(application)?;
        Self::of(Rc::new(application), request).map_err(Cause::InvalidRequest)
    }

    /// Validates a request of a validated application.
    pub(crate) fn of(
        application: Rc<Application>,
        request: TokenRequestParts,
    ) -> Result<Self, Rejection> {
        let request = TokenRequest::from_parts(request, application.authority.kind())?;
        if let Some(claims) = &request.extra_assertion_claims {
            check_extra_claims(EXTRA_ASSERTION_CLAIMS, claims)?;
            if !application.credentials.iter().any(|credential| credential.is_certificate()) {
                return Err(Rejection::not_allowed(
                    EXTRA_ASSERTION_CLAIMS,
                    "needs a certificate, because the component signs no other assertions; leave it unset",
                ));
            }
        }
        let authority = match &request.tenant {
            Some(tenant) => {
                Rc::new(application.authority.with_tenant(tenant, &application.authority_rules)?)
            }
            None => Rc::clone(&application.authority),
        };
        Ok(Self { application, request, authority })
    }

    /// Whether the caller rejects any cached token.
    pub(crate) fn bypasses_cache(&self) -> bool {
        let names_bad_token = self.request.rejected_token_sha256.is_some();
        self.request.force_refresh || (self.request.claims.is_some() && !names_bad_token)
    }

    pub(crate) fn token_key(&self) -> EntryKey {
        EntryKey::of_token(&self.application, &self.authority, &self.request)
    }

    /// Whether this call may wait for a token that another caller requests.
    pub(crate) fn uses_single_flight(&self) -> bool {
        !self.request.max_wait.is_zero() && !self.bypasses_cache()
    }

    /// Whether the request contains anything that a plain request for the same scopes does not.
    pub(crate) fn has_extras(&self) -> bool {
        !self.request.to_cache_key_extras().is_empty() || self.has_unkeyed_extras()
    }

    /// Whether the request contains extras that the token's key does not.
    pub(crate) fn has_unkeyed_extras(&self) -> bool {
        !self.unkeyed_extras().is_empty()
    }

    /// Everything that may affect how the authority answers, except the credentials.
    pub(crate) fn to_arguments(&self, token: &EntryKey) -> Vec<u8> {
        let mut arguments = token.as_bytes().to_vec();
        arguments.extend_from_slice(self.unkeyed_extras().join("\0").as_bytes());
        arguments
    }

    /// The identity of a credential of this call: what the authority receives from it.
    pub(crate) fn to_identity(&self, credential: &Credential) -> Secret<Vec<u8>> {
        let request = &self.request;
        let signing = credential.is_certificate().then(|| {
            let claims = request.extra_assertion_claims.as_ref().map(JsonObject::to_text);
            format!("{:?} {claims:?}", request.send_x5c)
        });
        let identity = credential.to_identity();
        let signing = signing.unwrap_or_default();
        let length = identity.expose().len().saturating_add(signing.len());
        let mut bytes = Vec::with_capacity(length);
        bytes.extend_from_slice(signing.as_bytes());
        bytes.extend_from_slice(identity.expose());
        Secret::from(bytes)
    }

    /// The extras that the token's key does not contain.
    fn unkeyed_extras(&self) -> Vec<String> {
        let request = &self.request;
        let mut extras = Vec::new();
        extras.extend(request.claims.as_ref().map(|claims| format!("claims {}", claims.to_text())));
        extras.extend(request.send_x5c.map(|send| format!("send-x5c {send}")));
        for (name, value) in &request.extra.headers {
            extras.push(format!("header {name}: {value}"));
        }
        if self.application.authority_rules.validate {
            extras.push("validate-authority".to_owned());
        }
        extras
    }

    /// The key of the record about token requests for these scopes.
    pub(crate) fn record_key(&self) -> EntryKey {
        EntryKey::of_scopes(Label::Flight, &self.application, &self.authority, &self.request)
    }

    /// The key of the record about which credential works.
    pub(crate) fn credential_key(&self) -> EntryKey {
        EntryKey::of_application(Label::Credential, &self.application, &self.authority)
    }

    /// The `claims` parameter.
    pub(crate) fn claims(&self) -> Option<String> {
        claims::to_parameter(
            self.request.claims_from_client.as_ref(),
            self.request.claims.as_ref(),
            &self.application.client_capabilities,
        )
    }

    /// The parameters of an assertion that the component signs for this call.
    pub(crate) fn assertion_params<'a>(
        &'a self,
        audience: &'a Endpoint,
        now: UnixTime,
        use_rs256: bool,
    ) -> AssertionParams<'a> {
        AssertionParams {
            client_id: self.application.client_id.as_str(),
            audience,
            now,
            algorithm: if use_rs256 {
                SigningAlgorithm::Rs256
            } else {
                default_algorithm(self.authority.kind())
            },
            send_x5c: self.request.send_x5c,
            extra_claims: self.request.extra_assertion_claims.as_ref(),
        }
    }

    /// The arguments of an assertion provider.
    pub(crate) fn assertion_request(
        &self,
        audience: &Endpoint,
        correlation_id: &str,
        remaining: Duration,
    ) -> AssertionRequest {
        AssertionRequest {
            client_id: self.application.client_id.as_str().to_owned(),
            tenant_id: self.authority.tenant_id().to_owned(),
            token_endpoint: audience.to_string(),
            claims: self.claims(),
            client_capabilities: self.application.client_capabilities.clone(),
            fmi_path: self.request.fmi_path.clone(),
            correlation_id: correlation_id.to_owned(),
            remaining,
        }
    }

    pub(crate) fn metadata(&self) -> Metadata {
        Metadata {
            token_source: TokenSource::IdentityProvider,
            cache_refresh_reason: CacheRefreshReason::NotApplicable,
            correlation_id: self.request.correlation_id.clone(),
            token_endpoint: self.authority.to_token_endpoint().to_string(),
            region_outcome: match &self.application.authority_rules.region {
                None => RegionOutcome::NotRequested,
                Some(_) if self.authority.is_regional() => RegionOutcome::Regional,
                Some(_) => RegionOutcome::FallbackToGlobal,
            },
            credential_index: None,
            refresh_due: false,
            token_requests: 0,
            warnings: Vec::new(),
        }
    }

    pub(crate) fn cached_result(
        &self,
        token: CachedToken,
        mut metadata: Metadata,
    ) -> AuthenticationResult {
        metadata.token_source = TokenSource::Cache;
        AuthenticationResult {
            access_token: token.access_token,
            expires_on: token.expires_on,
            refresh_on: token.refresh_on,
            scopes: token.scopes,
            tenant_id: self.authority.tenant_id().to_owned(),
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
            tenant_id: self.authority.tenant_id().to_owned(),
            metadata,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::CredentialParts;
    use crate::error::RejectionCode;

    fn call(request: TokenRequestParts) -> Result<Call, Cause> {
        let application = ApplicationParts {
            client_id: "client".to_owned(),
            authority: "contoso.com".to_owned(),
            credentials: vec![CredentialParts::Secret(Secret::from("secret".to_owned()))],
            ..ApplicationParts::default()
        };
        let scopes = vec!["https://graph.microsoft.com/.default".to_owned()];
        Call::new(application, TokenRequestParts { scopes, ..request })
    }

    fn with(change: impl FnOnce(&mut TokenRequestParts)) -> Call {
        let mut request = TokenRequestParts::default();
        change(&mut request);
        call(request).unwrap()
    }

    #[test]
    fn a_challenge_bypasses_the_cache_unless_it_names_the_token_that_failed() {
        let claims = Some(r#"{"access_token":{}}"#.to_owned());
        assert!(!with(|_| {}).bypasses_cache());
        assert!(with(|it| it.force_refresh = true).bypasses_cache());
        assert!(with(|it| it.claims.clone_from(&claims)).bypasses_cache());
        let named = with(|it| {
            it.claims.clone_from(&claims);
            it.refresh_if_sha256 = Some("0".repeat(64));
        });
        assert!(!named.bypasses_cache());
    }

    #[test]
    fn a_call_that_may_not_wait_uses_no_single_flight() {
        assert!(with(|_| {}).uses_single_flight());
        assert!(!with(|it| it.max_wait_ms = Some(0)).uses_single_flight());
        assert!(!with(|it| it.force_refresh = true).uses_single_flight());
    }

    #[test]
    fn extras_are_in_the_key_or_in_the_arguments() {
        let plain = with(|_| {});
        assert!(!plain.has_extras() && !plain.has_unkeyed_extras());
        let keyed = with(|it| it.fmi_path = Some("/a".to_owned()));
        assert!(keyed.has_extras() && !keyed.has_unkeyed_extras());
        let unkeyed = with(|it| it.send_x5c = Some(true));
        assert!(unkeyed.has_extras() && unkeyed.has_unkeyed_extras());
        let arguments = |call: &Call| call.to_arguments(&call.token_key());
        assert_ne!(arguments(&plain), arguments(&keyed));
        assert_ne!(arguments(&plain), arguments(&unkeyed));
    }

    #[test]
    fn signed_claims_need_a_certificate() {
        let request = TokenRequestParts {
            extra_assertion_claims: Some(r#"{"a":1}"#.to_owned()),
            ..TokenRequestParts::default()
        };
        let Err(Cause::InvalidRequest(rejection)) = call(request) else {
            panic!("a secret signs nothing");
        };
        assert_eq!(
            (rejection.field, rejection.code),
            (EXTRA_ASSERTION_CLAIMS, RejectionCode::NotAllowed)
        );
    }

    #[test]
    fn a_requests_tenant_replaces_the_authoritys() {
        let call = with(|it| it.tenant = Some("fabrikam.com".to_owned()));
        assert_eq!(call.authority.tenant_id(), "fabrikam.com");
        assert_eq!(call.application.authority.tenant_id(), "contoso.com");
    }

    #[test]
    fn a_fetched_result_takes_what_the_answer_omits_from_the_request() {
        let call = with(|_| {});
        let answer = TokenAnswer {
            access_token: Secret::from("token".to_owned()),
            lifetime_seconds: Some(3_600),
            refresh_in_seconds: None,
            scopes: None,
            warnings: vec!["a warning".to_owned()],
        };
        let result = call.fetched_result(answer, UnixTime::from_seconds(1_000), call.metadata());
        assert_eq!(result.expires_on.to_seconds(), 4_600);
        assert_eq!(result.scopes, ["https://graph.microsoft.com/.default"]);
        assert_eq!(result.metadata.warnings, ["a warning"]);
    }
}
