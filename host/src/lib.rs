//! Runs the msal-wasi component in wasmtime, over a key-value store of the caller's choice.
//!
//! [`Host`] is the component with its environment: a [`Store`](store::Store) for the sealed cache
//! and a [`Network`] to reach the authority. Each call runs in a fresh instance with limits on
//! memory and time; compiled code is shared. [`serve`](serve()) runs an HTTP component that uses the contract
//! over the same stores and network.
//!
//! The host has no cache and makes no decisions about tokens; the component does both.

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
