use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::builder::Builder;
use crate::connection_fault::ConnectionFault;
use crate::directory::Application;
use crate::directory::Directory;
use crate::directory::DirectoryError;
use crate::issued_token::IssuedToken;
use crate::journal::Journal;
use crate::listener::Shared;
use crate::listener::listen;
use crate::recorded_request::RecordedRequest;
use crate::scripted::Scripted;
use crate::service::Service;
use crate::traffic::Traffic;

/// A running emulator. It serves requests on loopback, unless the builder sets another address, from its
/// own thread until it is dropped.
pub struct Emulator {
    shared: Arc<Shared>,
    http_address: SocketAddr,
    https_address: SocketAddr,
    ca_pem: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Emulator {
    /// Returns a builder with the default settings.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Starts with the demo directory on free ports.
    ///
    /// # Errors
    /// If no port can be bound.
    pub fn start() -> io::Result<Self> {
        Self::builder().start()
    }

    /// `http://127.0.0.1:PORT`, or with the address of the builder.
    pub fn http_url(&self) -> String {
        format!("http://{}", self.http_address)
    }

    /// `https://localhost:PORT`, or with the address of the builder.
    pub fn https_url(&self) -> String {
        if self.https_address.ip().is_loopback() {
            format!("https://localhost:{}", self.https_address.port())
        } else {
            format!("https://{}", self.https_address)
        }
    }

    /// The address for http.
    pub fn http_address(&self) -> SocketAddr {
        self.http_address
    }

    /// The address for https.
    pub fn https_address(&self) -> SocketAddr {
        self.https_address
    }

    /// The CA certificate that signed the https certificate. It is generated at each start.
    pub fn ca_certificate_pem(&self) -> &str {
        &self.ca_pem
    }

    /// Registers a certificate by thumbprint.
    ///
    /// # Errors
    /// If there is no such application, or `der` is not a certificate.
    pub fn register_certificate(&self, client_id: &str, der: &[u8]) -> Result<(), DirectoryError> {
        let mut known = false;
        self.update(|directory| {
            if let Some(application) = directory.application_mut(client_id) {
                application.certificates.push(der.to_vec());
                known = true;
            }
        })?;
        let unknown = || DirectoryError::new(format!("application {client_id} is unknown"));
        known.then_some(()).ok_or_else(unknown)
    }

    /// Adds an application.
    ///
    /// # Errors
    /// If the application is invalid; the directory is then unchanged.
    pub fn add_application(&self, application: Application) -> Result<(), DirectoryError> {
        self.update(|directory| directory.applications.push(application))
    }

    /// Changes the directory between two requests.
    ///
    /// # Errors
    /// If the changed directory is invalid; it is then unchanged.
    pub fn update(&self, change: impl FnOnce(&mut Directory)) -> Result<(), DirectoryError> {
        let mut service = self.shared.service();
        let mut changed = service.directory.clone();
        change(&mut changed);
        changed.validate()?;
        service.directory = changed;
        Ok(())
    }

    /// Issues a certificate for a client's public key (DER `SubjectPublicKeyInfo`), signed by the
    /// emulator's own CA, which it trusts in `x5c` chains.
    ///
    /// # Errors
    /// If `spki` is not a public key.
    pub fn issue_client_certificate(&self, common_name: &str, spki: &[u8]) -> io::Result<Vec<u8>> {
        self.shared.service().authority.issue(common_name, spki).map_err(io::Error::other)
    }

    /// The emulator's CA certificate in DER.
    pub fn ca_certificate_der(&self) -> Vec<u8> {
        self.shared.service().authority.der()
    }

    /// Queues answers for the next token requests of one client, regardless of their content. The
    /// tenant is named by GUID or domain.
    pub fn script(&self, tenant: &str, client_id: &str, answers: Vec<Scripted>) {
        let mut service = self.shared.service();
        let tenant = service.tenant_id(tenant);
        service.scripts.push(&tenant, client_id, answers);
    }

    /// Queues answers for the next token requests of clients without their own script.
    pub fn script_any(&self, answers: Vec<Scripted>) {
        self.shared.service().scripts.push_any(answers);
    }

    /// Queues answers for the next GETs of discovery documents: instance discovery, and
    /// `.well-known/openid-configuration` below any path, registered or not. Here a scripted token
    /// gives the normal answer.
    pub fn script_discovery(&self, answers: Vec<Scripted>) {
        self.shared.service().scripts.push_discovery(answers);
    }

    /// Queues faults, one for each of the next connections.
    pub fn script_connections(&self, faults: Vec<ConnectionFault>) {
        self.shared.faults().extend(faults);
    }

    /// Removes all unused scripted answers and faults.
    pub fn clear_scripts(&self) {
        self.shared.service().scripts.clear();
        self.shared.faults().clear();
    }

    /// The number of unused scripted answers.
    pub fn scripted_answers_left(&self) -> usize {
        self.shared.service().scripts.len()
    }

    /// All requests in order of arrival, except those to the control routes.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.journal.requests()
    }

    /// All POST requests to token endpoints, in order of arrival.
    pub fn token_requests(&self) -> Vec<RecordedRequest> {
        let mut requests = self.requests();
        requests.retain(RecordedRequest::is_token_request);
        requests
    }

    /// Removes all recorded requests.
    pub fn clear_requests(&self) {
        self.shared.journal.clear();
    }

    /// The number of token requests by tenant, client and scope, and the times between them.
    pub fn traffic(&self) -> Vec<Traffic> {
        Traffic::of(&self.requests())
    }

    /// Waits until at least `count` requests are recorded. Returns `false` on timeout.
    pub fn wait_for_requests(&self, count: usize, timeout: Duration) -> bool {
        self.shared.journal.wait_for(count, timeout)
    }

    /// The number of connections accepted since the start, with or without a request.
    pub fn connections(&self) -> u64 {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Sets the offset of the emulator's clock from the machine's, in seconds.
    pub fn set_clock_offset(&self, seconds: i64) {
        self.shared.service().clock.set_offset(seconds);
    }

    /// Sets the lifetime of further tokens in seconds. From 7200 on, the answer has a `refresh_in` of
    /// half the lifetime. `None` restores Entra's 60 to 90 minutes.
    pub fn set_token_lifetime(&self, seconds: Option<u64>) {
        self.shared.service().token_lifetime = seconds;
    }

    /// Sets how strictly assertions are checked.
    pub fn set_strictness(&self, strictness: crate::Strictness) {
        self.shared.service().strictness = strictness;
    }

    /// Revokes a client's tokens. The resource answers them with a claims challenge. Further tokens are
    /// revoked too, until a token request contains the challenge's claims.
    pub fn revoke(&self, client_id: &str) {
        self.shared.service().revoke(client_id);
    }

    /// All tokens issued since the start.
    pub fn issued_tokens(&self) -> Vec<IssuedToken> {
        self.shared.service().issued.clone()
    }

    /// Whether the emulator issued this token.
    pub fn was_issued(&self, token: &str) -> bool {
        self.shared.service().issued.iter().any(|issued| issued.token == token)
    }

    pub(crate) fn run(
        service: Service,
        ca_pem: String,
        http: TcpListener,
        https: TcpListener,
        tls: Arc<rustls::ServerConfig>,
    ) -> io::Result<Self> {
        let (http_address, https_address) = (service.http_address, service.https_address);
        let shared = Arc::new(Shared {
            service: Mutex::new(service),
            journal: Journal::default(),
            connections: AtomicU64::new(0),
            faults: Mutex::new(VecDeque::new()),
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&shared);
        let (http, https) = {
            let _entered = runtime.enter();
            (tokio::net::TcpListener::from_std(http)?, tokio::net::TcpListener::from_std(https)?)
        };
        let thread =
            std::thread::Builder::new().name("msal-emulator".to_owned()).spawn(move || {
                runtime.block_on(async move {
                    tokio::spawn(listen(http, None, Arc::clone(&served)));
                    tokio::spawn(listen(https, Some(TlsAcceptor::from(tls)), served));
                    // Dropping the sender stops the emulator, as sending does.
                    let _ = stopped.await;
                });
            })?;
        Ok(Self {
            shared,
            http_address,
            https_address,
            ca_pem,
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has also stopped.
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator")
            .field("http", &self.http_url())
            .field("https", &self.https_url())
            .finish_non_exhaustive()
    }
}
