//! The component's way out: which hosts it may reach, how names become addresses, whom to trust.

mod arrival;
mod body;
mod connection;
mod failure;
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

/// How outgoing requests travel: HTTP/1.1, over TLS for `https`, one connection per request.
///
/// Clones share everything. Certificates are those that the platform trusts, or Mozilla's where the
/// platform has none, and what [`NetworkBuilder::ca_certificate_pem`] adds.
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
    /// Starts with every host allowed, names resolved by the system, and no certificate added.
    pub fn builder() -> NetworkBuilder {
        NetworkBuilder::default()
    }

    /// A network that is a function: it answers every request, and nothing leaves the process. For measuring what a
    /// call costs without a network.
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

/// Collects what a [`Network`] is made from.
#[derive(Clone, Debug, Default)]
pub struct NetworkBuilder {
    certificates: Vec<Vec<u8>>,
    resolutions: Vec<String>,
    policy: Policy,
}

impl NetworkBuilder {
    /// Trusts one more certificate authority, or several: the text of a PEM file.
    #[must_use]
    pub fn ca_certificate_pem(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.certificates.push(pem.as_ref().to_vec());
        self
    }

    /// Connects to ADDRESS when HOST and PORT are asked for: `HOST:PORT:ADDRESS`, as curl's
    /// `--resolve`. The address may have a port of its own; an IPv6 address is written in brackets.
    /// The certificate is still checked for HOST.
    #[must_use]
    pub fn resolve(mut self, mapping: impl Into<String>) -> Self {
        self.resolutions.push(mapping.into());
        self
    }

    /// Allows only these hosts, each `HOST` (any port) or `HOST:PORT`, besides those that earlier
    /// calls allowed.
    #[must_use]
    pub fn allow<Host: Into<String>>(mut self, hosts: impl IntoIterator<Item = Host>) -> Self {
        self.policy = self.policy.allowing(hosts.into_iter().map(Into::into));
        self
    }

    /// Allows no host at all.
    #[must_use]
    pub fn deny_all(mut self) -> Self {
        self.policy = Policy::nothing();
        self
    }

    /// Checks everything that was given. The platform's certificates are read when they are first
    /// needed.
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
    /// No PEM text with certificates.
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
