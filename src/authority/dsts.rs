//! dSTS: `https://HOST/dstsv2/TENANT`.

use super::path::AuthorityPath;
use super::path::ParsedUrl;
use super::path::PathKind;
use super::path::V2_ENDPOINT;
use super::tenant::Tenant;
use crate::error::Rejection;

pub(super) fn matches(url: &ParsedUrl<'_>) -> bool {
    url.begins_with("dstsv2")
}

pub(super) fn parse(url: &ParsedUrl<'_>) -> Result<AuthorityPath, Rejection> {
    match url.segments.as_slice() {
        [_, tenant] if matches(url) => Ok(AuthorityPath {
            prefix: "/dstsv2/",
            kind: PathKind::Tenant(Tenant::parse(url.field, tenant)?),
            endpoint: Some(V2_ENDPOINT),
        }),
        _ => Err(url.malformed("is not of the form https://HOST/dstsv2/TENANT")),
    }
}
