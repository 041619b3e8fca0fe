//! The kinds of server, and how they are recognized by their URLs.

use super::adfs;
use super::b2c;
use super::ciam;
use super::dsts;
use super::oidc;
use super::path::AuthorityPath;
use super::path::ParsedUrl;
use super::tenanted;
use crate::error::Rejection;

/// The kind of server that an authority is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorityKind {
    /// Microsoft Entra ID.
    Entra,
    /// Any OAuth 2.0 server with Entra's URL layout.
    Generic,
    /// Active Directory Federation Services.
    Adfs,
    /// dSTS.
    Dsts,
    /// Azure AD B2C.
    B2c,
    /// Microsoft Entra External ID.
    Ciam,
    /// An OpenID Connect issuer.
    Oidc,
}

impl AuthorityKind {
    /// The kind that a URL is typical for; `None` if it could be any.
    pub(super) fn of_url(url: &ParsedUrl<'_>) -> Option<Self> {
        if ciam::matches(url) {
            return Some(Self::Ciam);
        }
        if b2c::matches(url) {
            return Some(Self::B2c);
        }
        if adfs::matches(url) {
            return Some(Self::Adfs);
        }
        dsts::matches(url).then_some(Self::Dsts)
    }

    /// Whether scopes are `{resource}/.default`, one resource per call, and case-insensitive.
    pub fn has_default_scopes(self) -> bool {
        matches!(self, Self::Entra | Self::B2c | Self::Ciam)
    }

    /// Whether a request may name another tenant than the configured one.
    pub(super) fn takes_other_tenants(self) -> bool {
        matches!(self, Self::Entra | Self::Generic | Self::Dsts | Self::Ciam)
    }

    pub(super) fn parse_path(self, url: &ParsedUrl<'_>) -> Result<AuthorityPath, Rejection> {
        match self {
            Self::Entra => tenanted::parse_copied(url),
            Self::Generic => tenanted::parse(url),
            Self::Adfs => adfs::parse(url),
            Self::Dsts => dsts::parse(url),
            Self::B2c => b2c::parse(url),
            Self::Ciam => ciam::parse(url),
            Self::Oidc => oidc::parse(url),
        }
    }
}
