//! The TLS configuration.

use std::fmt;
use std::sync::Arc;
use std::sync::OnceLock;

use rustls::ClientConfig;
use rustls::RootCertStore;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use wasmtime_wasi_http::Error;

use crate::trust;
use crate::trust::CaCertificates;

/// The authorities, and the TLS configuration, which is built lazily: reading the platform's
/// certificates takes longer than a cache hit.
#[derive(Default)]
pub(super) struct Trust {
    added: CaCertificates,
    /// Those that the environment names, if they were read already.
    named: Option<Vec<CertificateDer<'static>>>,
    configuration: OnceLock<Result<Arc<ClientConfig>, String>>,
}

impl Trust {
    pub(super) fn new(added: CaCertificates, named: Option<Vec<CertificateDer<'static>>>) -> Self {
        Self { added, named, configuration: OnceLock::new() }
    }

    pub(super) fn configuration(&self) -> Result<Arc<ClientConfig>, Error> {
        self.configuration
            .get_or_init(|| self.configure())
            .clone()
            .map_err(|reason| Error::InternalError(Some(reason)))
    }

    fn configure(&self) -> Result<Arc<ClientConfig>, String> {
        let platform = match &self.named {
            Some(certificates) => certificates.clone(),
            None => trust::platform().map_err(|error| error.to_string())?,
        };
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(platform);
        if roots.is_empty() {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        roots.add_parsable_certificates(self.added.iter().cloned());
        configuration(roots)
    }
}

/// A TLS configuration that trusts these authorities.
pub(super) fn configuration(roots: RootCertStore) -> Result<Arc<ClientConfig>, String> {
    let configuration = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(configuration))
}

impl fmt::Debug for Trust {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Trust").field("added", &self.added).finish_non_exhaustive()
    }
}
