//! A certificate file, which is recognised by its content.

use std::error::Error;
use std::fmt;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use msal_wasi::credential::CertificateParts;
use msal_wasi::credential::CertificateSource as Source;
use msal_wasi::error::Rejection;
use msal_wasi::secret::Secret;
use msal_wasi::time::UnixTime;
use pem::EncodeConfig;
use pem::LineEnding;
use pem::Pem;
use pkcs8::AlgorithmIdentifierRef;
use pkcs8::ObjectIdentifier;
use pkcs8::PrivateKeyInfoRef;
use pkcs8::der::AnyRef;
use pkcs8::der::Encode;
use pkcs8::der::asn1::OctetStringRef;

use super::text::PEM;
use super::text::text;
use crate::contract::Certificate;
use crate::contract::CertificateOption;
use crate::contract::CertificateSource;

/// The certificate in a file of any form, for an application's credentials. A form that the component does not read is
/// converted to PEM; the same file always gives the same PEM, so that the cache that is sealed with it stays readable.
pub fn certificate(
    file: Vec<u8>,
    passphrase: Option<String>,
) -> Result<Certificate, CertificateFileError> {
    let source = recognised(file);
    if uses_scrypt(&source) {
        let pem = convert(source, passphrase)?;
        return Ok(Certificate::new(CertificateSource::Pem(pem)));
    }
    let options = passphrase.map(CertificateOption::Passphrase).into_iter().collect();
    Ok(Certificate { source, options })
}

/// The key in a file of any form, as PKCS#8 in clear, and its chain, as PEM.
pub fn certificate_to_pem(
    file: Vec<u8>,
    passphrase: Option<String>,
) -> Result<String, CertificateFileError> {
    convert(recognised(file), passphrase)
}

/// A certificate file that cannot be read. Contains no part of the file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CertificateFileError(String);

impl Error for CertificateFileError {}

impl fmt::Display for CertificateFileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl From<Rejection> for CertificateFileError {
    fn from(rejection: Rejection) -> Self {
        let is_passphrase = rejection.field.ends_with("passphrase");
        let subject = if is_passphrase { "the passphrase" } else { "the file" };
        Self(format!("{subject} {}", rejection.reason))
    }
}

fn convert(
    source: CertificateSource,
    passphrase: Option<String>,
) -> Result<String, CertificateFileError> {
    let source = match source {
        CertificateSource::Pem(text) => Source::Pem(Secret::from(text)),
        CertificateSource::Pkcs12(bytes) => Source::Pkcs12(Secret::from(bytes)),
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let parts = CertificateParts {
        passphrase: passphrase.map(Secret::from),
        ..CertificateParts::new(source)
    };
    let opened = parts.open(UnixTime::from_seconds(now.as_secs()))?;
    let mut sections = vec![Pem::new("PRIVATE KEY", to_pkcs8(opened.key.expose())?)];
    sections.extend(opened.chain.into_iter().map(|der| Pem::new("CERTIFICATE", der)));
    Ok(pem::encode_many_config(&sections, EncodeConfig::new().set_line_ending(LineEnding::LF)))
}

fn to_pkcs8(pkcs1: &[u8]) -> Result<Vec<u8>, CertificateFileError> {
    let algorithm = AlgorithmIdentifierRef { oid: RSA_ENCRYPTION, parameters: Some(AnyRef::NULL) };
    OctetStringRef::new(pkcs1)
        .and_then(|key| PrivateKeyInfoRef::new(algorithm, key).to_der())
        .map_err(|error| CertificateFileError(format!("the key cannot be encoded: {error}")))
}

/// PEM is among text of any encoding. A text without PEM may be the base64 of a PKCS#12 file, which Key Vault gives and
/// which `az keyvault secret download` writes.
fn recognised(file: Vec<u8>) -> CertificateSource {
    match text(file) {
        Ok(text) if text.contains(PEM) => CertificateSource::Pem(text),
        Ok(text) => {
            let base64: String = text.split_ascii_whitespace().collect();
            match STANDARD.decode(base64) {
                Ok(bytes) if bytes.first() == Some(&DER_SEQUENCE) => {
                    CertificateSource::Pkcs12(bytes)
                }
                _ => CertificateSource::Pem(text),
            }
        }
        // The sections are ASCII, so the encoding of the text around them is of no importance.
        Err(bytes) if bytes.first() != Some(&DER_SEQUENCE) && contains(&bytes, PEM.as_bytes()) => {
            CertificateSource::Pem(String::from_utf8_lossy(&bytes).into_owned())
        }
        Err(bytes) => CertificateSource::Pkcs12(bytes),
    }
}

fn uses_scrypt(source: &CertificateSource) -> bool {
    match source {
        CertificateSource::Pem(text) => pem::parse_many(text)
            .is_ok_and(|sections| sections.iter().any(|it| contains(it.contents(), SCRYPT))),
        CertificateSource::Pkcs12(bytes) => contains(bytes, SCRYPT),
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

const DER_SEQUENCE: u8 = 0x30;
/// The OID 1.3.6.1.4.1.11591.4.11 in DER.
const SCRYPT: &[u8] = b"\x06\x09\x2b\x06\x01\x04\x01\xda\x47\x04\x0b";
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_file_is_recognised_by_its_content() {
        let pem = "-----BEGIN CERTIFICATE-----";
        let utf16 =
            |text: &str, unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect();
        let latin1 = [b"Gr\xfc\xdfe\n", pem.as_bytes()].concat();
        for bytes in [
            pem.as_bytes().to_vec(),
            utf16(&format!("\u{feff}{pem}"), u16::to_le_bytes),
            utf16(pem, u16::to_le_bytes),
            utf16(pem, u16::to_be_bytes),
            latin1,
        ] {
            assert!(
                matches!(recognised(bytes), CertificateSource::Pem(text) if text.contains(pem))
            );
        }
        for bytes in [&b"\x30\x80\xff"[..], b"MIL/\nAA==\r\n"] {
            let source = recognised(bytes.to_vec());
            assert!(matches!(source, CertificateSource::Pkcs12(bytes) if bytes[0] == 0x30));
        }
    }

    #[test]
    fn a_form_that_the_component_does_not_read_is_converted_and_others_are_not() {
        let passphrase = || Some("hunter2".to_owned());
        let scrypt = include_bytes!("../../../tests/keys/old/scrypt.pem").to_vec();
        let converted = certificate(scrypt.clone(), passphrase()).unwrap();
        assert!(converted.options.is_empty());
        let CertificateSource::Pem(pem) = converted.source else {
            panic!("it is PEM");
        };
        assert_eq!(certificate_to_pem(scrypt.clone(), passphrase()).as_ref(), Ok(&pem));
        assert!(certificate(scrypt, Some("wrong".to_owned())).is_err());

        let pfx = include_bytes!("../../../tests/keys/old/2des.pfx").to_vec();
        let kept = certificate(pfx.clone(), passphrase()).unwrap();
        assert!(matches!(kept.source, CertificateSource::Pkcs12(bytes) if bytes == pfx));
        assert!(
            matches!(&kept.options[..], [CertificateOption::Passphrase(it)] if it == "hunter2")
        );
        assert_eq!(certificate_to_pem(pfx, passphrase()), Ok(pem), "both have the same key");
    }

    #[test]
    fn an_error_says_what_is_at_fault() {
        let pfx = include_bytes!("../../../tests/keys/old/2des.pfx").to_vec();
        let error = certificate_to_pem(pfx, Some("wrong".to_owned())).unwrap_err().to_string();
        assert!(error.starts_with("the file cannot be decrypted"), "{error}");
        let pem = include_bytes!("../../../tests/keys/old/md5-des.pem").to_vec();
        let error = certificate_to_pem(pem, None).unwrap_err().to_string();
        assert!(error.starts_with("the passphrase is missing"), "{error}");
    }
}
