//! The credentials with which the application authenticates.
//!
//! A credential is a value that produces form fields, its [`Proof`]. It does not depend on HTTP or caching.

mod asn1;
mod assertion;
mod budget;
mod certificate;
mod cipher;
mod client_assertion;
mod encryption;
mod extra_claims;
mod hash;
mod key;
mod legacy;
mod material;
mod opened;
mod passphrase;
mod pem;
mod pkcs12;
mod private_sections;
mod proof;
mod provider;
#[cfg(not(target_family = "wasm"))]
mod scrypt;
mod thumbprint;
mod x509;

use msal_sealing::SealingKey;

use crate::authority::AuthorityKind;
use crate::authority::is_guid;
use crate::byte_order_mark::without_mark;
use crate::claims::JsonObject;
use crate::error::Rejection;
use crate::secret::Secret;
use crate::time::UnixTime;

use assertion::CallerAssertion;
use certificate::CertificateCredential;
pub use certificate::CertificateParts;
pub use certificate::CertificateSource;
use certificate::SigningCertificate;
pub use client_assertion::AssertionParams;
pub use client_assertion::SigningAlgorithm;
pub(crate) use extra_claims::check_extra_claims;
pub use opened::OpenedCertificate;
pub use proof::Proof;
pub use provider::AssertionRequest;

/// A credential as the caller gave it, not yet validated.
#[derive(Clone, Debug)]
pub enum CredentialParts {
    /// A client secret.
    Secret(Secret<String>),
    /// A certificate with its key.
    Certificate(CertificateParts),
    /// An assertion that the caller obtained.
    Assertion(Secret<String>),
    /// Assertions that a provider makes on request.
    Provider,
}

/// A credential of valid form. The content of a certificate file is validated by [`Credential::load`].
#[derive(Clone, Debug)]
pub enum Credential {
    /// A client secret.
    Secret(Secret<String>),
    /// A certificate with its key.
    Certificate(CertificateCredential),
    /// An assertion that the caller obtained.
    Assertion(CallerAssertion),
    /// Assertions that a provider makes on request.
    Provider,
}

impl Credential {
    /// Validates the form of a credential. Cheap, because cache hits do it too.
    pub fn from_parts(parts: CredentialParts) -> Result<Self, Rejection> {
        match parts {
            CredentialParts::Secret(secret) => check_secret(secret).map(Self::Secret),
            CredentialParts::Certificate(parts) => {
                CertificateCredential::from_parts(parts).map(Self::Certificate)
            }
            CredentialParts::Assertion(assertion) => {
                CallerAssertion::parse(ASSERTION, assertion).map(Self::Assertion)
            }
            CredentialParts::Provider => Ok(Self::Provider),
        }
    }

    /// The long-lived secret that a cache key may be derived from; `None` if the credential has no such secret.
    pub fn to_sealing_material(&self) -> Option<Secret<Vec<u8>>> {
        match self {
            Self::Secret(secret) => Some(Secret::from(secret.expose().as_bytes().to_vec())),
            Self::Certificate(certificate) => Some(certificate.to_sealing_material()),
            Self::Assertion(_) | Self::Provider => None,
        }
    }

    /// Whether the credential has a secret that several requests use.
    pub(crate) fn is_long_lived(&self) -> bool {
        matches!(self, Self::Secret(_) | Self::Certificate(_))
    }

    /// Identifies the credential's long-lived secret to those who have the key; `None` if there is no such secret.
    pub(crate) fn to_fingerprint(&self, key: &SealingKey) -> Option<Fingerprint> {
        let secret = self.to_sealing_material()?;
        Some(key.fingerprint(tagged(b"long-lived", secret.expose()).expose()))
    }

    /// Everything that determines what the authority receives from this credential.
    pub(crate) fn to_identity(&self) -> Secret<Vec<u8>> {
        match self {
            Self::Secret(secret) => tagged(b"secret", secret.expose().as_bytes()),
            Self::Assertion(assertion) => {
                tagged(b"assertion", assertion.to_secret().expose().as_bytes())
            }
            Self::Certificate(certificate) => certificate.to_identity(),
            Self::Provider => tagged(b"provider", &[]),
        }
    }

    /// The proof, if it is the same for every request.
    pub(crate) fn to_lasting_proof(&self) -> Option<Proof> {
        match self {
            Self::Secret(secret) => Some(Proof::of_secret(secret)),
            Self::Assertion(assertion) => Some(Proof::of_assertion(assertion.to_secret())),
            Self::Certificate(_) | Self::Provider => None,
        }
    }

    /// The claims that the application adds to this credential's assertions.
    pub(crate) fn extra_claims(&self) -> Option<&JsonObject> {
        match self {
            Self::Certificate(certificate) => certificate.extra_claims(),
            Self::Secret(_) | Self::Assertion(_) | Self::Provider => None,
        }
    }

    /// What is wrong with a secret that is something else than a value which Entra makes; `None` if nothing is.
    pub(crate) fn mistake(&self) -> Option<&'static str> {
        let Self::Secret(secret) = self else {
            return None;
        };
        let value = secret.expose();
        if is_guid(value) {
            return Some(
                "looks like a secret's ID; give the secret's value, which is shown only once, when the secret is created",
            );
        }
        if value.starts_with("@Microsoft.KeyVault(") {
            return Some(
                "is a reference to Key Vault that was not replaced by the secret; check that the app's identity may \
                 read the secret, or give its value",
            );
        }
        let is_quoted =
            |quote| value.len() > 1 && value.starts_with(quote) && value.ends_with(quote);
        (is_quoted('"') || is_quoted('\''))
            .then_some("is in quotes, which are no part of a secret; remove them")
    }

    /// Whether the component signs assertions with it.
    pub fn is_certificate(&self) -> bool {
        matches!(self, Self::Certificate(_))
    }

    /// Parses the credential's content, ready to make proofs.
    pub fn load(&self, now: UnixTime) -> Result<LoadedCredential<'_>, Rejection> {
        Ok(match self {
            Self::Secret(secret) => LoadedCredential::Secret(secret),
            Self::Certificate(certificate) => {
                LoadedCredential::Certificate(Box::new(certificate.load(now)?))
            }
            Self::Assertion(assertion) => LoadedCredential::Assertion(assertion),
            Self::Provider => LoadedCredential::Provider,
        })
    }
}

/// A credential that is ready to make proofs.
#[derive(Debug)]
pub enum LoadedCredential<'a> {
    /// A client secret.
    Secret(&'a Secret<String>),
    /// A certificate with a signing key.
    Certificate(Box<SigningCertificate>),
    /// An assertion that is sent as it is.
    Assertion(&'a CallerAssertion),
    /// A provider, which is called for each proof.
    Provider,
}

impl LoadedCredential<'_> {
    /// Problems that do not prevent the call.
    pub fn warnings(&self) -> &[String] {
        match self {
            Self::Certificate(certificate) => certificate.warnings(),
            Self::Secret(_) | Self::Assertion(_) | Self::Provider => &[],
        }
    }

    /// The end of the certificate that signs.
    pub(crate) fn certificate_ends(&self) -> Option<UnixTime> {
        match self {
            Self::Certificate(certificate) => Some(certificate.ends),
            Self::Secret(_) | Self::Assertion(_) | Self::Provider => None,
        }
    }

    /// Whether another proof can be made. The caller's assertion is a single proof, which a server may accept only
    /// once.
    pub fn can_prove_again(&self) -> bool {
        !matches!(self, Self::Assertion(_))
    }

    /// Whether the component signs the proofs, and so chooses their times and algorithm.
    pub fn signs(&self) -> bool {
        matches!(self, Self::Certificate(_))
    }

    /// Whether the algorithm is a default, so that another one may be tried.
    pub fn has_default_algorithm(&self) -> bool {
        matches!(self, Self::Certificate(certificate) if certificate.algorithm.is_none())
    }

    /// How many random bytes a proof needs.
    pub fn random_length(&self) -> usize {
        match self {
            Self::Certificate(_) => client_assertion::RANDOM_LENGTH,
            Self::Secret(_) | Self::Assertion(_) | Self::Provider => 0,
        }
    }

    /// Makes the form fields that authenticate one token request; `None` if the provider must make the assertion.
    pub fn prove(
        &self,
        params: &AssertionParams<'_>,
        random: &[u8],
    ) -> Result<Option<Proof>, Rejection> {
        match self {
            Self::Secret(secret) => Ok(Some(Proof::of_secret(secret))),
            Self::Assertion(assertion) => Ok(Some(Proof::of_assertion(assertion.to_secret()))),
            Self::Certificate(certificate) => client_assertion::sign(certificate, params, random)
                .map(|assertion| Some(Proof::of_assertion(assertion))),
            Self::Provider => Ok(None),
        }
    }
}

/// The default algorithm of assertions for this kind of server, as in MSAL.
pub fn default_algorithm(kind: AuthorityKind) -> SigningAlgorithm {
    match kind {
        AuthorityKind::Entra | AuthorityKind::B2c | AuthorityKind::Ciam => SigningAlgorithm::Ps256,
        AuthorityKind::Adfs
        | AuthorityKind::Dsts
        | AuthorityKind::Generic
        | AuthorityKind::Oidc => SigningAlgorithm::Rs256,
    }
}

/// A short hash, keyed with the cache's key: of a credential, or of a request's arguments.
pub(crate) type Fingerprint = [u8; 8];

/// Bytes after their kind, allocated once: growing would leave copies of a secret behind.
fn tagged(kind: &[u8], bytes: &[u8]) -> Secret<Vec<u8>> {
    let mut tagged = Vec::with_capacity(kind.len().saturating_add(1).saturating_add(bytes.len()));
    tagged.extend_from_slice(kind);
    tagged.push(0);
    tagged.extend_from_slice(bytes);
    Secret::from(tagged)
}

fn check_secret(secret: Secret<String>) -> Result<Secret<String>, Rejection> {
    const FIELD: &str = "application.credentials.secret";
    let secret = without_mark(secret);
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
    if value.bytes().any(|byte| matches!(byte, b'\0' | b'\r' | b'\n')) {
        return Err(Rejection::malformed(
            FIELD,
            "contains a line end or NUL; remove it (it often comes from reading a file)",
        ));
    }
    Ok(secret)
}

const ASSERTION: &str = "application.credentials.assertion";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_secrets_are_rejected() {
        for secret in ["", "a\r\n", "a\0b", &"a".repeat(4_097)] {
            let parts = CredentialParts::Secret(Secret::from(secret.to_owned()));
            assert!(Credential::from_parts(parts).is_err());
        }
        let odd = Secret::from(" +%&=é~ ".to_owned());
        assert!(Credential::from_parts(CredentialParts::Secret(odd)).is_ok());
    }

    /// Of secrets from files of Notepad and of Windows PowerShell.
    #[test]
    fn a_byte_order_mark_is_no_part_of_a_credential() {
        let certificate = |passphrase: &str| {
            let pem = CertificateSource::Pem(Secret::from("-----BEGIN".to_owned()));
            CredentialParts::Certificate(CertificateParts {
                passphrase: Some(Secret::from(passphrase.to_owned())),
                ..CertificateParts::new(pem)
            })
        };
        let secret = |text: &str| CredentialParts::Secret(Secret::from(text.to_owned()));
        let assertion = |text: &str| CredentialParts::Assertion(Secret::from(text.to_owned()));
        for (marked, plain) in [
            (secret("\u{feff}s"), secret("s")),
            (assertion("\u{feff}eyJ.e30.c2ln"), assertion("eyJ.e30.c2ln")),
            (certificate("\u{feff}p"), certificate("p")),
        ] {
            let [marked, plain] =
                [marked, plain].map(|parts| Credential::from_parts(parts).unwrap().to_identity());
            assert_eq!(marked.expose(), plain.expose());
        }
        assert!(Credential::from_parts(secret("\u{feff}")).is_err());
    }
}
