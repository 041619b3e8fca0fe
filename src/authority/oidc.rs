//! An OpenID Connect issuer: any path, and a token endpoint that is found by discovery.

use super::path::AuthorityPath;
use super::path::ParsedUrl;
use super::path::PathKind;
use super::path::is_plain_segment;
use crate::error::Rejection;

pub(super) fn parse(url: &ParsedUrl<'_>) -> Result<AuthorityPath, Rejection> {
    if url.segments.len() > 8 || !url.segments.iter().all(|segment| is_plain_segment(segment)) {
        return Err(url.malformed(
            "has a path with more than 8 segments, or with characters other than letters, digits and -._~",
        ));
    }
    let path = url.segments.join("/");
    // The path of an issuer without segments is empty, not a slash.
    let prefix = if path.is_empty() { "" } else { "/" };
    Ok(AuthorityPath { prefix, kind: PathKind::Path(path), endpoint: None })
}
