//! Failover between credentials: when the next one is tried, and which one is first.

use crate::credential::Credential;
use crate::credential::Fingerprint;
use crate::error::Refusal;

/// Whether the authority rejected the credential, for any reason (RFC 6749, section 5.2).
pub(crate) fn is_about_the_credential(refusal: &Refusal) -> bool {
    refusal.error == "invalid_client"
}

/// The order in which to try credentials: the one that worked last, then the rest in the given order.
pub(crate) fn order(credentials: &[Credential], noted: Option<&[u8]>) -> Vec<usize> {
    let is_noted = |&index: &usize| {
        let credential = noted.and_then(|_| credentials.get(index));
        credential.is_some_and(|credential| Some(&credential.to_fingerprint()[..]) == noted)
    };
    let (mut order, rest): (Vec<usize>, Vec<usize>) = (0..credentials.len()).partition(is_noted);
    order.extend(rest);
    order
}

/// The fingerprints of all credentials.
pub(crate) fn to_fingerprints(credentials: &[Credential]) -> Vec<Fingerprint> {
    credentials.iter().map(Credential::to_fingerprint).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::CredentialParts;

    #[test]
    fn the_credential_that_worked_last_comes_first() {
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
