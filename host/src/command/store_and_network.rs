//! Flags for the store and the network.

use std::path::PathBuf;
use std::sync::Arc;

use msal_host::Network;
use msal_host::NetworkError;
use msal_host::store::Store;

use super::Failure;
use super::ca_certificates;
use super::store::StoreArgs;

/// The store for tokens, and the network to the authority.
#[derive(clap::Args, Debug)]
pub(super) struct StoreAndNetworkArgs {
    #[command(flatten)]
    store: StoreArgs,

    /// Also trust the certificate authorities in this PEM file. May be repeated.
    #[arg(long, value_name = "FILE")]
    ca_certificate: Vec<PathBuf>,

    /// Connect to ADDRESS for requests to HOST and PORT, as curl does. ADDRESS may include a port. May
    /// be repeated.
    #[arg(long, value_name = "HOST:PORT:ADDRESS")]
    resolve: Vec<String>,
}

impl StoreAndNetworkArgs {
    pub(super) fn store(&self) -> Result<Arc<dyn Store>, Failure> {
        self.store.open()
    }

    /// A store whose entries outlast this process.
    pub(super) fn lasting_store(&self) -> Result<Arc<dyn Store>, Failure> {
        self.store.open_lasting()
    }

    pub(super) fn network(&self) -> Result<Network, Failure> {
        let trusted = ca_certificates::read("--ca-certificate", &self.ca_certificate)?;
        let mut network = Network::builder().proxies_from_environment().ca_certificates(trusted);
        for mapping in &self.resolve {
            network = network.resolve(mapping);
        }
        network.build().map_err(|error| match error {
            NetworkError::Resolution => Failure::of("--resolve", error),
            NetworkError::Certificate(_) => Failure::of("--ca-certificate", error),
            NetworkError::CertificateVariable { .. }
            | NetworkError::Proxy { .. }
            | NetworkError::TokenProxy(_) => Failure::new(error),
        })
    }
}
