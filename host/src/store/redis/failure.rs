//! Describes failures of Redis, for the operator.

use std::error::Error;
use std::io;
use std::sync::Arc;

use redis::ErrorKind;
use redis::RedisError;
use rustls::CertificateError;

use super::StoreError;

pub(super) fn describe(error: &RedisError) -> StoreError {
    if error.kind() == ErrorKind::AuthenticationFailed || error.code() == Some("WRONGPASS") {
        return StoreError::other("Redis rejects the user or the password of the store's URL");
    }
    if error.code() == Some("NOAUTH") {
        return StoreError::other(
            "Redis requires a password: add it to the store's URL, as in redis://USER:PASSWORD@HOST:PORT",
        );
    }
    match certificate_error(error) {
        // The second is for an authority with the name of a trusted one, such as its predecessor.
        Some(CertificateError::UnknownIssuer | CertificateError::BadSignature) => {
            StoreError::other(
                "the certificate of Redis is not trusted: give its authority in --store-ca-certificate",
            )
        }
        Some(reason) => {
            StoreError::other(format_args!("the certificate of Redis is refused: {reason}"))
        }
        None => StoreError::other(format_args!("Redis: {error}")),
    }
}

/// Why the certificate was refused, if that is the failure.
fn certificate_error(error: &RedisError) -> Option<&CertificateError> {
    let inner = error.source()?.downcast_ref::<Arc<dyn Error + Send + Sync>>()?;
    let tls = inner.downcast_ref::<io::Error>()?.get_ref()?.downcast_ref::<rustls::Error>()?;
    match tls {
        rustls::Error::InvalidCertificate(reason) => Some(reason),
        _ => None,
    }
}
