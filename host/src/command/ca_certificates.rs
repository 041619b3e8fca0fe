//! PEM files with certificate authorities.

use std::path::PathBuf;

use msal_host::CaCertificates;

use super::Failure;
use super::file;

/// Reads the files of a flag.
pub(super) fn read(flag: &str, paths: &[PathBuf]) -> Result<CaCertificates, Failure> {
    let mut all = CaCertificates::default();
    for path in paths {
        let found = CaCertificates::from_pem(file::read(flag, path)?).map_err(|error| {
            Failure::of(flag, format_args!("the CA certificate cannot be used: {error}"))
        })?;
        all = all.and(found);
    }
    Ok(all)
}
