//! Active Directory Federation Services: `https://HOST/adfs`, one directory and no tenant.

use super::place::Location;
use super::place::Name;
use super::place::Place;
use crate::error::Rejection;

pub(super) fn is_alike(location: &Location<'_>) -> bool {
    location.begins_with(PATH) && location.segments.len() == 1
}

pub(super) fn read(location: &Location<'_>) -> Result<Place, Rejection> {
    if !is_alike(location) {
        return Err(location.malformed("is not of the form https://HOST/adfs"));
    }
    Ok(Place { prefix: "/", name: Name::Path(PATH.to_owned()), endpoint: Some("/oauth2/token") })
}

const PATH: &str = "adfs";
