//! A certificate and its private key.

use std::fmt;

use msal_client_assertion::Algorithm as SigningAlgorithm;
use rsa::PublicKey;

use super::extra_claims::parse_extra_claims;
use super::key::SigningKey;
use super::key::is_same_key;
use super::material::KeyDer;
use super::material::Material;
use super::pem;
use super::pkcs12;
use super::private_sections::private_sections;
use super::thumbprint::Thumbprint;
use super::thumbprint::Thumbprints;
use super::x509::X509;
use crate::byte_order_mark::without_mark;
use crate::claims::JsonObject;
use crate::error::Rejection;
use crate::error::RejectionCode;
use crate::secret::Secret;
use crate::time::UnixTime;

/// A certificate as the caller gave it, not yet validated.
#[derive(Clone, Debug)]
pub struct CertificateParts {
    /// The content of the file.
    pub source: CertificateSource,
    /// The file's passphrase.
    pub passphrase: Option<Secret<String>>,
    /// Whether to send the certificate chain.
    pub send_x5c: bool,
    /// The signature algorithm.
    pub algorithm: Option<SigningAlgorithm>,
    /// The expected thumbprint.
    pub thumbprint: Option<String>,
    /// Additional claims to sign.
    pub extra_claims: Option<String>,
}

impl CertificateParts {
    /// A certificate without options.
    pub fn new(source: CertificateSource) -> Self {
        Self {
            source,
            passphrase: None,
            send_x5c: false,
            algorithm: None,
            thumbprint: None,
            extra_claims: None,
        }
    }
}

/// The content of a file with a certificate and its key.
#[derive(Clone, Debug)]
pub enum CertificateSource {
    /// PEM text.
    Pem(Secret<String>),
    /// A PKCS#12 file.
    Pkcs12(Secret<Vec<u8>>),
}

/// A certificate whose file has not been parsed yet.
#[derive(Clone, Debug)]
pub struct CertificateCredential {
    source: CertificateSource,
    passphrase: Option<Secret<String>>,
    send_x5c: bool,
    algorithm: Option<SigningAlgorithm>,
    thumbprint: Option<Thumbprint>,
    extra_claims: Option<JsonObject>,
}

impl CertificateCredential {
    pub(super) fn from_parts(parts: CertificateParts) -> Result<Self, Rejection> {
        let length = match &parts.source {
            CertificateSource::Pem(text) => text.expose().len(),
            CertificateSource::Pkcs12(bytes) => bytes.expose().len(),
        };
        if length == 0 {
            return Err(Rejection::missing(
                FIELD,
                "is empty; give the content of a PEM or PKCS#12 file",
            ));
        }
        if length > MAX_LENGTH {
            return Err(Rejection::too_long(FIELD, "is longer than 256 KiB"));
        }
        if parts.passphrase.as_ref().is_some_and(|passphrase| passphrase.expose().len() > 1_024) {
            return Err(Rejection::too_long(
                "application.credentials.certificate.options.passphrase",
                "is longer than 1024 bytes",
            ));
        }
        Ok(Self {
            source: parts.source,
            passphrase: parts.passphrase.map(without_mark),
            send_x5c: parts.send_x5c,
            algorithm: parts.algorithm,
            thumbprint: parts.thumbprint.as_deref().map(Thumbprint::parse).transpose()?,
            extra_claims: parts
                .extra_claims
                .as_deref()
                .map(|text| parse_extra_claims(EXTRA_CLAIMS, text))
                .transpose()?,
        })
    }

    /// The secret part of the unparsed file, with its passphrase: a cache hit must not pay for parsing the file, nor for
    /// hashing its certificates.
    pub(super) fn to_sealing_material(&self) -> Secret<Vec<u8>> {
        match &self.source {
            CertificateSource::Pem(text) => {
                self.to_material(b'p', &private_sections(text.expose()))
            }
            CertificateSource::Pkcs12(bytes) => self.to_material(b'x', &[bytes.expose()]),
        }
    }

    /// The unparsed file with its passphrase.
    fn to_file(&self) -> Secret<Vec<u8>> {
        match &self.source {
            CertificateSource::Pem(text) => self.to_material(b'p', &[text.expose().as_bytes()]),
            CertificateSource::Pkcs12(bytes) => self.to_material(b'x', &[bytes.expose()]),
        }
    }

    fn to_material(&self, kind: u8, parts: &[&[u8]]) -> Secret<Vec<u8>> {
        let passphrase = self.passphrase.as_ref().map_or(&[][..], |text| text.expose().as_bytes());
        let length: usize = parts.iter().map(|part| part.len()).sum();
        // Allocated once: growing would leave copies behind.
        let mut material =
            Vec::with_capacity(length.saturating_add(passphrase.len()).saturating_add(16));
        material.push(kind);
        // The length prefix separates file and passphrase.
        material.extend_from_slice(&u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes());
        for part in parts {
            material.extend_from_slice(part);
        }
        material.extend_from_slice(passphrase);
        Secret::from(material)
    }

    /// The file and the options that change the assertion.
    pub(super) fn to_identity(&self) -> Secret<Vec<u8>> {
        let file = self.to_file();
        let options = format!(
            "certificate {} {:?} {} ",
            self.send_x5c,
            self.algorithm,
            self.extra_claims.as_ref().map(JsonObject::to_text).unwrap_or_default()
        );
        super::tagged(options.as_bytes(), file.expose())
    }

    /// The claims that the application adds to each assertion.
    pub(super) fn extra_claims(&self) -> Option<&JsonObject> {
        self.extra_claims.as_ref()
    }

    pub(super) fn read(&self) -> Result<Material, Rejection> {
        match &self.source {
            CertificateSource::Pem(text) => pem::read(text, self.passphrase.as_ref()),
            CertificateSource::Pkcs12(bytes) => pkcs12::read(bytes, self.passphrase.as_ref()),
        }
    }

    /// Parses the file, finds the certificate of the key, and validates both.
    pub(super) fn load(&self, now: UnixTime) -> Result<SigningCertificate, Rejection> {
        let material = self.read()?;
        let key = SigningKey::from_der(only_key(&material)?)?;
        let chain = order_chain(&material.certificates, &key.to_public(), now)?;
        let Some(leaf) = chain.first() else {
            return Err(Rejection::missing(
                FIELD,
                "contains no certificate; give the key together with its certificate",
            ));
        };
        let thumbprints = Thumbprints::of(leaf);
        if let Some(expected) = &self.thumbprint {
            expected.check(&thumbprints)?;
        }
        let certificate = parse(leaf)?;
        let warnings = certificate.validity_warning(now).into_iter().collect();
        let ends = certificate.ends();
        Ok(SigningCertificate {
            key,
            chain,
            thumbprints,
            ends,
            warnings,
            send_x5c: self.send_x5c,
            algorithm: self.algorithm,
            extra_claims: self.extra_claims.clone(),
        })
    }
}

/// The key of a file, which may contain it twice.
pub(super) fn only_key(material: &Material) -> Result<&KeyDer, Rejection> {
    match material.keys.as_slice() {
        [key, others @ ..] if others.iter().all(|other| is_same_key(key, other)) => Ok(key),
        [] => Err(Rejection::missing(
            FIELD,
            "contains no private key; give the key together with its certificate",
        )),
        _ => Err(malformed("contains two private keys; give one key with its certificate")),
    }
}

/// A certificate that is ready to sign.
pub struct SigningCertificate {
    pub(super) key: SigningKey,
    /// The chain in DER, leaf first.
    pub(super) chain: Vec<Vec<u8>>,
    pub(super) thumbprints: Thumbprints,
    /// The certificate's end.
    pub(super) ends: UnixTime,
    /// Whether the chain is sent, unless the request decides it.
    pub(super) send_x5c: bool,
    /// The configured signature algorithm.
    pub(super) algorithm: Option<SigningAlgorithm>,
    pub(super) extra_claims: Option<JsonObject>,
    warnings: Vec<String>,
}

impl SigningCertificate {
    /// Problems that do not prevent signing.
    pub(super) fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

impl fmt::Debug for SigningCertificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningCertificate(..)")
    }
}

/// The chain: the certificate of the key, then the issuer of each (RFC 7515, section 4.1.6), as far as the file has
/// them. After a renewal a file may have several certificates of the key: the newest one that is valid is used.
fn order_chain(
    certificates: &[Vec<u8>],
    key: &PublicKey,
    now: UnixTime,
) -> Result<Vec<Vec<u8>>, Rejection> {
    let mut others = Vec::with_capacity(certificates.len());
    for der in certificates {
        others.push((parse(der)?, der));
    }
    let leaves = others.iter().enumerate().filter(|(_, (certificate, _))| certificate.holds(key));
    let newest = leaves.max_by_key(|(_, (certificate, _))| {
        (certificate.validity_warning(now).is_none(), certificate.not_before())
    });
    let Some((leaf, _)) = newest else {
        if others.is_empty() {
            return Ok(Vec::new());
        }
        return Err(Rejection::new(
            FIELD,
            RejectionCode::Conflict,
            "contains a private key and a certificate that do not match",
        ));
    };
    let (mut last, der) = others.swap_remove(leaf);
    let mut chain = vec![der.clone()];
    while let Some(issuer) = others.iter().position(|(certificate, _)| certificate.issued(&last)) {
        let (certificate, der) = others.swap_remove(issuer);
        chain.push(der.clone());
        last = certificate;
    }
    Ok(chain)
}

fn parse(der: &[u8]) -> Result<X509<'_>, Rejection> {
    X509::from_der(der).ok_or_else(|| malformed("contains a damaged certificate"))
}

fn malformed(reason: &'static str) -> Rejection {
    Rejection::malformed(FIELD, reason)
}

const FIELD: &str = "application.credentials.certificate.source";
const EXTRA_CLAIMS: &str = "application.credentials.certificate.options.extra-claims";
const MAX_LENGTH: usize = 256 << 10;
