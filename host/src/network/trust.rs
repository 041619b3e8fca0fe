//! The trusted certificate authorities.

use std::fmt;
use std::sync::Arc;
use std::sync::OnceLock;

use rustls::ClientConfig;
use rustls::RootCertStore;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::NetworkError;

/// The added authorities, and the TLS configuration, which is built lazily: reading the platform's
/// certificates takes longer than a cache hit.
#[derive(Default)]
pub(super) struct Trust {
    added: Vec<CertificateDer<'static>>,
    configuration: OnceLock<Result<Arc<ClientConfig>, String>>,
}

impl Trust {
    pub(super) fn with_certificates(files: &[Vec<u8>]) -> Result<Self, NetworkError> {
        let mut added = Vec::new();
        for pem in files {
            let certificates = CertificateDer::pem_slice_iter(pem)
                .collect::<Result<Vec<_>, _>>()
                .map_err(|error| NetworkError::Certificate(error.to_string()))?;
            if certificates.is_empty() {
                return Err(NetworkError::Certificate(
                    "the file contains no CERTIFICATE block".to_owned(),
                ));
            }
            added.extend(certificates);
        }
        let mut store = RootCertStore::empty();
        for certificate in &added {
            store
                .add(certificate.clone())
                .map_err(|error| NetworkError::Certificate(error.to_string()))?;
        }
        Ok(Self { added, configuration: OnceLock::new() })
    }

    pub(super) fn configuration(&self) -> Result<Arc<ClientConfig>, String> {
        self.configuration.get_or_init(|| self.configure()).clone()
    }

    fn configure(&self) -> Result<Arc<ClientConfig>, String> {
        let mut roots = RootCertStore::empty();
        // A platform store may contain certificates that rustls cannot parse; they are skipped.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        roots.add_parsable_certificates(self.added.iter().cloned());
        let configuration = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Arc::new(configuration))
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Trust").field("added", &self.added.len()).finish_non_exhaustive()
    }
}
