//! Maps network failures to the error codes of `wasi:http`.

use std::error::Error as _;
use std::io;

use wasmtime_wasi_http::Error;

/// A TCP connection could not be made.
pub(super) fn connecting(error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Error::ConnectionRefused,
        io::ErrorKind::TimedOut => Error::ConnectionTimeout,
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => {
            Error::ConnectionTerminated
        }
        io::ErrorKind::NetworkUnreachable => Error::DestinationIpUnroutable,
        _ => Error::DestinationUnavailable,
    }
}

/// A name could not be resolved. Platforms differ too much in how they report "no such name" and "no
/// answer" to distinguish them.
pub(super) fn resolving() -> Error {
    Error::DnsError { rcode: Some("address not available".to_owned()), info_code: None }
}

/// A TLS handshake failed.
pub(super) fn handshaking(error: &io::Error) -> Error {
    let cause = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match cause {
        Some(rustls::Error::InvalidCertificate(_)) => Error::TlsCertificateError,
        Some(rustls::Error::AlertReceived(alert)) => Error::TlsAlertReceived {
            alert_id: Some(u8::from(*alert)),
            alert_message: Some(format!("{alert:?}")),
        },
        Some(_) => Error::TlsProtocolError,
        None if error.kind() == io::ErrorKind::TimedOut => Error::ConnectionTimeout,
        None => Error::ConnectionTerminated,
    }
}

/// An HTTP exchange failed before the response head arrived.
pub(super) fn exchanging(error: hyper::Error) -> Error {
    if error.is_parse_too_large() {
        Error::HttpResponseHeaderSectionSize(None)
    } else if error.is_timeout() {
        Error::HttpResponseTimeout
    } else if error.is_incomplete_message() || error.is_canceled() || is_io(&error) {
        Error::ConnectionTerminated
    } else {
        Error::Hyper(error)
    }
}

/// Converts the error of an exchange that failed within the response head. The server did respond, so
/// the error must not be one after which the component sends the request again, such as a protocol error.
pub(super) fn within_head(error: Error) -> Error {
    match error {
        Error::ConnectionTerminated
        | Error::ConnectionReadTimeout
        | Error::HttpResponseTimeout
        | Error::Hyper(_) => Error::HttpResponseIncomplete,
        other => other,
    }
}

/// A response body did not arrive completely.
pub(super) fn receiving(error: hyper::Error) -> Error {
    if error.is_timeout() {
        Error::HttpResponseTimeout
    } else if error.is_incomplete_message() || is_io(&error) {
        Error::HttpResponseIncomplete
    } else {
        Error::Hyper(error)
    }
}

fn is_io(error: &hyper::Error) -> bool {
    error.source().is_some_and(|source| source.is::<io::Error>())
}
