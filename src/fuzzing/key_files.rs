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
        open(&CertificateSource::Pem(Secret::from(text)));
    }
}

/// A PKCS#12 file.
pub fn pkcs12(file: &[u8]) {
    open(&CertificateSource::Pkcs12(Secret::from(file.to_vec())));
}

fn open(source: &CertificateSource) {
    for passphrase in [None, Some(Secret::from(PASSPHRASE.to_owned()))] {
        let parts = CertificateParts { passphrase, ..CertificateParts::new(source.clone()) };
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
}
