//! How the application proves who it is.
//!
//! A credential is a value that yields form fields, its [`Proof`]. It knows nothing of HTTP or caching.

mod asn1;
mod assertion;
mod certificate;
mod client_assertion;
mod key;
mod material;
mod pbes2;
mod pem;
mod pkcs12;
mod x509;

use crate::authority::TokenEndpoint;
use crate::error::Rejection;
use crate::secret::Secret;
use crate::time::UnixTime;

use assertion::CallerAssertion;
use certificate::CertificateCredential;
pub use certificate::CertificateParts;
pub use certificate::CertificateSource;
use certificate::SigningCertificate;
pub use client_assertion::SigningAlgorithm;

/// A credential as the caller gave it, unchecked.
#[derive(Clone, Debug)]
pub enum CredentialParts {
    /// A client secret.
    Secret(Secret<String>),
    /// A certificate with its key.
    Certificate(CertificateParts),
    /// An assertion that somebody else signed.
    Assertion(Secret<String>),
}

/// A credential whose form has been checked; what is inside a certificate is looked at by [`Credential::load`].
#[derive(Clone, Debug)]
pub enum Credential {
    /// A client secret.
    Secret(Secret<String>),
    /// A certificate with its key.
    Certificate(CertificateCredential),
    /// An assertion that somebody else signed.
    Assertion(CallerAssertion),
}

impl Credential {
    /// Checks the form of a credential, at a cost that a cache hit can bear.
    pub fn from_parts(parts: CredentialParts) -> Result<Self, Rejection> {
        match parts {
            CredentialParts::Secret(secret) => check_secret(secret).map(Self::Secret),
            CredentialParts::Certificate(parts) => {
                CertificateCredential::from_parts(parts).map(Self::Certificate)
            }
            CredentialParts::Assertion(assertion) => {
                CallerAssertion::parse(assertion).map(Self::Assertion)
            }
        }
    }

    /// The bytes that a cache key may be derived from: lasting and secret, or none.
    pub fn to_sealing_material(&self) -> Option<Secret<Vec<u8>>> {
        match self {
            Self::Secret(secret) => Some(Secret::from(secret.expose().as_bytes().to_vec())),
            Self::Certificate(certificate) => Some(certificate.to_sealing_material()),
            Self::Assertion(_) => None,
        }
    }

    /// Reads what is inside the credential, so that proofs can be made of it.
    pub fn load(&self, now: UnixTime) -> Result<LoadedCredential<'_>, Rejection> {
        Ok(match self {
            Self::Secret(secret) => LoadedCredential::Secret(secret),
            Self::Certificate(certificate) => LoadedCredential::Certificate(
                Box::new(certificate.load(now)?),
                certificate.algorithm(),
            ),
            Self::Assertion(assertion) => LoadedCredential::Assertion(assertion),
        })
    }
}

/// A credential that is ready to prove something.
#[derive(Debug)]
pub enum LoadedCredential<'a> {
    /// A client secret.
    Secret(&'a Secret<String>),
    /// A key that signs.
    Certificate(Box<SigningCertificate>, SigningAlgorithm),
    /// An assertion that is sent as it is.
    Assertion(&'a CallerAssertion),
}

impl LoadedCredential<'_> {
    /// What somebody should look at, although it does not stop the call.
    pub fn warnings(&self) -> &[String] {
        match self {
            Self::Certificate(certificate, _) => certificate.warnings(),
            Self::Secret(_) | Self::Assertion(_) => &[],
        }
    }

    /// Whether another proof can be made. A caller's assertion is one proof, and a server may refuse to see it twice.
    pub fn can_prove_again(&self) -> bool {
        !matches!(self, Self::Assertion(_))
    }

    /// How many random bytes a proof needs.
    pub fn random_length(&self) -> usize {
        match self {
            Self::Certificate(..) => client_assertion::RANDOM_LENGTH,
            Self::Secret(_) | Self::Assertion(_) => 0,
        }
    }

    /// The form fields that prove the application's identity to one token request.
    pub fn prove(
        &self,
        client_id: &str,
        audience: &TokenEndpoint,
        now: UnixTime,
        random: &[u8],
    ) -> Result<Proof, Rejection> {
        match self {
            Self::Secret(secret) => Ok(Proof::of_secret(secret)),
            Self::Assertion(assertion) => Ok(Proof::of_assertion(assertion.to_secret())),
            Self::Certificate(certificate, algorithm) => {
                let claims = client_assertion::Claims { client_id, audience, now };
                client_assertion::sign(certificate, *algorithm, &claims, random)
                    .map(Proof::of_assertion)
            }
        }
    }
}

/// The form fields that carry a credential.
#[derive(Clone, Debug)]
pub struct Proof {
    fields: Vec<(&'static str, Secret<String>)>,
}

impl Proof {
    /// Names and values, in the order in which they are sent.
    pub fn fields(&self) -> &[(&'static str, Secret<String>)] {
        &self.fields
    }

    fn of_secret(secret: &Secret<String>) -> Self {
        Self { fields: vec![("client_secret", secret.clone())] }
    }

    fn of_assertion(assertion: Secret<String>) -> Self {
        Self {
            fields: vec![
                ("client_assertion_type", Secret::from(JWT_BEARER.to_owned())),
                ("client_assertion", assertion),
            ],
        }
    }
}

fn check_secret(secret: Secret<String>) -> Result<Secret<String>, Rejection> {
    const FIELD: &str = "application.credentials.secret";
    let value = secret.expose();
    if value.is_empty() {
        return Err(Rejection::missing(FIELD, "is empty; give the client secret's value"));
    }
    if value.len() > 4_096 {
        return Err(Rejection::too_long(
            FIELD,
            "is longer than 4096 bytes; give the client secret's value",
        ));
    }
    if value.contains(['\0', '\r', '\n']) {
        return Err(Rejection::malformed(
            FIELD,
            "holds a line end or NUL; remove it, it often comes from reading a file",
        ));
    }
    Ok(secret)
}

/// RFC 7523, section 2.2.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_that_cannot_be_right_are_refused() {
        for secret in ["", "a\r\n", "a\0b", &"a".repeat(4_097)] {
            let parts = CredentialParts::Secret(Secret::from(secret.to_owned()));
            assert!(Credential::from_parts(parts).is_err());
        }
        let odd = Secret::from(" +%&=é~ ".to_owned());
        assert!(Credential::from_parts(CredentialParts::Secret(odd)).is_ok());
    }
}
