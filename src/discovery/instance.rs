//! Microsoft's instance discovery: whether a host belongs to one of its clouds.

use form_urlencoded::Serializer;

use crate::authority::Authority;
use crate::authority::Endpoint;
use crate::error::Cause;
use crate::error::Refusal;
use crate::json::Members;

/// The URL of the discovery for the authority's host.
pub(super) fn to_url(authority: &Authority) -> (Endpoint, Option<String>) {
    let endpoint = Endpoint {
        is_https: true,
        authority: "login.microsoftonline.com".to_owned(),
        path: "/common/discovery/instance".to_owned(),
    };
    let subject = authority.to_endpoint(format!("{}/oauth2/v2.0/authorize", authority.to_path()));
    let mut query = Serializer::new(String::new());
    query.append_pair("api-version", "1.1");
    query.append_pair("authorization_endpoint", &subject.to_string());
    (endpoint, Some(query.finish()))
}

/// Only an explicit yes permits sending a credential, and only an explicit no is cached.
pub(super) fn judge(document: Result<Members, Cause>) -> Result<String, Cause> {
    match document {
        Ok(members) if members.text("tenant_discovery_endpoint").is_some() => Ok(KNOWN.to_owned()),
        Ok(_) => Err(Cause::unexpected(
            Some(200),
            "instance discovery neither confirmed nor denied the authority's host".to_owned(),
        )),
        Err(Cause::Refused(refusal)) if refusal.error == INVALID_INSTANCE => Ok(UNKNOWN.to_owned()),
        Err(cause) => Err(cause),
    }
}

pub(super) fn apply(fact: &str, authority: &Authority) -> Result<Authority, Cause> {
    if fact == KNOWN {
        return Ok(authority.clone());
    }
    Err(Cause::Refused(Box::new(Refusal {
        status: 400,
        error: INVALID_INSTANCE.to_owned(),
        error_codes: vec![50_049],
        description: Some(
            "Microsoft's instance discovery does not know the authority's host".to_owned(),
        ),
        ..Refusal::default()
    })))
}

const INVALID_INSTANCE: &str = "invalid_instance";
const KNOWN: &str = "known";
pub(super) const UNKNOWN: &str = "unknown";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority::AuthorityRules;

    fn authority() -> Authority {
        let rules = AuthorityRules::default();
        Authority::parse("authority", "https://login.example/contoso.com", &rules).unwrap()
    }

    fn refused(error: &str) -> Cause {
        Cause::Refused(Box::new(Refusal { error: error.to_owned(), ..Refusal::default() }))
    }

    #[test]
    fn microsofts_public_cloud_is_asked_about_the_authority() {
        let (endpoint, query) = to_url(&authority());
        assert_eq!(
            endpoint.to_string(),
            "https://login.microsoftonline.com/common/discovery/instance"
        );
        assert_eq!(
            query.unwrap(),
            "api-version=1.1&authorization_endpoint=\
             https%3A%2F%2Flogin.example%2Fcontoso.com%2Foauth2%2Fv2.0%2Fauthorize"
        );
    }

    #[test]
    fn only_an_explicit_answer_decides() {
        assert_eq!(judge(Err(refused(INVALID_INSTANCE))), Ok(UNKNOWN.to_owned()));
        assert_eq!(judge(Err(refused("server_error"))), Err(refused("server_error")));
        assert!(judge(Ok(Members::default())).is_err());
    }

    #[test]
    fn a_host_that_is_not_known_gets_no_credential() {
        assert_eq!(apply(KNOWN, &authority()), Ok(authority()));
        let Err(Cause::Refused(refusal)) = apply(UNKNOWN, &authority()) else {
            panic!("it is refused");
        };
        assert_eq!(refusal.error_codes, [50_049]);
    }
}
