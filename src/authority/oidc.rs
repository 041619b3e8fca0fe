//! An OpenID Connect issuer: any path, and a token endpoint that only discovery can tell.

use super::place::Location;
use super::place::Name;
use super::place::Place;
use super::place::is_plain_segment;
use crate::error::Rejection;

pub(super) fn read(location: &Location<'_>) -> Result<Place, Rejection> {
    if location.segments.len() > 8
        || !location.segments.iter().all(|segment| is_plain_segment(segment))
    {
        return Err(location.malformed(
            "has a path of more than 8 segments, or of other characters than letters, digits and -._~",
        ));
    }
    let path = location.segments.join("/");
    // A host that is an issuer itself has an empty path, not a slash.
    let prefix = if path.is_empty() { "" } else { "/" };
    Ok(Place { prefix, name: Name::Path(path), endpoint: None })
}
