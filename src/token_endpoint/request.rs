//! The token request on the wire: RFC 6749, section 4.4.2, with MSAL's additions.

use form_urlencoded::Serializer;

use crate::application::Application;
use crate::authority::Authority;
use crate::claims;
use crate::credential::Proof;
use crate::http::HttpRequest;
use crate::outcome::CacheRefreshReason;
use crate::request::TokenRequest;
use crate::secret::Secret;

/// Everything that one token request says.
#[derive(Debug)]
pub struct TokenRequestForm<'a> {
    /// Who asks.
    pub application: &'a Application,
    /// What for.
    pub request: &'a TokenRequest,
    /// Where.
    pub authority: &'a Authority,
    /// The credential.
    pub proof: &'a Proof,
    /// The same for every attempt of a call.
    pub correlation_id: &'a str,
    /// Why the cache did not do.
    pub reason: CacheRefreshReason,
}

impl TokenRequestForm<'_> {
    /// The HTTP request.
    pub fn to_http(&self) -> HttpRequest {
        HttpRequest {
            endpoint: self.authority.to_token_endpoint(),
            headers: self.to_headers(),
            body: Secret::from(self.to_body().into_bytes()),
        }
    }

    fn to_body(&self) -> String {
        // Made with room for everything: growing would leave copies of the credential behind.
        let proof = self.proof.fields().iter();
        let room = proof.fold(8_192_usize, |sum, (_, value)| {
            sum.saturating_add(value.expose().len().saturating_mul(3))
        });
        let mut form = Serializer::new(String::with_capacity(room));
        form.append_pair("client_id", self.application.client_id.as_str());
        form.append_pair("grant_type", "client_credentials");
        form.append_pair("scope", &self.request.scopes.to_parameter());
        form.append_pair("client_info", "2");
        let claims = self.request.claims.as_ref();
        if let Some(claims) = claims::to_parameter(claims, &self.application.client_capabilities) {
            form.append_pair("claims", &claims);
        }
        for (name, value) in self.proof.fields() {
            form.append_pair(name, value.expose());
        }
        form.finish()
    }

    fn to_headers(&self) -> Vec<(&'static str, String)> {
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
        let application = self.application;
        for (name, value) in
            [("x-app-name", &application.app_name), ("x-app-ver", &application.app_version)]
        {
            if let Some(value) = value {
                headers.push((name, value.clone()));
            }
        }
        headers
    }

    /// MSAL.NET's schema 5: `5|api,cache,region,source,outcome|serialized,legacy,type,sku,version,managed`.
    fn to_telemetry(&self) -> String {
        format!("5|{API_ID},{},,,|1,0,{BEARER},,,0", self.reason.to_number())
    }
}

/// MSAL's number of `AcquireTokenForClient`.
const API_ID: u32 = 1004;
/// MSAL's number of the bearer token type.
const BEARER: u32 = 1;
