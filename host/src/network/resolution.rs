//! Explicit mappings of names to addresses, as with curl's `--resolve`.

use std::net::IpAddr;
use std::net::SocketAddr;
use std::str::FromStr;

use super::NetworkError;

/// One mapping, `HOST:PORT:ADDRESS`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Resolution {
    host: String,
    port: u16,
    address: SocketAddr,
}

impl Resolution {
    /// The address, if this mapping is for the host and port.
    pub(super) fn address_of(&self, host: &str, port: u16) -> Option<SocketAddr> {
        (self.port == port && self.host.eq_ignore_ascii_case(host)).then_some(self.address)
    }
}

impl FromStr for Resolution {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        parse(text).ok_or(NetworkError::Resolution)
    }
}

fn parse(text: &str) -> Option<Resolution> {
    let (host, rest) = match text.strip_prefix('[') {
        Some(rest) => {
            let (inside, rest) = rest.split_once("]:")?;
            inside.parse::<IpAddr>().ok()?;
            (&text[..inside.len() + 2], rest)
        }
        None => text.split_once(':')?,
    };
    let (port, address) = rest.split_once(':')?;
    let port = port.parse().ok()?;
    let address = socket_address(address, port)?;
    (!host.is_empty()).then(|| Resolution { host: host.to_owned(), port, address })
}

/// Parses an address with or without a port. IPv6 without a port may omit the brackets.
fn socket_address(text: &str, port: u16) -> Option<SocketAddr> {
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    let inside = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let address: IpAddr = inside.unwrap_or(text).parse().ok()?;
    Some(SocketAddr::new(address, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mappings_are_read_as_curl_reads_them() {
        for (text, host, port, address) in [
            ("login.example:443:127.0.0.1", "LOGIN.example", 443, "127.0.0.1:443"),
            ("login.example:443:127.0.0.1:8443", "login.example", 443, "127.0.0.1:8443"),
            ("login.example:443:[::1]", "login.example", 443, "[::1]:443"),
            ("login.example:443:[::1]:8443", "login.example", 443, "[::1]:8443"),
            ("login.example:443:::1", "login.example", 443, "[::1]:443"),
            ("[2001:db8::1]:443:127.0.0.1", "[2001:db8::1]", 443, "127.0.0.1:443"),
        ] {
            let resolution: Resolution = text.parse().unwrap();
            assert_eq!(resolution.address_of(host, port), address.parse().ok(), "{text}");
            assert_eq!(resolution.address_of(host, port + 1), None, "{text}");
            assert_eq!(resolution.address_of("other.example", port), None, "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "login.example",
            "login.example:443",
            "login.example:443:",
            "login.example:443:name.example",
            "login.example:https:127.0.0.1",
            "login.example:65536:127.0.0.1",
            ":443:127.0.0.1",
            "[not-ip]:443:127.0.0.1",
            "[::1:443:127.0.0.1",
        ] {
            assert!(text.parse::<Resolution>().is_err(), "{text}");
        }
    }
}
