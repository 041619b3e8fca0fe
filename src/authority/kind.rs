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

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(
        kind: Option<AuthorityKind>,
        host: &str,
        path: &str,
    ) -> Option<(AuthorityKind, String)> {
        let segments = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let url = ParsedUrl { field: "authority", host, segments };
        let kind = kind.or_else(|| AuthorityKind::of_url(&url))?;
        let path = kind.parse_path(&url).ok()?;
        Some((kind, format!("{}{}", path.to_path(), path.endpoint.unwrap_or_default())))
    }

    #[test]
    fn a_kind_is_known_by_its_url() {
        use AuthorityKind::*;
        for (host, path, kind, endpoint) in [
            ("fs.example", "/ADFS", Adfs, "/adfs/oauth2/token"),
            ("d.example", "/dstsv2/t.example", Dsts, "/dstsv2/t.example/oauth2/v2.0/token"),
            ("c.b2clogin.com", "/T.example/P", B2c, "/t.example/p/oauth2/v2.0/token"),
            ("l.example", "/tfp/t.example/p", B2c, "/tfp/t.example/p/oauth2/v2.0/token"),
            ("c.ciamlogin.com", "/", Ciam, "/c.onmicrosoft.com/oauth2/v2.0/token"),
            ("c.ciamlogin.com", "/t.example", Ciam, "/t.example/oauth2/v2.0/token"),
        ] {
            assert_eq!(parsed(None, host, path), Some((kind, endpoint.to_owned())), "{host}{path}");
        }
        assert_eq!(parsed(None, "sts.example", "/t.example"), None);
    }

    #[test]
    fn a_path_of_another_form_than_the_kinds_is_refused() {
        use AuthorityKind::*;
        for (kind, path) in [
            (Entra, "/"),
            (Entra, "/t.example/oauth2"),
            (Generic, "/t.example/v2.0"),
            (Adfs, "/adfs/t.example"),
            (Dsts, "/t.example"),
            (B2c, "/t.example"),
            (B2c, "/t.example/p%41"),
            (Ciam, "/"),
            (Oidc, "/a/b/c/d/e/f/g/h/i"),
            (Oidc, "/a/.."),
        ] {
            assert_eq!(parsed(Some(kind), "sts.example", path), None, "{kind:?} {path}");
        }
        assert_eq!(parsed(Some(Oidc), "i.example", "/a/b"), Some((Oidc, "/a/b".to_owned())));
        assert_eq!(parsed(Some(Oidc), "i.example", "/"), Some((Oidc, String::new())));
    }
}
