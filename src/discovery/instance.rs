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
