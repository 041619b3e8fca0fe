//! The form fields that authenticate a token request.

use super::assertion::CallerAssertion;
use crate::error::Rejection;
use crate::error::RejectionCode;
use crate::sanitize::printable;
use crate::secret::Secret;

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

    /// Makes a proof from a provider's result.
    pub fn from_provider(given: Result<Secret<String>, String>) -> Result<Self, Rejection> {
        let assertion = given.map_err(|reason| {
            let code = RejectionCode::ProviderFailed;
            Rejection::new(PROVIDER, code, printable(&reason, 1_024))
        })?;
        let assertion = CallerAssertion::parse(PROVIDER, assertion)?;
        Ok(Self::of_assertion(assertion.to_secret()))
    }

    pub(crate) fn of_secret(secret: &Secret<String>) -> Self {
        Self { fields: vec![("client_secret", secret.clone())] }
    }

    pub(super) fn of_assertion(assertion: Secret<String>) -> Self {
        Self {
            fields: vec![
                ("client_assertion_type", Secret::from(JWT_BEARER.to_owned())),
                ("client_assertion", assertion),
            ],
        }
    }
}

/// The field in rejections of a provider's result.
const PROVIDER: &str = "application.credentials.provider";

/// RFC 7523, section 2.2.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_has_the_fields_of_its_kind() {
        let names =
            |proof: &Proof| proof.fields().iter().map(|(name, _)| *name).collect::<Vec<_>>();
        let secret = Proof::of_secret(&Secret::from("s".to_owned()));
        assert_eq!(names(&secret), ["client_secret"]);
        let assertion = Proof::from_provider(Ok(Secret::from("eyJ.e30.c2ln".to_owned()))).unwrap();
        assert_eq!(names(&assertion), ["client_assertion_type", "client_assertion"]);
        assert_eq!(assertion.fields()[0].1.expose(), JWT_BEARER);
        assert_eq!(assertion.fields()[1].1.expose(), "eyJ.e30.c2ln");
    }

    #[test]
    fn a_providers_failure_and_its_malformed_results_name_the_provider() {
        for (given, code) in [
            (Err("no token".to_owned()), RejectionCode::ProviderFailed),
            (Ok(Secret::from(String::new())), RejectionCode::Missing),
            (Ok(Secret::from("needle".to_owned())), RejectionCode::Malformed),
        ] {
            let rejection = Proof::from_provider(given).unwrap_err();
            assert_eq!((rejection.field, rejection.code), (PROVIDER, code));
            assert!(!rejection.reason.contains("needle"));
        }
    }
}
