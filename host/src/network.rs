//! Outgoing HTTP: allowed hosts, name resolution, and trusted certificates.

mod body;
mod connection;
mod failure;
mod first_byte;
mod function;
mod hooks;
mod policy;
mod resolution;
mod send;
mod trust;

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http::Response;

use self::function::Function;
pub(crate) use self::hooks::NetworkHooks;
use self::policy::Policy;
use self::resolution::Resolution;
use self::trust::Trust;

/// Sends outgoing requests: HTTP/1.1, over TLS for `https`, one connection per request.
///
/// Clones share everything. Trusted certificates are the platform's, or Mozilla's if the platform has
/// none, and those added by [`NetworkBuilder::ca_certificate_pem`].
#[derive(Clone, Debug)]
pub struct Network(Arc<Settings>);

#[derive(Debug, Default)]
struct Settings {
    policy: Policy,
    resolutions: Vec<Resolution>,
    trust: Trust,
    function: Option<Function>,
}

impl Network {
    /// Returns a builder that allows every host, uses the system's resolver, and adds no certificate.
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
    certificates: Vec<Vec<u8>>,
    resolutions: Vec<String>,
    policy: Policy,
}

impl NetworkBuilder {
    /// Also trusts the certificate authorities in the text of a PEM file.
    #[must_use]
    pub fn ca_certificate_pem(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.certificates.push(pem.as_ref().to_vec());
        self
    }

    /// Connects to ADDRESS for requests to HOST and PORT: `HOST:PORT:ADDRESS`, as curl's `--resolve`.
    /// The address may include a port; an IPv6 address is written in brackets. The certificate is
    /// still checked for HOST.
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

    /// Checks the settings. The platform's certificates are read when they are first needed.
    pub fn build(self) -> Result<Network, NetworkError> {
        let resolutions =
            self.resolutions.iter().map(|text| text.parse()).collect::<Result<_, _>>()?;
        let trust = Trust::with_certificates(&self.certificates)?;
        Ok(Network(Arc::new(Settings { policy: self.policy, resolutions, trust, function: None })))
    }
}

/// A network setting that cannot be used.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum NetworkError {
    /// Not of the form `HOST:PORT:ADDRESS`.
    Resolution(String),
    /// Not PEM text with certificates.
    Certificate(String),
}

impl Error for NetworkError {}

impl fmt::Display for NetworkError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resolution(text) => write!(
                formatter,
                "{text:?} is not HOST:PORT:ADDRESS, such as login.example:443:127.0.0.1"
            ),
            Self::Certificate(reason) => {
                write!(formatter, "the CA certificate cannot be used: {reason}")
            }
        }
    }
}

#[cfg(test)]
mod tests;
