//! Where tokens come from: the one place that a credential may go to.

mod cloud;
mod tenant;

use std::fmt;

use fluent_uri::Uri;
use fluent_uri::component::Host;

use crate::error::Rejection;
use crate::error::RejectionCode;

use cloud::Cloud;
pub use tenant::Tenant;
pub(crate) use tenant::is_guid;

/// An authority that has been checked: https (or loopback for tests), one canonical host, one tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    origin: Origin,
    tenant: Tenant,
    kind: AuthorityKind,
}

/// What kind of server an authority is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorityKind {
    /// Microsoft Entra ID, with its rules for scopes.
    Entra,
    /// Any OAuth 2.0 server with the same URL layout.
    Generic,
}

/// What decides how an authority's text is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct AuthorityRules {
    /// The kind of server, if the caller named one.
    pub kind: Option<AuthorityKind>,
    /// Whether plain http to this machine is allowed.
    pub allow_insecure_loopback: bool,
}

impl Authority {
    /// Reads a tenant or an authority URL.
    pub fn parse(text: &str, rules: AuthorityRules) -> Result<Self, Rejection> {
        if text.is_empty() {
            return Err(Rejection::missing(
                FIELD,
                "is empty; give a tenant ID, a domain or an authority URL",
            ));
        }
        if text.len() > MAX_LENGTH {
            return Err(Rejection::too_long(FIELD, "is longer than 1024 bytes"));
        }
        let (origin, tenant) = if text.contains([':', '/', '\\']) {
            parse_url(text, rules)?
        } else {
            (Origin::of_cloud(cloud::PUBLIC), Tenant::parse(FIELD, text)?)
        };
        let kind = rules.kind.unwrap_or(if cloud::find(&origin.host).is_some() {
            AuthorityKind::Entra
        } else {
            AuthorityKind::Generic
        });
        Self { origin, tenant, kind }.checked(FIELD)
    }

    /// The same authority for another tenant.
    pub fn with_tenant(&self, text: &str) -> Result<Self, Rejection> {
        const FIELD: &str = "request.options.tenant";
        Self { tenant: Tenant::parse(FIELD, text)?, ..self.clone() }.checked(FIELD)
    }

    /// The tenant.
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// What kind of server this is.
    pub fn kind(&self) -> AuthorityKind {
        self.kind
    }

    /// Whether the host is one of Microsoft's, from the built-in table.
    pub fn is_known(&self) -> bool {
        cloud::find(&self.origin.host).is_some()
    }

    /// Where token requests go.
    pub fn to_token_endpoint(&self) -> TokenEndpoint {
        TokenEndpoint {
            is_https: self.origin.is_https,
            authority: self.origin.to_string(),
            path: format!("/{}/oauth2/v2.0/token", self.tenant.as_str()),
        }
    }

    /// The name under which this authority's tokens are cached: one for all aliases of a cloud.
    pub fn to_cache_environment(&self) -> String {
        match cloud::find(&self.origin.host) {
            Some(cloud) if self.origin.port.is_none() => cloud.preferred_cache.to_owned(),
            _ if self.origin.is_https => self.origin.to_string(),
            _ => format!("http://{}", self.origin),
        }
    }

    /// What Entra asks of a tenant. Another server's path may tell upper from lower case.
    fn checked(self, field: &'static str) -> Result<Self, Rejection> {
        if self.kind != AuthorityKind::Entra {
            return Ok(self);
        }
        if !self.tenant.is_guid() && !self.tenant.is_domain() {
            return Err(Rejection::malformed(
                field,
                "the tenant is neither a GUID nor a domain name such as contoso.onmicrosoft.com",
            ));
        }
        Ok(Self { tenant: self.tenant.to_lower_case(), ..self })
    }
}

/// The URL that token requests are posted to, in the parts that a host asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenEndpoint {
    /// False only for a loopback address that the caller allowed.
    pub is_https: bool,
    /// The host, with the port if it is not the scheme's own.
    pub authority: String,
    /// The path; there is no query.
    pub path: String,
}

impl fmt::Display for TokenEndpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_https { "https" } else { "http" };
        write!(formatter, "{scheme}://{}{}", self.authority, self.path)
    }
}

/// A canonical scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    is_https: bool,
    host: String,
    /// Absent for the scheme's own port.
    port: Option<u16>,
}

impl Origin {
    fn of_cloud(cloud: &Cloud) -> Self {
        Self { is_https: true, host: cloud.preferred_network.to_owned(), port: None }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(formatter, "{}:{port}", self.host),
            None => formatter.write_str(&self.host),
        }
    }
}

fn parse_url(text: &str, rules: AuthorityRules) -> Result<(Origin, Tenant), Rejection> {
    let uri =
        Uri::parse(text).map_err(|_| malformed("is not a URL of the form https://HOST/TENANT"))?;
    let is_https = match uri.scheme().as_str() {
        scheme if scheme.eq_ignore_ascii_case("https") => true,
        scheme if scheme.eq_ignore_ascii_case("http") => false,
        _ => return Err(malformed("is not an https URL")),
    };
    let Some(location) = uri.authority() else {
        return Err(malformed("is a URL without a host"));
    };
    if location.has_userinfo() {
        return Err(malformed(
            "holds a user name before the host; remove everything up to the `@`",
        ));
    }
    if uri.query().is_some() || uri.fragment().is_some() {
        return Err(malformed("holds a query or a fragment; give https://HOST/TENANT only"));
    }
    let (host, is_loopback) = parse_host(location.host(), location.host_parsed(), rules)?;
    let is_allowed = is_https || (is_loopback && rules.allow_insecure_loopback);
    if !is_allowed {
        return Err(Rejection::not_allowed(
            FIELD,
            "is not https; plain http is allowed for localhost, 127.0.0.1 and [::1] only, with \
             allow-insecure-loopback",
        ));
    }
    let port = parse_port(location.port().map(|port| port.as_str()), is_https)?;
    let path = uri.path().as_str();
    let segment = path.strip_prefix('/').unwrap_or(path);
    let segment = segment.strip_suffix('/').unwrap_or(segment);
    if segment.is_empty() {
        return Err(malformed("names no tenant; give https://HOST/TENANT"));
    }
    if segment.contains('/') {
        return Err(malformed("has a path of more than one segment; give https://HOST/TENANT"));
    }
    let tenant = Tenant::parse(FIELD, segment)?;
    let host = match cloud::find(&host) {
        Some(cloud) if port.is_none() => cloud.preferred_network.to_owned(),
        _ => host,
    };
    Ok((Origin { is_https, host, port }, tenant))
}

/// The canonical host, and whether it is this machine.
fn parse_host(
    text: &str,
    host: Host<'_>,
    rules: AuthorityRules,
) -> Result<(String, bool), Rejection> {
    match host {
        Host::Ipv4 { .. } | Host::Ipv6 { .. } => {
            let is_loopback = text == "127.0.0.1" || text == "[::1]";
            if is_loopback && rules.allow_insecure_loopback {
                return Ok((text.to_owned(), true));
            }
            Err(Rejection::not_allowed(
                FIELD,
                "names an IP address; give a host name (127.0.0.1 and [::1] are allowed with \
                 allow-insecure-loopback)",
            ))
        }
        Host::RegName(_) => {
            let name = text.strip_suffix('.').unwrap_or(text);
            if !tenant::is_domain_name(name) {
                return Err(malformed(
                    "does not hold a host name of ASCII letters, digits, dots and hyphens",
                ));
            }
            let last = name.rsplit('.').next().unwrap_or(name);
            let is_number = last.bytes().all(|byte| byte.is_ascii_digit())
                || last
                    .strip_prefix("0x")
                    .or(last.strip_prefix("0X"))
                    .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
            if is_number {
                // Resolvers read such names as addresses.
                return Err(malformed("names a host that ends in a number"));
            }
            let name = name.to_ascii_lowercase();
            let is_loopback = name == "localhost";
            Ok((name, is_loopback))
        }
        _ => Err(malformed("does not hold a host name")),
    }
}

fn parse_port(text: Option<&str>, is_https: bool) -> Result<Option<u16>, Rejection> {
    let Some(text) = text else {
        return Ok(None);
    };
    let own_port = if is_https { 443 } else { 80 };
    match text.parse::<u16>() {
        Ok(0) | Err(_) => Err(malformed("holds a port that is not a number from 1 to 65535")),
        Ok(port) if port == own_port => Ok(None),
        Ok(port) => Ok(Some(port)),
    }
}

fn malformed(reason: &'static str) -> Rejection {
    Rejection::new(FIELD, RejectionCode::Malformed, reason)
}

const FIELD: &str = "application.authority";
const MAX_LENGTH: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Authority, Rejection> {
        Authority::parse(text, AuthorityRules::default())
    }

    fn parse_loopback(text: &str) -> Result<Authority, Rejection> {
        Authority::parse(
            text,
            AuthorityRules { allow_insecure_loopback: true, ..Default::default() },
        )
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
    fn every_spelling_of_an_authority_is_folded_to_one() {
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
    fn national_clouds_have_an_environment_of_their_own() {
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

    #[test]
    fn look_alike_hosts_are_not_taken_for_microsofts() {
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
    fn urls_that_could_be_read_in_two_ways_are_refused() {
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
    fn another_servers_tenant_keeps_its_case() {
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
