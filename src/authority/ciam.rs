//! Microsoft Entra External ID: `https://NAME.ciamlogin.com`, with or without a tenant.

use super::place::Location;
use super::place::Place;
use super::tenant::Tenant;
use super::tenanted;
use crate::error::Rejection;

pub(super) fn is_alike(location: &Location<'_>) -> bool {
    location.host.ends_with(DOMAIN)
}

/// Without a tenant it is that of the host's name, as in MSAL.
pub(super) fn read(location: &Location<'_>) -> Result<Place, Rejection> {
    if !location.segments.is_empty() {
        return tenanted::read(location);
    }
    match location.host.strip_suffix(DOMAIN) {
        Some(name) if !name.contains('.') => {
            let tenant = format!("{name}.onmicrosoft.com");
            Ok(tenanted::of_tenant(Tenant::parse(location.field, &tenant)?))
        }
        _ => Err(location.malformed("names no tenant; give https://HOST/TENANT")),
    }
}

const DOMAIN: &str = ".ciamlogin.com";
