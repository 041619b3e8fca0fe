use std::fmt;

use crate::bindings::msal::client_credentials::client_credentials as contract;

/// A request for a token. Made of a scope, if there are no options.
///
/// Options are methods, and each states what happens without it. The component refuses an option that is given twice.
/// `Debug` shows the scopes.
#[derive(Clone)]
pub struct TokenRequest(contract::TokenRequest);

impl TokenRequest {
    /// A request for one scope, such as `https://graph.microsoft.com/.default`.
    pub fn new(scope: impl Into<String>) -> Self {
        Self(contract::TokenRequest { scopes: vec![scope.into()], options: Vec::new() })
    }

    /// Adds a scope, for authorities other than Entra. At most 32 in total.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.0.scopes.push(scope.into());
        self
    }

    /// Another tenant on the authority's host. Without it, the authority's tenant.
    #[must_use]
    pub fn tenant(self, tenant: impl Into<String>) -> Self {
        self.with(contract::RequestOption::Tenant(tenant.into()))
    }

    /// The claims challenge that a resource or the authority returned: a JSON object. The cache is not read for this
    /// call. Without it, there is none.
    #[must_use]
    pub fn claims(self, claims: impl Into<String>) -> Self {
        self.with(contract::RequestOption::Claims(claims.into()))
    }

    /// The client's own claims: a JSON object, part of the cache key. Without it, there are none.
    #[must_use]
    pub fn claims_from_client(self, claims: impl Into<String>) -> Self {
        self.with(contract::RequestOption::ClaimsFromClient(claims.into()))
    }

    /// Does not read the cache; the new token replaces the cached one. Without it, the cache is read.
    #[must_use]
    pub fn force_refresh(self) -> Self {
        self.with(contract::RequestOption::ForceRefresh)
    }

    /// The SHA-256, in hexadecimal, of a token that a resource rejected, which is then not served from the cache.
    /// Without it, any valid cached token is served.
    #[must_use]
    pub fn refresh_if_sha256(self, digest: impl Into<String>) -> Self {
        self.with(contract::RequestOption::RefreshIfSha256(digest.into()))
    }

    /// Sent as `client-request-id` and shown in the sign-in logs: a GUID. Without it, a random one.
    #[must_use]
    pub fn correlation_id(self, id: impl Into<String>) -> Self {
        self.with(contract::RequestOption::CorrelationId(id.into()))
    }

    /// The deadline of the whole call, retries included, in milliseconds. Without it, 30,000.
    #[must_use]
    pub fn deadline_ms(self, milliseconds: u32) -> Self {
        self.with(contract::RequestOption::DeadlineMs(milliseconds))
    }

    /// How many milliseconds to wait for the token that another instance is requesting. Without it, two thirds of the
    /// deadline.
    #[must_use]
    pub fn max_wait_ms(self, milliseconds: u32) -> Self {
        self.with(contract::RequestOption::MaxWaitMs(milliseconds))
    }

    /// A federated managed identity path, part of the cache key. Without it, none is sent.
    #[must_use]
    pub fn fmi_path(self, path: impl Into<String>) -> Self {
        self.with(contract::RequestOption::FmiPath(path.into()))
    }

    /// Attributes for the token: a JSON object, part of the cache key. Without it, none are sent.
    #[must_use]
    pub fn attributes(self, attributes: impl Into<String>) -> Self {
        self.with(contract::RequestOption::Attributes(attributes.into()))
    }

    /// Signed attribute tokens, part of the cache key. Without it, none are sent.
    #[must_use]
    pub fn attribute_tokens(self, tokens: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let tokens = tokens.into_iter().map(Into::into).collect();
        self.with(contract::RequestOption::AttributeTokens(tokens))
    }

    /// Further form fields of the token request, part of the cache key. Without it, there are none.
    #[must_use]
    pub fn extra_body_parameters<Text: Into<String>>(
        self,
        parameters: impl IntoIterator<Item = (Text, Text)>,
    ) -> Self {
        self.with(contract::RequestOption::ExtraBodyParameters(to_pairs(parameters)))
    }

    /// Further query parameters of the token endpoint, part of the cache key. Without it, there are none.
    #[must_use]
    pub fn extra_query_parameters<Text: Into<String>>(
        self,
        parameters: impl IntoIterator<Item = (Text, Text)>,
    ) -> Self {
        self.with(contract::RequestOption::ExtraQueryParameters(to_pairs(parameters)))
    }

    /// Further headers of the token request, not part of the cache key. Without it, there are none.
    #[must_use]
    pub fn extra_headers<Text: Into<String>>(
        self,
        headers: impl IntoIterator<Item = (Text, Text)>,
    ) -> Self {
        self.with(contract::RequestOption::ExtraHeaders(to_pairs(headers)))
    }

    /// Serves a cached token only if it is valid for more than this many seconds. Without it, 300, or half of a
    /// lifetime under 10 minutes.
    #[must_use]
    pub fn minimum_validity_seconds(self, seconds: u32) -> Self {
        self.with(contract::RequestOption::MinimumValiditySeconds(seconds))
    }

    /// If the token is due for a refresh and this caller is chosen for it, returns the cached token at once, with
    /// `refresh_due` set: call again with [`force_refresh`](Self::force_refresh) after you have sent your response.
    /// Without it, the chosen caller refreshes the token before it returns.
    #[must_use]
    pub fn defer_refresh(self) -> Self {
        self.with(contract::RequestOption::DeferRefresh)
    }

    /// Whether to send the certificate chain with this request. Without it, the certificate's options decide.
    #[must_use]
    pub fn send_x5c(self, send: bool) -> Self {
        self.with(contract::RequestOption::SendX5c(send))
    }

    /// Further claims to sign in this request's assertion: a JSON object, part of the cache key. Without it, there are
    /// none.
    #[must_use]
    pub fn extra_assertion_claims(self, claims: impl Into<String>) -> Self {
        self.with(contract::RequestOption::ExtraAssertionClaims(claims.into()))
    }

    pub(crate) fn into_contract(self) -> contract::TokenRequest {
        self.0
    }

    fn with(mut self, option: contract::RequestOption) -> Self {
        self.0.options.push(option);
        self
    }
}

impl From<&str> for TokenRequest {
    fn from(scope: &str) -> Self {
        Self::new(scope)
    }
}

impl From<String> for TokenRequest {
    fn from(scope: String) -> Self {
        Self::new(scope)
    }
}

impl fmt::Debug for TokenRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TokenRequest")
            .field("scopes", &self.0.scopes)
            .finish_non_exhaustive()
    }
}

fn to_pairs<Text: Into<String>>(
    pairs: impl IntoIterator<Item = (Text, Text)>,
) -> Vec<(String, String)> {
    pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_scopes_only() {
        let request = TokenRequest::new("a").scope("b").attribute_tokens(["hush"]);
        assert_eq!(format!("{request:?}"), r#"TokenRequest { scopes: ["a", "b"], .. }"#);
    }

    #[test]
    fn an_option_given_twice_is_passed_on_twice_for_the_component_to_refuse() {
        let contract::TokenRequest { options, .. } =
            TokenRequest::from("a").force_refresh().force_refresh().into_contract();
        assert_eq!(options.len(), 2);
    }
}
