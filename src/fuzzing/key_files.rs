//! Key files.

use crate::credential::CertificateParts;
use crate::credential::CertificateSource;
use crate::secret::Secret;

use super::NOW;
use super::planted::PASSPHRASE;
use super::planted::check_text;

/// PEM text.
pub fn pem(text: &[u8]) {
    if let Ok(text) = String::from_utf8(text.to_vec()) {
        open(CertificateSource::Pem(Secret::from(text)), Some(PASSPHRASE));
    }
}

/// A PKCS#12 file.
pub fn pkcs12(file: &[u8]) {
    // A file without a passphrase may have been written with a null one or an empty one.
    for passphrase in [None, Some(PASSPHRASE)] {
        open(CertificateSource::Pkcs12(Secret::from(file.to_vec())), passphrase);
    }
}

fn open(source: CertificateSource, passphrase: Option<&str>) {
    let passphrase = passphrase.map(|text| Secret::from(text.to_owned()));
    let parts = CertificateParts { passphrase, ..CertificateParts::new(source) };
    match parts.open(NOW) {
        Ok(opened) => {
            assert!(!opened.key.expose().is_empty() && !opened.chain.is_empty(), "{opened:?}");
        }
        Err(rejection) => {
            let text = rejection.to_string();
            check_text(&text);
            // The reasons quote nothing of the file.
            assert!(text.is_ascii() && text.len() < 512, "{text:?}");
        }
    }
}
