//! The path of an authority on its host.

use super::tenant::Tenant;
use crate::error::Rejection;

/// A URL's host and path, before they are interpreted.
pub(super) struct ParsedUrl<'a> {
    /// The field that contained the URL.
    pub(super) field: &'static str,
    /// In lower case, without the port.
    pub(super) host: &'a str,
    /// Without the empty segment after a trailing slash.
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

/// An interpreted path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AuthorityPath {
    /// The part before the tenant, with a slash at both ends.
    pub(super) prefix: &'static str,
    /// The tenant, or the path of a server without tenants.
    pub(super) kind: PathKind,
    /// The token endpoint's path after the authority's path; `None` if it must be discovered.
    pub(super) endpoint: Option<&'static str>,
}

/// What identifies an authority on its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PathKind {
    /// A tenant.
    Tenant(Tenant),
    /// A tenant and a policy.
    Policy(Tenant, String),
    /// A path without a tenant.
    Path(String),
}

impl AuthorityPath {
    /// The path, without a trailing slash.
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

/// Whether a path segment needs no encoding and has no special meaning.
pub(super) fn is_plain_segment(segment: &str) -> bool {
    (1..=128).contains(&segment.len())
        && !matches!(segment, "." | "..")
        && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

/// The token endpoint's path at Entra and at servers with its URL layout.
pub(super) const V2_ENDPOINT: &str = "/oauth2/v2.0/token";
