//! Where on its host an authority is.

use super::tenant::Tenant;
use crate::error::Rejection;

/// A URL's host and path, before it is known what they mean.
pub(super) struct ParsedUrl<'a> {
    /// The field that the URL is in.
    pub(super) field: &'static str,
    /// In lower case, without port.
    pub(super) host: &'a str,
    /// Without the empty one behind a slash at the end.
    pub(super) segments: Vec<&'a str>,
}

impl ParsedUrl<'_> {
    /// Whether the path begins with this segment.
    pub(super) fn begins_with(&self, segment: &str) -> bool {
        self.segments.first().is_some_and(|first| first.eq_ignore_ascii_case(segment))
    }

    pub(super) fn malformed(&self, reason: &'static str) -> Rejection {
        Rejection::malformed(self.field, reason)
    }
}

/// What a path means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AuthorityPath {
    /// What stands in front of the tenant, with a slash at either end.
    pub(super) prefix: &'static str,
    /// The tenant, or the path of a server that has none.
    pub(super) kind: PathKind,
    /// What the token endpoint's path has behind the authority's own; none if only discovery can tell.
    pub(super) endpoint: Option<&'static str>,
}

/// How a place on a host is told from others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PathKind {
    /// By a tenant alone.
    Tenant(Tenant),
    /// By a tenant and one more segment.
    Policy(Tenant, String),
    /// By a path without a tenant.
    Path(String),
}

impl AuthorityPath {
    /// The path, without a slash at its end.
    pub(super) fn to_path(&self) -> String {
        match &self.kind {
            PathKind::Tenant(tenant) => format!("{}{}", self.prefix, tenant.as_str()),
            PathKind::Policy(tenant, policy) => {
                format!("{}{}/{policy}", self.prefix, tenant.as_str())
            }
            PathKind::Path(path) => format!("{}{path}", self.prefix),
        }
    }

    pub(super) fn tenant(&self) -> Option<&Tenant> {
        match &self.kind {
            PathKind::Tenant(tenant) | PathKind::Policy(tenant, _) => Some(tenant),
            PathKind::Path(_) => None,
        }
    }
}

/// Whether a segment is safe in a path and means itself there.
pub(super) fn is_plain_segment(segment: &str) -> bool {
    (1..=128).contains(&segment.len())
        && !matches!(segment, "." | "..")
        && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

/// Where Entra and all that are built like it have their token endpoint.
pub(super) const V2_ENDPOINT: &str = "/oauth2/v2.0/token";
