use std::fmt;
use std::io;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::net::TcpListener;

use crate::clock::Clock;
use crate::directory::Directory;
use crate::emulator::Emulator;
use crate::ids::Ids;
use crate::script_queue::ScriptQueue;
use crate::server_certificate::CertificateAuthority;
use crate::server_certificate::ServerCertificate;
use crate::service::Service;
use crate::signing_key::SigningKey;
use crate::strictness::Strictness;
use crate::throttle::Throttle;

/// Configures and starts an [`Emulator`].
pub struct Builder {
    seed: u64,
    directory: Directory,
    strictness: Strictness,
    throttle_after: Option<u32>,
    legacy_loop: bool,
    token_lifetime: Option<u64>,
    server_certificate: ServerCertificate,
    server_names: Vec<String>,
    address: IpAddr,
    http_port: u16,
    https_port: u16,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            seed: 0,
            directory: Directory::default(),
            strictness: Strictness::entra(),
            throttle_after: None,
            legacy_loop: false,
            token_lifetime: None,
            server_certificate: ServerCertificate::Valid,
            server_names: Vec::new(),
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            http_port: 0,
            https_port: 0,
        }
    }

    /// Sets the seed of trace IDs, correlation IDs, service principals and token lifetimes. Keys and
    /// signatures still differ at every start.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets the directory. Default: the demo directory.
    #[must_use]
    pub fn directory(mut self, directory: Directory) -> Self {
        self.directory = directory;
        self
    }

    /// Sets how strictly assertions are checked.
    #[must_use]
    pub fn strictness(mut self, strictness: Strictness) -> Self {
        self.strictness = strictness;
        self
    }

    /// Allows this many token requests of one client for one scope in one tenant within 60 seconds, and
    /// answers further ones with 429. `None`, the default, disables throttling.
    #[must_use]
    pub fn throttle_after(mut self, requests: Option<u32>) -> Self {
        self.throttle_after = requests;
        self
    }

    /// Answers throttled requests with 400 and AADSTS50196 instead of 429, unless the client sends
    /// `x-ms-lib-capability: h429`.
    #[must_use]
    pub fn legacy_loop(mut self, legacy: bool) -> Self {
        self.legacy_loop = legacy;
        self
    }

    /// Sets the lifetime of every token in seconds; see [`Emulator::set_token_lifetime`].
    #[must_use]
    pub fn token_lifetime(mut self, seconds: Option<u64>) -> Self {
        self.token_lifetime = seconds;
        self
    }

    /// Sets whether the https certificate is valid, or what is wrong with it.
    #[must_use]
    pub fn server_certificate(mut self, certificate: ServerCertificate) -> Self {
        self.server_certificate = certificate;
        self
    }

    /// Makes the https certificate valid for another host name, such as `adfs.example` or
    /// `*.example`.
    #[must_use]
    pub fn with_server_name(mut self, name: &str) -> Self {
        self.server_names.push(name.to_owned());
        self
    }

    /// Listens on this address of the machine instead of 127.0.0.1, and makes the https certificate valid
    /// for it. Then other machines can reach the emulator.
    #[must_use]
    pub fn address(mut self, address: IpAddr) -> Self {
        self.address = address;
        self.with_server_name(&address.to_string())
    }

    /// Sets the port for http; 0, the default, takes a free port.
    #[must_use]
    pub fn http_port(mut self, port: u16) -> Self {
        self.http_port = port;
        self
    }

    /// Sets the port for https; 0, the default, takes a free port.
    #[must_use]
    pub fn https_port(mut self, port: u16) -> Self {
        self.https_port = port;
        self
    }

    /// Starts the emulator, which accepts requests as soon as this returns.
    ///
    /// # Errors
    /// `InvalidInput` if the directory is invalid, or the error of binding a port.
    pub fn start(self) -> io::Result<Emulator> {
        self.directory
            .validate()
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let (http, http_address) = bind(self.address, self.http_port)?;
        let (https, https_address) = bind(self.address, self.https_port)?;

        let authority = CertificateAuthority::new("msal-emulator test authority")?;
        let ca_pem = authority.pem();
        let tls = match self.server_certificate {
            ServerCertificate::UnknownAuthority => {
                let unknown = CertificateAuthority::new("msal-emulator unknown authority")?;
                unknown.server_config(self.server_certificate, &self.server_names)?
            }
            known => authority.server_config(known, &self.server_names)?,
        };
        let service = Service {
            directory: self.directory,
            strictness: self.strictness,
            clock: Clock::start(),
            ids: Ids::new(self.seed),
            throttle: Throttle::new(self.throttle_after),
            legacy_loop: self.legacy_loop,
            scripts: ScriptQueue::default(),
            issued: Vec::new(),
            revocations: Default::default(),
            used_jti: Default::default(),
            token_lifetime: self.token_lifetime,
            signing_key: SigningKey::generate()?,
            authority,
            http_address,
            https_address,
        };
        Emulator::run(service, ca_pem, http, https, tls)
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("seed", &self.seed)
            .field("strictness", &self.strictness)
            .field("server_certificate", &self.server_certificate)
            .finish_non_exhaustive()
    }
}

fn bind(address: IpAddr, port: u16) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((address, port)).map_err(|error| {
        io::Error::new(error.kind(), format!("cannot bind port {port} on {address}: {error}"))
    })?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}
