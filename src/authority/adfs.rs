//! Active Directory Federation Services: `https://HOST/adfs`, without tenants.

use super::path::AuthorityPath;
use super::path::ParsedUrl;
use super::path::PathKind;
use crate::error::Rejection;

pub(super) fn matches(url: &ParsedUrl<'_>) -> bool {
    url.begins_with(PATH) && url.segments.len() == 1
}

pub(super) fn parse(url: &ParsedUrl<'_>) -> Result<AuthorityPath, Rejection> {
    if !matches(url) {
        return Err(url.malformed("is not of the form https://HOST/adfs"));
    }
    Ok(AuthorityPath {
        prefix: "/",
        kind: PathKind::Path(PATH.to_owned()),
        endpoint: Some("/oauth2/token"),
    })
}

const PATH: &str = "adfs";
