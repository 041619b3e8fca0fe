//! The server that a URL names.

use std::net::IpAddr;

use http::Uri;
use http::uri::Scheme;
use rustls::pki_types::ServerName;
use wasmtime_wasi_http::Error;

/// The server that a URL names.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// As in the URL: an IPv6 address is in brackets.
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) is_tls: bool,
}

impl Target {
    pub(super) fn of(uri: &Uri) -> Result<Self, Error> {
        let host =
            uri.host().filter(|host| !host.is_empty()).ok_or(Error::HttpRequestUriInvalid)?;
        let is_tls = uri.scheme() != Some(&Scheme::HTTP);
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        Ok(Self { host: host.to_owned(), port, is_tls })
    }

    /// `HOST:PORT`
    pub(super) fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// The address, if the host is one.
    pub(super) fn ip_address(&self) -> Option<IpAddr> {
        self.bare_host().parse().ok()
    }

    /// Whether the name or address always means this machine.
    pub(super) fn is_loopback(&self) -> bool {
        match self.ip_address() {
            Some(address) => {
                let address = address.to_canonical();
                address.is_loopback() || address.is_unspecified()
            }
            None => {
                let name = self.host.trim_end_matches('.').to_ascii_lowercase();
                name == "localhost" || name.ends_with(".localhost")
            }
        }
    }

    pub(super) fn server_name(&self) -> Result<ServerName<'static>, Error> {
        ServerName::try_from(self.bare_host().to_owned()).map_err(|_| Error::HttpRequestUriInvalid)
    }

    /// The host without brackets.
    pub(super) fn bare_host(&self) -> &str {
        let inside = self.host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        inside.unwrap_or(&self.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_this_machine_is_loopback() {
        for (host, is_loopback) in [
            ("localhost", true),
            ("LocalHost.", true),
            ("a.localhost", true),
            ("127.0.0.1", true),
            ("127.1.2.3", true),
            ("0.0.0.0", true),
            ("[::1]", true),
            ("[::]", true),
            ("[::ffff:127.0.0.1]", true),
            ("localhost.example", false),
            ("notlocalhost", false),
            ("192.0.2.1", false),
            ("[2001:db8::1]", false),
        ] {
            let target = Target::of(&format!("https://{host}/").parse().unwrap()).unwrap();
            assert_eq!(target.is_loopback(), is_loopback, "{host}");
        }
    }
}
