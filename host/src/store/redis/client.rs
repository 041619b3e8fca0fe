//! From a URL to a client: `redis://`, or `rediss://` for TLS.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use redis::Client;
use redis::ConnectionInfo;
use redis::IntoConnectionInfo;
use redis::TlsCertificates;
use rustls::crypto::ring;

use super::StoreError;
use crate::trust;
use crate::trust::CaCertificates;

/// Checks a URL, without contacting the server. It may contain a password, so no error repeats it.
pub(super) fn open(url: &str, trusted: &CaCertificates) -> Result<Client, StoreError> {
    // The client takes `#insecure` as a wish to trust every certificate.
    if url.contains('#') {
        return Err(StoreError::other(
            "the Redis URL contains #: write %23 in a password; #insecure is not supported, because the \
             server's certificate is always checked",
        ));
    }
    let information = url.into_connection_info().map_err(|_| invalid())?;
    if url.starts_with(TLS) {
        with_tls(information, trusted)
    } else {
        Client::open(information).map_err(|_| invalid())
    }
}

/// The scheme of a URL for TLS.
pub(super) const TLS: &str = "rediss://";

fn with_tls(information: ConnectionInfo, trusted: &CaCertificates) -> Result<Client, StoreError> {
    // The client uses the default of the process. If the program has set another one, that stays.
    let _ = ring::default_provider().install_default();
    let platform = trust::platform().map_err(StoreError::other)?;
    let pem: String = platform.iter().chain(trusted.iter()).map(|der| to_pem(der)).collect();
    // Without any, the client trusts Mozilla's.
    let root_cert = (!pem.is_empty()).then(|| pem.into_bytes());
    let certificates = TlsCertificates { client_tls: None, root_cert };
    Client::build_with_tls(information, certificates).map_err(|_| invalid())
}

fn to_pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
}

fn invalid() -> StoreError {
    StoreError::other(
        "the Redis URL is invalid: use redis://HOST:PORT, or rediss://USER:PASSWORD@HOST:PORT with TLS; \
         special characters in percent-encoding",
    )
}
