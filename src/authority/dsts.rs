//! dSTS: `https://HOST/dstsv2/TENANT`.

use super::place::Location;
use super::place::Name;
use super::place::Place;
use super::place::V2_ENDPOINT;
use super::tenant::Tenant;
use crate::error::Rejection;

pub(super) fn is_alike(location: &Location<'_>) -> bool {
    location.begins_with("dstsv2")
}

pub(super) fn read(location: &Location<'_>) -> Result<Place, Rejection> {
    match location.segments.as_slice() {
        [_, tenant] if is_alike(location) => Ok(Place {
            prefix: "/dstsv2/",
            name: Name::Tenant(Tenant::parse(location.field, tenant)?),
            endpoint: Some(V2_ENDPOINT),
        }),
        _ => Err(location.malformed("is not of the form https://HOST/dstsv2/TENANT")),
    }
}
