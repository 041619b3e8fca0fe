//! The content of a certificate file: keys and certificates, decrypted but not yet validated.

use crate::secret::Secret;

/// The useful content of a PEM or PKCS#12 file.
#[derive(Debug, Default)]
pub(super) struct Material {
    /// Private keys.
    pub(super) keys: Vec<KeyDer>,
    /// Certificates in DER, in the file's order.
    pub(super) certificates: Vec<Vec<u8>>,
}

/// A private key in DER.
#[derive(Debug)]
pub(super) enum KeyDer {
    /// PKCS#1 `RSAPrivateKey`.
    Pkcs1(Secret<Vec<u8>>),
    /// PKCS#8 `PrivateKeyInfo`.
    Pkcs8(Secret<Vec<u8>>),
}
