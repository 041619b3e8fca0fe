//! The demonstration: gets a token from the authority, and the same token from the cache.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use msal_emulator::Emulator;
use msal_emulator::demo;
use msal_host::Host;
use msal_host::HostBuilder;
use msal_host::Network;
use msal_host::NetworkError;
use msal_host::contract::Application;
use msal_host::contract::ApplicationOption;
use msal_host::contract::Credential;
use msal_host::contract::TokenRequest;
use msal_host::contract::TokenSource;

use super::Failure;
use super::azure;
use super::azure::Configured;
use super::environment::variable;
use super::output::print_line;
use super::printable::printable;
use super::report::line;

pub(super) async fn run() -> Result<ExitCode, Failure> {
    let network = Network::builder().proxies_from_environment();
    match azure::application(variable)? {
        Some(Configured { mut application, federated_token, token_proxy, warnings }) => {
            for warning in warnings {
                eprintln!("warning: {warning}");
            }
            eprintln!("Asking {} for a token, twice.", printable(&application.authority));
            let network = match token_proxy {
                Some(proxy) => network.token_proxy(proxy),
                None => network,
            };
            let network = network.build().map_err(|error| match error {
                NetworkError::TokenProxy(_) => Failure::of(azure::TOKEN_PROXY, error),
                error => Failure::new(error),
            })?;
            let mut builder = Host::builder().network(network);
            if let Some(token) = federated_token {
                application.options.push(ApplicationOption::CacheKeys(vec![temporary_key()?]));
                builder = builder.assertion_provider(Arc::new(token));
            }
            ask_twice(&application, builder).await
        }
        None => {
            let emulator = Emulator::start()
                .map_err(|error| Failure::of("the emulator cannot be started", error))?;
            eprintln!(
                "Asking the built-in emulator at {} for a token, twice. Set AZURE_TENANT_ID, \
                 AZURE_CLIENT_ID and AZURE_CLIENT_SECRET to ask Microsoft Entra instead.",
                emulator.https_url()
            );
            let network = network.ca_certificate_pem(emulator.ca_certificate_pem());
            let network = network.build().map_err(Failure::new)?;
            ask_twice(&demo_application(&emulator), Host::builder().network(network)).await
        }
    }
}

/// Gets a token twice, and succeeds if the second one comes from the cache.
async fn ask_twice(application: &Application, builder: HostBuilder) -> Result<ExitCode, Failure> {
    let host = builder.build().map_err(Failure::new)?;
    let request = TokenRequest::new(SCOPE);
    let mut source = None;
    for _ in 0..2 {
        let start = Instant::now();
        let outcome = host.acquire_token_for_client(application, &request).await;
        let result = outcome
            .map_err(Failure::new)?
            .map_err(|error| Failure::new(azure::error_text(application, &error)))?;
        print_line(line(&result, start.elapsed()));
        for warning in &result.metadata.warnings {
            eprintln!("warning: {}", printable(warning));
        }
        source = Some(result.metadata.token_source);
    }
    if source == Some(TokenSource::Cache) {
        Ok(ExitCode::SUCCESS)
    } else {
        Err(Failure::new("the second token did not come from the cache"))
    }
}

/// A random key to seal the cache, for the lifetime of this process and its store. A federated
/// workload has no secret to derive a key from.
fn temporary_key() -> Result<Vec<u8>, Failure> {
    let mut key = vec![0; 32];
    let random = rustls::crypto::ring::default_provider().secure_random;
    random.fill(&mut key).map_err(|_| Failure::new("the system did not provide random bytes"))?;
    Ok(key)
}

const SCOPE: &str = "https://graph.microsoft.com/.default";

fn demo_application(emulator: &Emulator) -> Application {
    Application {
        client_id: demo::CLIENT_ID.to_owned(),
        authority: format!("{}/{}", emulator.https_url(), demo::TENANT),
        credentials: vec![Credential::Secret(demo::client_secret().to_owned())],
        options: Vec::new(),
    }
}
