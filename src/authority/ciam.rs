//! Microsoft Entra External ID: `https://NAME.ciamlogin.com`, with or without a tenant.

use super::path::AuthorityPath;
use super::path::ParsedUrl;
use super::tenant::Tenant;
use super::tenanted;
use crate::error::Rejection;

pub(super) fn matches(url: &ParsedUrl<'_>) -> bool {
    url.host.ends_with(DOMAIN)
}

/// As in MSAL, the tenant defaults to the one that the host name contains.
pub(super) fn parse(url: &ParsedUrl<'_>) -> Result<AuthorityPath, Rejection> {
    if !url.segments.is_empty() {
        return tenanted::parse_copied(url);
    }
    match url.host.strip_suffix(DOMAIN) {
        Some(name) if !name.contains('.') => {
            let tenant = format!("{name}.onmicrosoft.com");
            Ok(tenanted::of_tenant(Tenant::parse(url.field, &tenant)?))
        }
        _ => Err(url.malformed("names no tenant; give https://HOST/TENANT")),
    }
}

const DOMAIN: &str = ".ciamlogin.com";
