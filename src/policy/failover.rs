//! Several credentials: when the next one is tried, and which is tried first.

use crate::credential::Credential;
use crate::credential::Fingerprint;
use crate::error::Refusal;

/// Whether the authority did not accept the credential, whatever is the matter with it (RFC 6749, section 5.2).
pub(crate) fn is_about_the_credential(refusal: &Refusal) -> bool {
    refusal.error == "invalid_client"
}

/// The order in which to try credentials: the one that worked last, then the rest as they were given.
pub(crate) fn order(credentials: &[Credential], noted: Option<&[u8]>) -> Vec<usize> {
    let is_noted = |&index: &usize| {
        let credential = noted.and_then(|_| credentials.get(index));
        credential.is_some_and(|credential| Some(&credential.to_fingerprint()[..]) == noted)
    };
    let (mut order, rest): (Vec<usize>, Vec<usize>) = (0..credentials.len()).partition(is_noted);
    order.extend(rest);
    order
}

/// Tells these credentials from others, all together.
pub(crate) fn to_fingerprints(credentials: &[Credential]) -> Vec<Fingerprint> {
    credentials.iter().map(Credential::to_fingerprint).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::CredentialParts;

    #[test]
    fn the_noted_credential_comes_first_and_the_rest_in_order() {
        let credentials: Vec<Credential> = ["a", "b", "c"]
            .map(|secret| CredentialParts::Secret(secret.to_owned().into()))
            .map(|parts| Credential::from_parts(parts).unwrap())
            .into();
        let noted = credentials[1].to_fingerprint();
        assert_eq!(order(&credentials, Some(&noted)), [1, 0, 2]);
        assert_eq!(order(&credentials, Some(b"another")), [0, 1, 2]);
        assert_eq!(order(&credentials, None), [0, 1, 2]);
    }
}
