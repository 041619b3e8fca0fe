//! `https://HOST/TENANT`: Entra, and servers with its layout.

use super::place::Location;
use super::place::Name;
use super::place::Place;
use super::place::V2_ENDPOINT;
use super::tenant::Tenant;
use crate::error::Rejection;

pub(super) fn read(location: &Location<'_>) -> Result<Place, Rejection> {
    match location.segments.as_slice() {
        [tenant] => Ok(of_tenant(Tenant::parse(location.field, tenant)?)),
        [] => Err(location.malformed("names no tenant; give https://HOST/TENANT")),
        _ => {
            Err(location.malformed("has a path of more than one segment; give https://HOST/TENANT"))
        }
    }
}

pub(super) fn of_tenant(tenant: Tenant) -> Place {
    Place { prefix: "/", name: Name::Tenant(tenant), endpoint: Some(V2_ENDPOINT) }
}
