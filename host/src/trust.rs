//! Certificate authorities: the platform's, those that the environment names, and added ones.

use std::env;
use std::error::Error;
use std::ffi::OsString;
use std::fmt;
use std::mem;
use std::path::PathBuf;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_native_certs::CertificateResult;
use rustls_native_certs::load_certs_from_paths;
use rustls_native_certs::load_native_certs;

use crate::files;

/// Certificate authorities from PEM files.
#[derive(Clone, Default)]
pub struct CaCertificates(Vec<CertificateDer<'static>>);

impl CaCertificates {
    /// Reads a PEM file, which may be text of any encoding.
    ///
    /// # Errors
    /// If it contains no certificate, or one that cannot be an authority.
    pub fn from_pem(pem: impl AsRef<[u8]>) -> Result<Self, CaCertificateError> {
        let pem = files::text(pem.as_ref().to_vec()).map_or_else(|bytes| bytes, String::into_bytes);
        let certificates = CertificateDer::pem_slice_iter(&pem)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| CaCertificateError(error.to_string()))?;
        if certificates.is_empty() {
            return Err(CaCertificateError("the file contains no CERTIFICATE block".to_owned()));
        }
        let mut store = RootCertStore::empty();
        for certificate in &certificates {
            let added = store.add(certificate.clone());
            added.map_err(|error| CaCertificateError(error.to_string()))?;
        }
        Ok(Self(certificates))
    }

    /// Adds those of another file.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &CertificateDer<'static>> {
        self.0.iter()
    }
}

impl fmt::Debug for CaCertificates {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "CaCertificates({})", self.0.len())
    }
}

/// Why a PEM file cannot be used.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CaCertificateError(String);

impl Error for CaCertificateError {}

impl fmt::Display for CaCertificateError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A variable that names no usable certificate. Its value is not repeated: people have given a certificate or a key as one.
/// To ignore it would trust other authorities than intended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct VariableError {
    pub(crate) variable: &'static str,
    pub(crate) reason: String,
}

impl fmt::Display for VariableError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.variable, self.reason)
    }
}

/// The authorities that the environment names, or else the platform's. It may have none.
pub(crate) fn platform() -> Result<Vec<CertificateDer<'static>>, VariableError> {
    match from_environment()? {
        Some(certificates) => Ok(certificates),
        // A platform's store may contain certificates that cannot be read; they are skipped.
        None => Ok(usable(load_native_certs())),
    }
}

/// The authorities that `SSL_CERT_FILE` and `SSL_CERT_DIR` name, as in OpenSSL; `None` if neither is set.
pub(crate) fn from_environment() -> Result<Option<Vec<CertificateDer<'static>>>, VariableError> {
    from_variables(|name| env::var_os(name))
}

fn from_variables(
    value: impl Fn(&str) -> Option<OsString>,
) -> Result<Option<Vec<CertificateDer<'static>>>, VariableError> {
    let file = value(FILE).map(PathBuf::from);
    let folders = value(FOLDERS).unwrap_or_default();
    let folders: Vec<PathBuf> =
        env::split_paths(&folders).filter(|path| !path.as_os_str().is_empty()).collect();
    if file.is_none() && folders.is_empty() {
        return Ok(None);
    }
    let mut certificates = Vec::new();
    if let Some(path) = &file {
        certificates = read(FILE, "file", load_certs_from_paths(Some(path), None))?;
    }
    let mut first_error = None;
    for path in &folders {
        match read(FOLDERS, "folder", load_certs_from_paths(None, Some(path))) {
            Ok(found) => certificates.extend(found),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    match first_error {
        // One of several places is enough: some are set by default, and empty.
        Some(error) if certificates.is_empty() => Err(error),
        _ => Ok(Some(certificates)),
    }
}

fn read(
    variable: &'static str,
    kind: &str,
    mut result: CertificateResult,
) -> Result<Vec<CertificateDer<'static>>, VariableError> {
    let errors = mem::take(&mut result.errors);
    let certificates = usable(result);
    if !certificates.is_empty() {
        return Ok(certificates);
    }
    let reason = match errors.first().and_then(Error::source) {
        Some(error) => format!("cannot read the {kind}: {error}"),
        None => format!("the {kind} contains no certificate in PEM format"),
    };
    Err(VariableError { variable, reason })
}

/// The certificates that can be authorities.
fn usable(result: CertificateResult) -> Vec<CertificateDer<'static>> {
    let is_usable = |certificate: &CertificateDer<'static>| {
        RootCertStore::empty().add(certificate.clone()).is_ok()
    };
    result.certs.into_iter().filter(is_usable).collect()
}

const FILE: &str = "SSL_CERT_FILE";
const FOLDERS: &str = "SSL_CERT_DIR";

#[cfg(test)]
mod tests;
