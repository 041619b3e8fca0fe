//! Scheme, host and port in canonical form.

use std::fmt;

use fluent_uri::Uri;
use fluent_uri::component::Host;

use super::tenant;
use crate::error::Rejection;

/// A canonical scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) is_https: bool,
    pub(crate) host: String,
    /// `None` for the scheme's default port.
    pub(crate) port: Option<u16>,
}

impl Origin {
    pub(super) fn https(host: &str) -> Self {
        Self { is_https: true, host: host.to_owned(), port: None }
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

/// Whether the text is a URL, or a mistaken one, and not a tenant. Compares bytes, which is cheaper than characters.
pub(super) fn is_url(text: &str) -> bool {
    text.bytes().any(|byte| matches!(byte, b':' | b'/' | b'\\'))
}

/// Parses an unambiguous URL into its origin and path.
pub(crate) fn parse_url<'a>(
    field: &'static str,
    text: &'a str,
    allow_insecure_loopback: bool,
) -> Result<(Origin, &'a str), Rejection> {
    let malformed = |reason: &'static str| Rejection::malformed(field, reason);
    let uri =
        Uri::parse(text).map_err(|_| malformed("is not a URL of the form https://HOST/TENANT"))?;
    let is_https = match uri.scheme().as_str() {
        scheme if scheme.eq_ignore_ascii_case("https") => true,
        scheme if scheme.eq_ignore_ascii_case("http") => false,
        _ => return Err(malformed("is not an https URL")),
    };
    let Some(authority) = uri.authority() else {
        return Err(malformed("has no host"));
    };
    if authority.has_userinfo() {
        return Err(malformed(
            "contains a user name before the host; remove everything up to the `@`",
        ));
    }
    if uri.query().is_some() || uri.fragment().is_some() {
        return Err(malformed("contains a query or a fragment; give only https://HOST/TENANT"));
    }
    let (host, is_loopback) =
        parse_host(field, authority.host(), authority.host_parsed(), allow_insecure_loopback)?;
    let is_allowed = is_https || (is_loopback && allow_insecure_loopback);
    if !is_allowed {
        return Err(Rejection::not_allowed(
            field,
            "is not https; plain http is allowed only for localhost, 127.0.0.1 and [::1], with \
             allow-insecure-loopback",
        ));
    }
    let port = parse_port(authority.port().map(|port| port.as_str()), is_https)
        .ok_or_else(|| malformed("contains a port that is not a number from 1 to 65535"))?;
    Ok((Origin { is_https, host, port }, uri.path().as_str()))
}

/// Returns the canonical host, and whether it is a loopback address.
fn parse_host(
    field: &'static str,
    text: &str,
    host: Host<'_>,
    allow_insecure_loopback: bool,
) -> Result<(String, bool), Rejection> {
    match host {
        Host::Ipv4 { .. } | Host::Ipv6 { .. } => {
            let is_loopback = text == "127.0.0.1" || text == "[::1]";
            if is_loopback && allow_insecure_loopback {
                return Ok((text.to_owned(), true));
            }
            Err(Rejection::not_allowed(
                field,
                "contains an IP address; give a host name (127.0.0.1 and [::1] are allowed with \
                 allow-insecure-loopback)",
            ))
        }
        Host::RegName(_) => {
            let name =
                parse_host_name(text).map_err(|reason| Rejection::malformed(field, reason))?;
            let is_loopback = name == "localhost";
            Ok((name, is_loopback))
        }
        _ => Err(Rejection::malformed(field, "has no valid host name")),
    }
}

/// Returns the host name in lower case without the trailing dot, or what is wrong with it.
pub(super) fn parse_host_name(text: &str) -> Result<String, &'static str> {
    let name = text.strip_suffix('.').unwrap_or(text);
    if !tenant::is_domain_name(name) {
        return Err(
            "has a host that is not a domain name of ASCII letters, digits, dots and hyphens",
        );
    }
    let last = name.rsplit('.').next().unwrap_or(name);
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit())
        || last
            .strip_prefix("0x")
            .or(last.strip_prefix("0X"))
            .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if is_number {
        // Resolvers take such names for IP addresses.
        return Err("has a host name that ends in a number");
    }
    Ok(name.to_ascii_lowercase())
}

fn parse_port(text: Option<&str>, is_https: bool) -> Option<Option<u16>> {
    let Some(text) = text else {
        return Some(None);
    };
    let own_port = if is_https { 443 } else { 80 };
    match text.parse::<u16>() {
        Ok(0) | Err(_) => None,
        Ok(port) => Some(Some(port).filter(|&port| port != own_port)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(
        text: &str,
        allow_insecure_loopback: bool,
    ) -> Result<(String, bool, String), Rejection> {
        let (origin, path) = parse_url("url", text, allow_insecure_loopback)?;
        Ok((origin.to_string(), origin.is_https, path.to_owned()))
    }

    #[test]
    fn scheme_host_and_port_are_canonical() {
        for (text, host) in [
            ("HTTPS://Host.Example./a", "host.example"),
            ("https://host.example:443/a", "host.example"),
            ("https://host.example:8443/a", "host.example:8443"),
        ] {
            assert_eq!(parse(text, false), Ok((host.to_owned(), true, "/a".to_owned())), "{text}");
        }
        let loopback = ("[::1]:8080".to_owned(), false, "/a".to_owned());
        assert_eq!(parse("http://[::1]:8080/a", true), Ok(loopback));
    }

    #[test]
    fn a_reason_says_what_to_give_instead() {
        for (text, part) in [
            ("http://host.example/a", "is not https"),
            ("https://u@host.example/a", "up to the `@`"),
            ("https://host.example/a?b", "query"),
            ("https://10.0.0.1/a", "IP address"),
            ("https://host.1/a", "ends in a number"),
            ("https://host.example:0/a", "1 to 65535"),
            ("mailto:a@host.example", "https"),
        ] {
            let reason = parse(text, false).unwrap_err().reason;
            assert!(reason.contains(part), "{text}: {reason}");
        }
    }
}
