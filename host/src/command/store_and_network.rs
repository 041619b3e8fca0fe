//! Flags for the store and the network.

use std::path::PathBuf;
use std::sync::Arc;

use msal_host::CaCertificates;
use msal_host::Network;
use msal_host::NetworkError;
use msal_host::store;
use msal_host::store::Store;

use super::Failure;
use super::file;

/// The store for tokens, and the network to the authority.
#[derive(clap::Args, Debug)]
pub(super) struct StoreAndNetworkArgs {
    /// Store for the sealed tokens: memory (for this run only), a SQLite file that several processes
    /// may share, or a Redis server.
    #[arg(long, value_name = "memory|sqlite:PATH|redis://HOST:PORT", default_value = "memory")]
    store: String,

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
        store::open(&self.store).map_err(|error| Failure::of("--store", error))
    }

    pub(super) fn network(&self) -> Result<Network, Failure> {
        let mut network = Network::builder().proxies_from_environment();
        for path in &self.ca_certificate {
            let pem = file::read("--ca-certificate", path)?;
            let certificates = CaCertificates::from_pem(pem).map_err(|error| {
                let reason =
                    format_args!("{}: the CA certificate cannot be used: {error}", path.display());
                Failure::of("--ca-certificate", reason)
            })?;
            network = network.ca_certificates(certificates);
        }
        for mapping in &self.resolve {
            network = network.resolve(mapping);
        }
        network.build().map_err(|error| match error {
            NetworkError::Resolution(_) => Failure::of("--resolve", error),
            NetworkError::Certificate(_) => Failure::of("--ca-certificate", error),
            NetworkError::CertificateVariable { .. } | NetworkError::Proxy { .. } => {
                Failure::new(error)
            }
        })
    }
}
