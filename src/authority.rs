//! The authority: the only server that a credential may be sent to.

mod adfs;
mod b2c;
mod ciam;
mod cloud;
mod dsts;
mod endpoint;
mod kind;
mod names;
mod oidc;
mod origin;
mod path;
mod region;
mod rules;
mod tenant;
mod tenanted;

use crate::error::Rejection;

pub use cloud::InstanceMetadata;
pub use cloud::InstanceMetadataParts;
pub use endpoint::Endpoint;
pub use kind::AuthorityKind;
use names::Names;
use origin::Origin;
use origin::is_url;
pub(crate) use origin::parse_url;
use path::AuthorityPath;
use path::ParsedUrl;
use path::PathKind;
pub use region::Region;
pub use rules::AuthorityRules;
pub use tenant::Tenant;
pub(crate) use tenant::is_guid;

/// A validated authority: https (or loopback for tests), one canonical host and one path on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    origin: Origin,
    path: AuthorityPath,
    kind: AuthorityKind,
    /// The host name in cache keys, if the cloud has several host names.
    preferred_cache: Option<String>,
    /// The host of the region's endpoint, if a region is configured and the cloud has regions.
    regional_host: Option<String>,
    /// The token endpoint's path, once discovery has found it.
    discovered_path: Option<String>,
}

impl Authority {
    /// Parses the tenant or authority URL in `field`.
    pub fn parse(
        field: &'static str,
        text: &str,
        rules: &AuthorityRules,
    ) -> Result<Self, Rejection> {
        if text.is_empty() {
            return Err(Rejection::missing(
                field,
                "is empty; give a tenant ID, a domain or an authority URL",
            ));
        }
        if text.len() > MAX_LENGTH {
            return Err(Rejection::too_long(field, "is longer than 1024 bytes"));
        }
        check_ends(field, text)?;
        if !is_url(text) {
            let origin = Origin::https(cloud::PUBLIC.preferred_network);
            return Self::new(field, origin, vec![text], rules);
        }
        let (origin, path) = parse_url(field, text, rules.allow_insecure_loopback)?;
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        let segments = if path.is_empty() { Vec::new() } else { path.split('/').collect() };
        Self::new(field, origin, segments, rules)
    }

    fn new(
        field: &'static str,
        mut origin: Origin,
        segments: Vec<&str>,
        rules: &AuthorityRules,
    ) -> Result<Self, Rejection> {
        let host = origin.host.clone();
        let url = ParsedUrl { field, host: &host, segments };
        let named = if origin.port.is_none() { Names::find(&host, rules) } else { None };
        let is_entra = named.is_some() || cloud::find(&host).is_some();
        let kind = match rules.kind {
            Some(kind) => kind,
            None if is_entra => AuthorityKind::Entra,
            None => match AuthorityKind::of_url(&url) {
                Some(kind) => kind,
                None if rules.validate => AuthorityKind::Entra,
                None => AuthorityKind::Generic,
            },
        };
        let path = kind.parse_path(&url)?;
        let mut preferred_cache = None;
        let mut regional_host = None;
        if let Some(named) = named {
            origin.host = named.network;
            preferred_cache = Some(named.cache);
            regional_host = named.regional;
        }
        let discovered_path = None;
        Self { origin, path, kind, preferred_cache, regional_host, discovered_path }.checked(field)
    }

    /// The same authority for the tenant, or the tenant of the authority URL, that a request names.
    pub fn with_tenant(&self, text: &str, rules: &AuthorityRules) -> Result<Self, Rejection> {
        const FIELD: &str = "request.options.tenant";
        check_ends(FIELD, text)?;
        if !self.kind.takes_other_tenants() {
            return Err(Rejection::not_allowed(
                FIELD,
                "cannot be set: an authority of this kind has no other tenants; put the tenant into \
                 application.authority",
            ));
        }
        let tenant = if is_url(text) {
            let mut rules = rules.clone();
            rules.kind = Some(self.kind);
            let other = Self::parse(FIELD, text, &rules)?;
            if other.to_cache_environment() != self.to_cache_environment() {
                return Err(Rejection::not_allowed(
                    FIELD,
                    "is a URL of a different host or cloud than application.authority; give only the tenant",
                ));
            }
            other.path.kind
        } else {
            PathKind::Tenant(Tenant::parse(FIELD, text)?)
        };
        let mut authority = self.clone();
        authority.path.kind = tenant;
        authority.checked(FIELD)
    }

    /// The tenant; empty for a server that has none.
    pub fn tenant_id(&self) -> &str {
        self.path.tenant().map_or("", Tenant::as_str)
    }

    /// The realm in the cache of the MSAL libraries: the tenant, or the path's first segment.
    pub fn to_realm(&self) -> String {
        match self.path.tenant() {
            Some(tenant) => tenant.as_str().to_owned(),
            None => self.first_segment(),
        }
    }

    /// Whether the MSAL libraries use this realm. MSAL Python always takes the path's first segment as the tenant.
    pub fn is_realm(&self, realm: &str) -> bool {
        realm == self.tenant_id() || self.is_same_name(realm, &self.first_segment())
    }

    /// Whether the server takes both as one name. Microsoft's ignore case, and others may not.
    pub fn is_same_name(&self, one: &str, other: &str) -> bool {
        match self.kind {
            AuthorityKind::Generic | AuthorityKind::Oidc => one == other,
            _ => one.eq_ignore_ascii_case(other),
        }
    }

    fn first_segment(&self) -> String {
        self.to_path().split('/').nth(1).unwrap_or_default().to_owned()
    }

    /// What kind of server this is.
    pub fn kind(&self) -> AuthorityKind {
        self.kind
    }

    /// Whether the host belongs to one of Microsoft's or the caller's clouds.
    pub fn is_known(&self) -> bool {
        self.preferred_cache.is_some() || self.is_microsofts()
    }

    /// Whether the host belongs to one of Microsoft's clouds.
    pub fn is_microsofts(&self) -> bool {
        cloud::find(&self.origin.host).is_some()
    }

    /// Whether `host`, with a port unless it is the scheme's, is the authority's or an alias of it.
    pub fn has_alias(&self, host: &str, rules: &AuthorityRules) -> bool {
        match &self.preferred_cache {
            Some(cache) => Names::find(host, rules).is_some_and(|named| named.cache == *cache),
            None => host == self.origin.to_string(),
        }
    }

    /// Whether token requests go to a region's endpoint.
    pub fn is_regional(&self) -> bool {
        self.regional_host.is_some()
    }

    /// The same authority at its global endpoint.
    #[must_use]
    pub fn to_global(&self) -> Self {
        let mut authority = self.clone();
        authority.regional_host = None;
        authority
    }

    /// The same authority with the token endpoint's path that discovery found.
    #[must_use]
    pub fn with_discovered_path(&self, path: String) -> Self {
        let mut authority = self.clone();
        authority.discovered_path = Some(path);
        authority
    }

    /// Whether the token endpoint has yet to be discovered.
    pub fn needs_discovery(&self) -> bool {
        self.path.endpoint.is_none() && self.discovered_path.is_none()
    }

    /// The token endpoint, or the authority itself until discovery has found it.
    pub fn to_token_endpoint(&self) -> Endpoint {
        let path = match (&self.discovered_path, self.path.endpoint) {
            (Some(path), _) => path.clone(),
            (None, Some(endpoint)) => format!("{}{endpoint}", self.path.to_path()),
            (None, None) => self.path.to_path(),
        };
        let mut endpoint = self.to_endpoint(path);
        if let Some(host) = &self.regional_host {
            endpoint.authority.clone_from(host);
        }
        endpoint
    }

    /// A path on the authority's own host.
    pub fn to_endpoint(&self, path: String) -> Endpoint {
        Endpoint { is_https: self.origin.is_https, authority: self.origin.to_string(), path }
    }

    /// The authority's path, without a trailing slash.
    pub fn to_path(&self) -> String {
        self.path.to_path()
    }

    /// The host, without the port.
    pub fn host(&self) -> &str {
        &self.origin.host
    }

    /// Scheme, host and port.
    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The environment in cache keys: the same for all aliases and regions of a cloud.
    pub fn to_cache_environment(&self) -> String {
        match &self.preferred_cache {
            Some(name) => name.clone(),
            None if self.origin.is_https => self.origin.to_string(),
            None => format!("http://{}", self.origin),
        }
    }

    /// The realm in cache keys: the tenant, or a path, which begins with a slash.
    pub fn to_cache_realm(&self) -> String {
        match &self.path.kind {
            PathKind::Tenant(tenant) if self.path.prefix == "/" => tenant.as_str().to_owned(),
            _ => self.path.to_path(),
        }
    }

    /// Applies Entra's rules for tenants. Other servers may have case-sensitive paths.
    fn checked(mut self, field: &'static str) -> Result<Self, Rejection> {
        if !matches!(self.kind, AuthorityKind::Entra | AuthorityKind::Ciam) {
            return Ok(self);
        }
        if let PathKind::Tenant(tenant) = &mut self.path.kind {
            if !tenant.is_guid() && !tenant.is_domain() {
                return Err(Rejection::malformed(
                    field,
                    "the tenant is neither a GUID nor a domain name such as contoso.onmicrosoft.com",
                ));
            }
            tenant.fold();
        }
        Ok(self)
    }
}

/// Whether the host, in lower case, belongs to one of Microsoft's clouds.
pub(crate) fn is_microsoft_host(host: &str) -> bool {
    cloud::find(host).is_some()
}

/// White space comes from copying a value, or from reading it from a file.
fn check_ends(field: &'static str, text: &str) -> Result<(), Rejection> {
    if text.trim().len() == text.len() {
        return Ok(());
    }
    Err(Rejection::malformed(field, "begins or ends with white space or a line end; remove it"))
}

const MAX_LENGTH: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Authority, Rejection> {
        Authority::parse("authority", text, &AuthorityRules::default())
    }

    fn parse_loopback(text: &str) -> Result<Authority, Rejection> {
        let rules = AuthorityRules { allow_insecure_loopback: true, ..Default::default() };
        Authority::parse("authority", text, &rules)
    }

    fn endpoint(text: &str) -> String {
        parse(text).unwrap().to_token_endpoint().to_string()
    }

    const PUBLIC: &str =
        "https://login.microsoftonline.com/contoso.onmicrosoft.com/oauth2/v2.0/token";

    #[test]
    fn a_bare_tenant_is_in_the_public_cloud() {
        assert_eq!(endpoint("contoso.onmicrosoft.com"), PUBLIC);
    }

    #[test]
    fn all_spellings_of_an_authority_are_normalized_to_one() {
        for text in [
            "HTTPS://LOGIN.MicrosoftOnline.com/Contoso.onmicrosoft.com",
            "https://login.microsoftonline.com./contoso.onmicrosoft.com/",
            "https://login.microsoftonline.com:443/contoso.onmicrosoft.com",
            "https://login.windows.net/contoso.onmicrosoft.com",
            "https://sts.windows.net/contoso.onmicrosoft.com",
        ] {
            let authority = parse(text).unwrap();
            assert_eq!(authority.to_token_endpoint().to_string(), PUBLIC, "{text}");
            assert_eq!(authority.to_cache_environment(), "login.windows.net", "{text}");
        }
    }

    #[test]
    fn each_national_cloud_has_its_own_environment() {
        let china = parse("https://login.chinacloudapi.cn/contoso.cn").unwrap();
        assert_eq!(china.to_cache_environment(), "login.partner.microsoftonline.cn");
        assert_eq!(
            china.to_token_endpoint().to_string(),
            "https://login.partner.microsoftonline.cn/contoso.cn/oauth2/v2.0/token"
        );
    }

    #[test]
    fn a_port_is_part_of_the_environment() {
        let authority = parse("https://login.microsoftonline.com:8443/contoso.com").unwrap();
        assert_eq!(authority.to_cache_environment(), "login.microsoftonline.com:8443");
        assert_eq!(authority.kind(), AuthorityKind::Entra);
    }

    /// People copy the issuer or the token endpoint from the portal or from a discovery document.
    #[test]
    fn the_issuer_and_the_token_endpoint_of_entra_and_external_id_are_taken() {
        for host in ["login.microsoftonline.com", "contoso.ciamlogin.com"] {
            let authority = parse(&format!("https://{host}/contoso.com")).unwrap();
            for rest in ["/v2.0", "/v2.0/", "/oauth2/v2.0/token"] {
                let text = format!("https://{host}/contoso.com{rest}");
                assert_eq!(parse(&text).unwrap(), authority, "{text}");
            }
            assert!(parse(&format!("https://{host}/contoso.com/oauth2/token")).is_err());
        }
        assert!(parse("https://sts.example/contoso.com/v2.0").is_err());
    }

    #[test]
    fn white_space_around_an_authority_or_a_tenant_is_named() {
        let authority = parse("contoso.com").unwrap();
        let rules = AuthorityRules::default();
        for text in
            [" contoso.com", "contoso.com\n", "https://login.microsoftonline.com/contoso.com\r\n"]
        {
            for rejection in [parse(text), authority.with_tenant(text, &rules)] {
                let reason = rejection.unwrap_err().reason;
                assert!(reason.contains("white space"), "{reason}");
            }
        }
    }

    #[test]
    fn look_alike_hosts_are_not_microsofts() {
        for host in [
            "login.microsoft0nline.com",
            "login.microsoftonline.com.evil.example",
            "evil-login.microsoftonline.com",
            "xn--login-microsoftonline-abc.com",
        ] {
            let authority = parse(&format!("https://{host}/contoso.com")).unwrap();
            assert_eq!(authority.kind(), AuthorityKind::Generic, "{host}");
            assert_eq!(authority.to_cache_environment(), host);
        }
    }

    #[test]
    fn ambiguous_urls_are_rejected() {
        for text in [
            "https://login.microsoftonline.com@evil.example/contoso.com",
            "https://login.microsoftonline.com/contoso.com?x=1",
            "https://login.microsoftonline.com/contoso.com#x",
            "https://login.microsoftonline.com/contoso.com/oauth2",
            "https://login.microsoftonline.com\\contoso.com",
            "https:\\\\login.microsoftonline.com/contoso.com",
            "https:///contoso.com",
            "https://login.microsoftonline.com/",
            "https://login.microsoftonline.com//contoso.com",
            "https:// login.microsoftonline.com/contoso.com",
            "https://login.microsoftonline.com/con toso.com",
            "https://2130706433/contoso.com",
            "https://0x7f.1/contoso.com",
            "https://0x7f000001/contoso.com",
            "https://127.1/contoso.com",
            "https://[fe80::1%25eth0]/contoso.com",
            "https://[::1]/contoso.com",
            "https://127.0.0.1/contoso.com",
            "https://login.microsoftonline.com:0/contoso.com",
            "https://login.microsoftonline.com:65536/contoso.com",
            "https://login.microsoftonline.com:443x/contoso.com",
            "https://login.microsoftonline.com:+443/contoso.com",
            "https://login.microsoftonline.com:/contoso.com",
            "ftp://login.microsoftonline.com/contoso.com",
            "//login.microsoftonline.com/contoso.com",
            "contoso.com/oauth2",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn plain_http_needs_loopback_and_permission() {
        assert!(parse("http://localhost:8080/contoso.com").is_err());
        assert!(parse_loopback("http://localhost.evil.example/contoso.com").is_err());
        assert!(parse_loopback("http://login.microsoftonline.com/contoso.com").is_err());
        assert!(parse_loopback("http://127.0.0.2/contoso.com").is_err());
        let authority = parse_loopback("http://127.0.0.1:8080/contoso.com").unwrap();
        assert_eq!(authority.to_cache_environment(), "http://127.0.0.1:8080");
    }

    #[test]
    fn the_tenant_of_another_server_keeps_its_case() {
        assert_eq!(
            endpoint("https://STS.example/Tenant1"),
            "https://sts.example/Tenant1/oauth2/v2.0/token"
        );
    }

    #[test]
    fn an_entra_tenant_is_a_guid_or_a_domain() {
        assert!(parse("https://login.microsoftonline.com/contoso").is_err());
        assert!(parse("https://sts.example/contoso").is_ok());
        assert!(parse("https://sts.example/common").is_err());
    }
}
