//! Runs the msal-wasi component in wasmtime, over a key-value store of the caller's choice.
//!
//! [`Host`] is the component with its environment: a [`Store`](store::Store) for the sealed cache
//! and a [`Network`] to reach the authority. Each call runs in a fresh instance with limits on
//! memory and time; compiled code is shared. [`serve`](serve()) runs an HTTP component that uses the contract
//! over the same stores and network.
//!
//! The host has no cache and makes no decisions about tokens; the component does both.
//!
//! # Example
//! A token from the authority, the same token from the cache, and an error. The authority is the emulator; for Microsoft
//! Entra, leave out the network and give a tenant instead of a URL.
//!
//! ```
//! use msal_emulator::{Emulator, demo};
//! use msal_host::contract::{Application, Credential, ErrorCause, RequestOption, TokenRequest, TokenSource};
//! use msal_host::{Host, Network, store};
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let emulator = Emulator::start()?;
//!     let network = Network::builder().ca_certificate_pem(emulator.ca_certificate_pem()).build()?;
//!     // Other stores are `sqlite:PATH`, for the processes of a machine, and `redis://HOST:PORT`.
//!     let host = Host::builder().store(store::open("memory")?).network(network).build()?;
//!
//!     let application = |secret: &str| Application {
//!         client_id: demo::CLIENT_ID.to_owned(),
//!         authority: format!("{}/{}", emulator.https_url(), demo::TENANT),
//!         credentials: vec![Credential::Secret(secret.to_owned())],
//!         options: Vec::new(),
//!     };
//!     let mut request = TokenRequest::new(demo::GRAPH_SCOPE);
//!     request.options.push(RequestOption::DeadlineMs(10_000));
//!
//!     // The outer result is the host's: an instance could not be started, or was stopped by a limit.
//!     let registered = application(demo::client_secret());
//!     let first = host.acquire_token_for_client(&registered, &request).await??;
//!     assert_eq!(first.metadata.token_source, TokenSource::IdentityProvider);
//!     let second = host.acquire_token_for_client(&registered, &request).await??;
//!     assert_eq!(second.metadata.token_source, TokenSource::Cache);
//!     assert_eq!(second.access_token, first.access_token);
//!
//!     let error = host.acquire_token_for_client(&application("wrong"), &request).await?.unwrap_err();
//!     if let ErrorCause::Refused(refusal) = &error.cause {
//!         assert_eq!(refusal.error, "invalid_client");
//!         assert_eq!(refusal.error_codes, [7_000_215]);
//!     }
//!     assert_eq!(error.kind, "refused");
//!     println!("{}; {}", error.message, error.remedy.unwrap_or_default());
//!     Ok(())
//! }
//! ```

mod assertions;
mod compilation;
mod composition;
mod configuration;
mod environment;
mod error;
mod guest;
mod host;
mod keyvalue;
mod memory;
mod network;
mod runtime;
mod serve;
mod trust;
mod turns;

pub mod contract;
pub mod files;
pub mod store;

pub use self::assertions::AssertionProvider;
pub use self::assertions::AssertionRequest;
pub use self::assertions::Signer;
pub use self::compilation::Compilation;
pub use self::compilation::CompiledCache;
pub use self::composition::compose;
pub use self::composition::isolate;
pub use self::configuration::Configuration;
pub use self::error::HostError;
pub use self::host::ComponentSource;
pub use self::host::Host;
pub use self::host::HostBuilder;
pub use self::host::ReusedInstance;
pub use self::host::Statistics;
pub use self::network::Network;
pub use self::network::NetworkBuilder;
pub use self::network::NetworkError;
pub use self::network::TokenProxy;
pub use self::network::TokenProxyTrust;
pub use self::serve::ServeOptions;
pub use self::serve::Server;
pub use self::serve::serve;
pub use self::trust::CaCertificateError;
pub use self::trust::CaCertificates;
