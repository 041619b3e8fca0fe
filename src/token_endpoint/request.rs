//! Builds the token request: RFC 6749, section 4.4.2, with MSAL's additions.

use std::borrow::Cow;

use form_urlencoded::Serializer;

use crate::application::Application;
use crate::authority::Authority;
use crate::claims::JsonObject;
use crate::credential::Proof;
use crate::http::HttpRequest;
use crate::http::Method;
use crate::outcome::CacheRefreshReason;
use crate::request::TokenRequest;
use crate::secret::Secret;

/// The content of a token request.
#[derive(Debug)]
pub(crate) struct TokenRequestForm<'a> {
    /// The application.
    pub application: &'a Application,
    /// The request's arguments.
    pub request: &'a TokenRequest,
    /// The authority.
    pub authority: &'a Authority,
    /// The `claims` parameter.
    pub claims: Option<String>,
    /// The proof of the credential.
    pub proof: &'a Proof,
    /// The correlation ID, which is the same for all attempts of a call.
    pub correlation_id: &'a str,
    /// Why the cache did not serve the call.
    pub reason: CacheRefreshReason,
    /// Whether `Retry-After` is stored for later calls.
    pub can_wait: bool,
}

impl TokenRequestForm<'_> {
    /// The HTTP request.
    pub(crate) fn to_http(&self) -> HttpRequest {
        HttpRequest {
            method: Method::Post,
            endpoint: self.authority.to_token_endpoint(),
            query: self.to_query(),
            headers: self.to_headers(),
            body: Secret::from(self.to_body().into_bytes()),
        }
    }

    fn to_body(&self) -> String {
        // Allocated once: growing would leave copies of the credential behind.
        let proof = self.proof.fields().iter();
        let room = proof.fold(8_192_usize, |sum, (_, value)| {
            sum.saturating_add(value.expose().len().saturating_mul(3))
        });
        let mut form = Serializer::new(String::with_capacity(room));
        form.append_pair("client_id", self.application.client_id.as_str());
        form.append_pair("grant_type", "client_credentials");
        form.append_pair("scope", &self.request.scopes.to_parameter());
        form.append_pair("client_info", "2");
        let attributes = self.request.attributes.as_ref().map(JsonObject::to_text);
        for (name, value) in [
            ("claims", self.claims.as_deref()),
            ("fmi_path", self.request.fmi_path.as_deref()),
            ("attributes", attributes.as_deref()),
            ("attribute_tokens", self.request.attribute_tokens.as_deref()),
        ] {
            if let Some(value) = value {
                form.append_pair(name, value);
            }
        }
        form.extend_pairs(&self.request.extra.body);
        for (name, value) in self.proof.fields() {
            form.append_pair(name, value.expose());
        }
        form.finish()
    }

    fn to_query(&self) -> Option<String> {
        let pairs = &self.request.extra.query;
        (!pairs.is_empty()).then(|| Serializer::new(String::new()).extend_pairs(pairs).finish())
    }

    fn to_headers(&self) -> Vec<(Cow<'static, str>, String)> {
        let mut headers = vec![
            ("content-type", "application/x-www-form-urlencoded".to_owned()),
            ("accept", "application/json".to_owned()),
            ("client-request-id", self.correlation_id.to_owned()),
            ("return-client-request-id", "true".to_owned()),
            ("x-client-sku", "MSAL.WASI".to_owned()),
            ("x-client-ver", env!("CARGO_PKG_VERSION").to_owned()),
            ("x-client-os", "wasi".to_owned()),
            ("x-client-cpu", "wasm32".to_owned()),
            ("x-client-current-telemetry", self.to_telemetry()),
        ];
        if self.can_wait {
            headers.push(("x-ms-lib-capability", "retry-after, h429".to_owned()));
        }
        let application = self.application;
        for (name, value) in
            [("x-app-name", &application.app_name), ("x-app-ver", &application.app_version)]
        {
            if let Some(value) = value {
                headers.push((name, value.clone()));
            }
        }
        let own = headers.into_iter().map(|(name, value)| (Cow::Borrowed(name), value));
        let extra = self.request.extra.headers.iter();
        own.chain(extra.map(|(name, value)| (Cow::Owned(name.clone()), value.clone()))).collect()
    }

    /// MSAL.NET's schema 5: `5|api,cache,region,source,outcome|serialized,legacy,type,sku,version,managed`.
    fn to_telemetry(&self) -> String {
        let region = self.application.authority_rules.region.as_ref();
        let (region, source, outcome) = match region {
            None => ("", "", ""),
            // The caller configured the region; it was not detected.
            Some(region) if self.authority.is_regional() => (region.as_str(), "0", "1"),
            Some(region) => (region.as_str(), "0", "5"),
        };
        let reason = self.reason.to_number();
        format!("5|{API_ID},{reason},{region},{source},{outcome}|1,0,{BEARER},,,0")
    }
}

/// MSAL's number of `AcquireTokenForClient`.
const API_ID: u32 = 1004;
/// MSAL's number of the bearer token type.
const BEARER: u32 = 1;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::application::ApplicationParts;
    use crate::authority::AuthorityKind;
    use crate::credential::CredentialParts;
    use crate::request::TokenRequestParts;

    fn sent(
        application: ApplicationParts,
        request: TokenRequestParts,
        can_wait: bool,
    ) -> HttpRequest {
        let application = Application::from_parts(ApplicationParts {
            client_id: "client".to_owned(),
            authority: "contoso.com".to_owned(),
            credentials: vec![CredentialParts::Secret(Secret::from("s&t".to_owned()))],
            ..application
        });
        let application = application.unwrap();
        let request = TokenRequestParts {
            scopes: vec!["https://graph.microsoft.com/.default".to_owned()],
            ..request
        };
        let form = TokenRequestForm {
            application: &application,
            request: &TokenRequest::from_parts(request, AuthorityKind::Entra).unwrap(),
            authority: &application.authority,
            claims: None,
            proof: &Proof::of_secret(&Secret::from("s&t".to_owned())),
            correlation_id: "id",
            reason: CacheRefreshReason::Expired,
            can_wait,
        };
        form.to_http()
    }

    fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
        let mut headers = request.headers.iter();
        headers.find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    #[test]
    fn the_form_ends_with_the_credential() {
        let request =
            TokenRequestParts { fmi_path: Some("/a+b".to_owned()), ..TokenRequestParts::default() };
        let sent = sent(ApplicationParts::default(), request, false);
        assert_eq!(
            std::str::from_utf8(sent.body.expose()),
            Ok("client_id=client&grant_type=client_credentials\
                &scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&client_info=2&fmi_path=%2Fa%2Bb\
                &client_secret=s%26t")
        );
        assert_eq!(
            sent.to_url(),
            "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token"
        );
    }

    #[test]
    fn headers_promise_only_what_the_call_can_do() {
        let plain = sent(ApplicationParts::default(), TokenRequestParts::default(), false);
        assert_eq!(header(&plain, "client-request-id"), Some("id"));
        assert_eq!(header(&plain, "x-ms-lib-capability"), None);
        assert_eq!(header(&plain, "x-app-name"), None);
        assert_eq!(header(&plain, "x-client-current-telemetry"), Some("5|1004,3,,,|1,0,1,,,0"));
        let application = ApplicationParts {
            app_name: Some("app".to_owned()),
            region: Some("westeurope".to_owned()),
            ..ApplicationParts::default()
        };
        let named = sent(application, TokenRequestParts::default(), true);
        assert_eq!(header(&named, "x-ms-lib-capability"), Some("retry-after, h429"));
        assert_eq!(header(&named, "x-app-name"), Some("app"));
        assert_eq!(
            header(&named, "x-client-current-telemetry"),
            Some("5|1004,3,westeurope,0,1|1,0,1,,,0")
        );
    }
}
