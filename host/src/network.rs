//! Outgoing HTTP: allowed hosts, name resolution, proxies, and trusted certificates.

mod body;
mod connection;
mod failure;
mod first_byte;
mod function;
mod hooks;
mod policy;
mod proxy;
mod resolution;
mod send;
mod stream;
mod target;
mod tls;
mod token_proxy;
mod tunnel;

use std::env;
use std::error::Error;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http::Response;

use self::function::Function;
pub(crate) use self::hooks::NetworkHooks;
use self::policy::Policy;
use self::proxy::Proxies;
use self::resolution::Resolution;
use self::target::Target;
use self::tls::Trust;
use self::token_proxy::Redirection;
pub use self::token_proxy::TokenProxy;
pub use self::token_proxy::TokenProxyTrust;
use crate::trust;
use crate::trust::CaCertificates;
use crate::trust::VariableError;

/// Sends outgoing requests: HTTP/1.1, over TLS for `https`, one connection per request.
///
/// Clones share everything. Trusted certificates are those of the files that the variables
/// `SSL_CERT_FILE` and `SSL_CERT_DIR` name, as in OpenSSL; else the platform's, or Mozilla's if the
/// platform has none; and those added by [`NetworkBuilder::ca_certificates`].
#[derive(Clone, Debug)]
pub struct Network(Arc<Settings>);

#[derive(Debug, Default)]
struct Settings {
    policy: Policy,
    resolutions: Vec<Resolution>,
    proxies: Proxies,
    trust: Trust,
    redirection: Option<Redirection>,
    function: Option<Function>,
}

impl Settings {
    /// The address of a server, if it was set explicitly.
    fn resolution_of(&self, target: &Target) -> Option<SocketAddr> {
        let mut resolutions = self.resolutions.iter();
        resolutions.find_map(|resolution| resolution.address_of(&target.host, target.port))
    }
}

impl Network {
    /// Returns a builder that allows every host, uses the system's resolver and no proxy, and adds no
    /// certificate.
    pub fn builder() -> NetworkBuilder {
        NetworkBuilder::default()
    }

    /// A network that answers every request with a function; nothing leaves the process. For measuring the cost of a
    /// call without a network.
    pub fn function(
        answer: impl Fn(&Request<Bytes>) -> Response<Bytes> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Settings { function: Some(Function::new(answer)), ..Settings::default() }))
    }
}

impl Default for Network {
    fn default() -> Self {
        Self(Arc::new(Settings::default()))
    }
}

/// Builds a [`Network`].
#[derive(Clone, Debug, Default)]
pub struct NetworkBuilder {
    certificates: CaCertificates,
    pem_files: Vec<Vec<u8>>,
    resolutions: Vec<String>,
    policy: Policy,
    proxies: ProxySource,
    token_proxy: Option<TokenProxy>,
}

impl NetworkBuilder {
    /// Also trusts the certificate authorities in the text of a PEM file.
    #[must_use]
    pub fn ca_certificate_pem(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.pem_files.push(pem.as_ref().to_vec());
        self
    }

    /// Also trusts these certificate authorities.
    #[must_use]
    pub fn ca_certificates(mut self, certificates: CaCertificates) -> Self {
        self.certificates = self.certificates.and(certificates);
        self
    }

    /// Connects to ADDRESS for requests to HOST and PORT: `HOST:PORT:ADDRESS`, as curl's `--resolve`.
    /// The address may include a port; an IPv6 address is written in brackets. The certificate is
    /// still checked for HOST. Such a host is not reached through a proxy.
    #[must_use]
    pub fn resolve(mut self, mapping: impl Into<String>) -> Self {
        self.resolutions.push(mapping.into());
        self
    }

    /// Allows only these hosts, each `HOST` (any port) or `HOST:PORT`, and those that earlier calls
    /// allowed.
    #[must_use]
    pub fn allow<Host: Into<String>>(mut self, hosts: impl IntoIterator<Item = Host>) -> Self {
        self.policy = self.policy.allowing(hosts.into_iter().map(Into::into));
        self
    }

    /// Allows no host.
    #[must_use]
    pub fn deny_all(mut self) -> Self {
        self.policy = Policy::nothing();
        self
    }

    /// Sends requests through an HTTP proxy: `http://USER:PASSWORD@HOST:PORT`, or `https` for TLS to the
    /// proxy. Without a port, it is 80 or 443. Loopback hosts are still reached directly.
    ///
    /// The proxy is asked for a tunnel (CONNECT) to an `https` server, whose certificate is checked as
    /// without a proxy.
    #[must_use]
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxies = ProxySource::Url(url.into());
        self
    }

    /// Uses the proxies in the environment's variables when [`build`](Self::build) is called, as curl
    /// does: `HTTPS_PROXY`, `HTTP_PROXY`, or `ALL_PROXY` for both, in the form of [`proxy`](Self::proxy),
    /// and in `NO_PROXY` the hosts that are reached directly. Lower-case names come first. Without this
    /// call the variables are not read.
    #[must_use]
    pub fn proxies_from_environment(mut self) -> Self {
        self.proxies = ProxySource::Environment;
        self
    }

    /// Sends every request to this server instead of the one in its URL.
    #[must_use]
    pub fn token_proxy(mut self, proxy: TokenProxy) -> Self {
        self.token_proxy = Some(proxy);
        self
    }

    /// Checks the settings, including the files that `SSL_CERT_FILE` and `SSL_CERT_DIR` name. The
    /// platform's certificates are read when they are first needed.
    pub fn build(self) -> Result<Network, NetworkError> {
        let resolutions =
            self.resolutions.iter().map(|text| text.parse()).collect::<Result<_, _>>()?;
        let proxies = match self.proxies {
            ProxySource::None => Proxies::default(),
            ProxySource::Url(url) => Proxies::of_url(&url)?,
            ProxySource::Environment => Proxies::from_variables(|name| env::var_os(name))?,
        };
        let mut certificates = self.certificates;
        for pem in &self.pem_files {
            let found = CaCertificates::from_pem(pem);
            let found = found.map_err(|error| NetworkError::Certificate(error.to_string()))?;
            certificates = certificates.and(found);
        }
        let trust = Trust::new(certificates, trust::from_environment()?);
        let redirection = self.token_proxy.map(Redirection::new).transpose()?;
        let policy = self.policy;
        let settings =
            Settings { policy, resolutions, proxies, trust, redirection, function: None };
        Ok(Network(Arc::new(settings)))
    }
}

/// Where the settings of proxies come from.
#[derive(Clone, Default)]
enum ProxySource {
    #[default]
    None,
    Url(String),
    Environment,
}

impl fmt::Debug for ProxySource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::None => "None",
            Self::Url(_) => "Url(..)",
            Self::Environment => "Environment",
        })
    }
}

/// A network setting that cannot be used.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum NetworkError {
    /// Not of the form `HOST:PORT:ADDRESS`.
    Resolution,
    /// Not PEM text with certificates.
    Certificate(String),
    /// A variable that names files without a usable certificate.
    CertificateVariable {
        /// The name of the variable.
        variable: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A proxy that cannot be used. The reason does not repeat the URL, which may contain a password.
    Proxy {
        /// The name of the variable, or `NetworkBuilder::proxy`.
        setting: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A token proxy that cannot be used.
    TokenProxy(String),
}

impl Error for NetworkError {}

impl From<VariableError> for NetworkError {
    fn from(error: VariableError) -> Self {
        Self::CertificateVariable { variable: error.variable, reason: error.reason }
    }
}

impl fmt::Display for NetworkError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resolution => {
                formatter.write_str("is not HOST:PORT:ADDRESS, such as login.example:443:127.0.0.1")
            }
            Self::Certificate(reason) => {
                write!(formatter, "the CA certificate cannot be used: {reason}")
            }
            Self::CertificateVariable { variable, reason } => {
                write!(formatter, "{variable}: {reason}")
            }
            Self::Proxy { setting, reason } => write!(formatter, "{setting}: {reason}"),
            Self::TokenProxy(reason) => formatter.write_str(reason),
        }
    }
}

#[cfg(test)]
mod tests;
