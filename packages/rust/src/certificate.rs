use std::fmt;

use crate::SigningAlgorithm;
use crate::bindings::msal::client_credentials::client_credentials as contract;

/// A certificate registered with the application, and its RSA private key. `Debug` shows neither.
///
/// The component refuses an option that is given twice.
#[derive(Clone)]
pub struct Certificate(contract::Certificate);

impl Certificate {
    /// PEM text with one RSA private key and at least one certificate, in any order. At most 256 KiB.
    pub fn pem(text: impl Into<String>) -> Self {
        Self::from_source(contract::CertificateSource::Pem(text.into()))
    }

    /// The bytes of a PKCS#12 (PFX) file, at most 256 KiB.
    pub fn pkcs12(bytes: impl Into<Vec<u8>>) -> Self {
        Self::from_source(contract::CertificateSource::Pkcs12(bytes.into()))
    }

    /// Decrypts an encrypted PKCS#8 key or a PKCS#12 file.
    #[must_use]
    pub fn passphrase(self, passphrase: impl Into<String>) -> Self {
        self.with(contract::CertificateOption::Passphrase(passphrase.into()))
    }

    /// Sends the certificate chain (`x5c`, leaf first) in every assertion, for applications registered by subject name
    /// and issuer.
    #[must_use]
    pub fn send_x5c(self) -> Self {
        self.with(contract::CertificateOption::SendX5c)
    }

    /// The signature algorithm. Without it, `Ps256`; `Rs256` for AD FS, dSTS, generic and OIDC authorities.
    #[must_use]
    pub fn algorithm(self, algorithm: SigningAlgorithm) -> Self {
        self.with(contract::CertificateOption::Algorithm(algorithm))
    }

    /// The expected thumbprint in hexadecimal, SHA-1 or SHA-256. A certificate with another one is refused.
    #[must_use]
    pub fn thumbprint(self, thumbprint: impl Into<String>) -> Self {
        self.with(contract::CertificateOption::Thumbprint(thumbprint.into()))
    }

    /// Further claims to sign in every assertion: a JSON object of at most 16 KiB, without the protocol's own claims.
    #[must_use]
    pub fn extra_claims(self, claims: impl Into<String>) -> Self {
        self.with(contract::CertificateOption::ExtraClaims(claims.into()))
    }

    pub(crate) fn into_contract(self) -> contract::Certificate {
        self.0
    }

    fn from_source(source: contract::CertificateSource) -> Self {
        Self(contract::Certificate { source, options: Vec::new() })
    }

    fn with(mut self, option: contract::CertificateOption) -> Self {
        self.0.options.push(option);
        self
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Certificate(..)")
    }
}
