//! A certificate file that is opened outside a call.

use std::fmt;

use super::certificate::CertificateCredential;
use super::certificate::CertificateParts;
use super::certificate::only_key;
use super::key::pkcs1_of;
use crate::error::Rejection;
use crate::secret::Secret;
use crate::time::UnixTime;

/// A key and its certificates, decrypted and checked, for tools that convert files.
pub struct OpenedCertificate {
    /// The key in DER: `RSAPrivateKey` (RFC 8017, appendix A.1.2).
    pub key: Secret<Vec<u8>>,
    /// The chain in DER, leaf first.
    pub chain: Vec<Vec<u8>>,
}

impl CertificateParts {
    /// Reads the file as a call would.
    pub fn open(self, now: UnixTime) -> Result<OpenedCertificate, Rejection> {
        let credential = CertificateCredential::from_parts(self)?;
        let chain = credential.load(now)?.chain;
        let material = credential.read()?;
        let key = Secret::from(pkcs1_of(only_key(&material)?)?.to_vec());
        Ok(OpenedCertificate { key, chain })
    }
}

impl fmt::Debug for OpenedCertificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("OpenedCertificate")
            .field("chain", &self.chain.len())
            .finish_non_exhaustive()
    }
}
