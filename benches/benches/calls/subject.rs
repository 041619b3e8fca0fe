//! The component in a host, and the arguments of its calls.

use std::error::Error;
use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http::Response;
use msal_emulator::demo;
use msal_host::Host;
use msal_host::HostBuilder;
use msal_host::Network;
use msal_host::contract::Application;
use msal_host::contract::Certificate;
use msal_host::contract::CertificateOption;
use msal_host::contract::CertificateSource;
use msal_host::contract::Credential;
use msal_host::contract::RequestOption;
use msal_host::contract::SigningAlgorithm;
use msal_host::contract::TokenRequest;
use msal_host::store::MemoryStore;
use msal_host::store::Store;

/// A host whose network answers at once with a token of typical length.
pub(super) fn host(
    component: &[u8],
    set_up: impl FnOnce(HostBuilder) -> HostBuilder,
) -> Result<Host, Box<dyn Error>> {
    let builder = Host::builder().component(component).network(Network::function(token_answer));
    Ok(set_up(builder).build()?)
}

fn token_answer(_request: &Request<Bytes>) -> Response<Bytes> {
    let token = "x".repeat(TOKEN_LENGTH);
    let body = format!(
        r#"{{"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,"access_token":"{token}"}}"#
    );
    Response::builder()
        .header("content-type", "application/json; charset=utf-8")
        .body(Bytes::from(body))
        .expect("a response")
}

pub(super) async fn call(host: &Host, application: &Application, request: &TokenRequest) {
    let result = host.acquire_token_for_client(application, request).await;
    result.expect("the host works").expect("a token");
}

/// A store with entries like the component's, one less than this: names of 56 characters, values of the size of a typical
/// token.
pub(super) async fn filled_store(size: usize) -> Result<Arc<dyn Store>, Box<dyn Error>> {
    let store = MemoryStore::new();
    for number in 1..size {
        let key = format!("mt3-{number:052}");
        store.set("default", &key, vec![7; 1_589]).await.map_err(|error| error.to_string())?;
    }
    Ok(Arc::new(store))
}

pub(super) fn application(credential: Credential) -> Application {
    Application {
        client_id: demo::CLIENT_ID.to_owned(),
        authority: demo::TENANT.to_owned(),
        credentials: vec![credential],
        options: Vec::new(),
    }
}

pub(super) fn request() -> TokenRequest {
    TokenRequest::new(demo::API_SCOPE)
}

pub(super) fn forced_request() -> TokenRequest {
    let mut request = request();
    request.options.push(RequestOption::ForceRefresh);
    request
}

pub(super) fn secret() -> Credential {
    Credential::Secret(demo::client_secret().to_owned())
}

pub(super) fn rsa(algorithm: Option<SigningAlgorithm>) -> Credential {
    let mut certificate = Certificate::new(CertificateSource::Pem(KEY.to_owned()));
    certificate.options.extend(algorithm.map(CertificateOption::Algorithm));
    Credential::Certificate(certificate)
}

pub(super) const TOKEN_LENGTH: usize = 1_384;
const KEY: &str = include_str!("../../../tests/keys/rsa2048.pem");
