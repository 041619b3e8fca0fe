//! `https://HOST/TENANT`: Entra, and servers with its URL layout.

use super::path::AuthorityPath;
use super::path::ParsedUrl;
use super::path::PathKind;
use super::path::V2_ENDPOINT;
use super::tenant::Tenant;
use crate::error::Rejection;

pub(super) fn parse(url: &ParsedUrl<'_>) -> Result<AuthorityPath, Rejection> {
    match url.segments.as_slice() {
        [tenant] => Ok(of_tenant(Tenant::parse(url.field, tenant)?)),
        [] => Err(url.malformed("names no tenant; give https://HOST/TENANT")),
        _ => Err(url.malformed("has a path with more than one segment; give https://HOST/TENANT")),
    }
}

/// Also takes what people copy from the portal for the authority: the issuer and the token endpoint.
pub(super) fn parse_copied(url: &ParsedUrl<'_>) -> Result<AuthorityPath, Rejection> {
    match url.segments.as_slice() {
        [tenant, "v2.0"] | [tenant, "oauth2", "v2.0", "token"] => {
            Ok(of_tenant(Tenant::parse(url.field, tenant)?))
        }
        _ => parse(url),
    }
}

pub(super) fn of_tenant(tenant: Tenant) -> AuthorityPath {
    AuthorityPath { prefix: "/", kind: PathKind::Tenant(tenant), endpoint: Some(V2_ENDPOINT) }
}
