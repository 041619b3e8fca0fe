//! Times calls of `azure_identity`, with a function instead of a network, and prints the medians in µs as JSON.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use async_trait::async_trait;
use azure_core::credentials::Secret;
use azure_core::credentials::TokenCredential;
use azure_core::http::AsyncRawResponse;
use azure_core::http::ClientOptions;
use azure_core::http::HttpClient;
use azure_core::http::Request;
use azure_core::http::StatusCode;
use azure_core::http::Transport;
use azure_core::http::headers::CONTENT_TYPE;
use azure_core::http::headers::Headers;
use azure_identity::ClientSecretCredential;
use azure_identity::ClientSecretCredentialOptions;
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let scale: f64 = std::env::args().nth(1).ok_or("a factor for the numbers of calls")?.parse()?;
    let network: Arc<dyn HttpClient> = Arc::new(Network::new());
    let warm = credential(&network)?;
    let medians = json!({
        "hit-warm": median(20_000.0 * scale, async || acquire(&warm).await).await?,
        "miss-secret": median(5_000.0 * scale, async || miss(&network).await).await?,
    });
    let version = format!("azure_identity {}", version().ok_or("Cargo.lock has the version")?);
    println!("{}", json!({ "version": version, "medians_us": medians }));
    Ok(())
}

fn credential(network: &Arc<dyn HttpClient>) -> azure_core::Result<Arc<ClientSecretCredential>> {
    let client_options = ClientOptions {
        transport: Some(Transport::new(Arc::clone(network))),
        ..ClientOptions::default()
    };
    ClientSecretCredential::new(
        TENANT,
        CLIENT_ID.to_owned(),
        Secret::new(SECRET),
        Some(ClientSecretCredentialOptions { client_options }),
    )
}

async fn miss(network: &Arc<dyn HttpClient>) -> azure_core::Result<()> {
    let fresh = credential(network)?;
    acquire(&fresh).await
}

async fn acquire(credential: &ClientSecretCredential) -> azure_core::Result<()> {
    let token = credential.get_token(&[SCOPE], None).await?;
    assert_eq!(token.token.secret().len(), TOKEN_LENGTH);
    Ok(())
}

/// The library's HTTP client as a function.
#[derive(Debug)]
struct Network(Vec<u8>);

impl Network {
    fn new() -> Self {
        let body = json!({
            "token_type": "Bearer",
            "expires_in": 3599,
            "ext_expires_in": 3599,
            "access_token": "x".repeat(TOKEN_LENGTH),
        });
        Self(body.to_string().into_bytes())
    }
}

#[async_trait]
impl HttpClient for Network {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        assert_eq!(request.url().path(), format!("/{TENANT}/oauth2/v2.0/token"));
        let mut headers = Headers::new();
        headers.insert(CONTENT_TYPE, "application/json; charset=utf-8");
        Ok(AsyncRawResponse::from_bytes(StatusCode::Ok, headers, self.0.clone()))
    }
}

async fn median(
    samples: f64,
    mut call: impl AsyncFnMut() -> azure_core::Result<()>,
) -> azure_core::Result<f64> {
    let samples = samples.max(3.0) as usize;
    for _ in 0..=samples / 10 {
        call().await?;
    }
    let mut durations = Vec::with_capacity(samples);
    for _ in 0..samples {
        let started = Instant::now();
        call().await?;
        durations.push(started.elapsed());
    }
    durations.sort_unstable();
    let median = durations.get(samples / 2).map_or(f64::NAN, Duration::as_secs_f64);
    Ok(median * 1e6)
}

/// The version of the library, which has no constant for it.
fn version() -> Option<&'static str> {
    let (_, rest) =
        include_str!("../Cargo.lock").split_once("name = \"azure_identity\"\nversion = \"")?;
    rest.split('"').next()
}

const TENANT: &str = "22222222-2222-2222-2222-222222222222";
const CLIENT_ID: &str = "11111111-1111-1111-1111-111111111111";
const SCOPE: &str = "https://graph.microsoft.com/.default";
const SECRET: &str = "a-secret-of-forty-characters-like-Entra's";
const TOKEN_LENGTH: usize = 1_384;
