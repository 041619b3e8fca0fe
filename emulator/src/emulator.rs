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

/// A running emulator. It answers on loopback from its own thread until it is dropped.
pub struct Emulator {
    shared: Arc<Shared>,
    http_address: SocketAddr,
    https_address: SocketAddr,
    ca_pem: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Emulator {
    /// Settings to start from.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Starts with the demo directory on free ports.
    ///
    /// # Errors
    /// If no port can be taken.
    pub fn start() -> io::Result<Self> {
        Self::builder().start()
    }

    /// `http://127.0.0.1:PORT`
    pub fn http_url(&self) -> String {
        format!("http://{}", self.http_address)
    }

    /// `https://localhost:PORT`
    pub fn https_url(&self) -> String {
        format!("https://localhost:{}", self.https_address.port())
    }

    /// Where http is answered.
    pub fn http_address(&self) -> SocketAddr {
        self.http_address
    }

    /// Where https is answered.
    pub fn https_address(&self) -> SocketAddr {
        self.https_address
    }

    /// The authority that the https certificate is signed by, made at this start.
    pub fn ca_certificate_pem(&self) -> &str {
        &self.ca_pem
    }

    /// Registers a certificate by thumbprint.
    ///
    /// # Errors
    /// If there is no such application, or `der` is no certificate.
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
    /// If the application cannot be served; nothing has changed then.
    pub fn add_application(&self, application: Application) -> Result<(), DirectoryError> {
        self.update(|directory| directory.applications.push(application))
    }

    /// Changes the directory between two requests.
    ///
    /// # Errors
    /// If the changed directory cannot be served; nothing has changed then.
    pub fn update(&self, change: impl FnOnce(&mut Directory)) -> Result<(), DirectoryError> {
        let mut service = self.shared.service();
        let mut changed = service.directory.clone();
        change(&mut changed);
        changed.validate()?;
        service.directory = changed;
        Ok(())
    }

    /// A certificate for a client's public key (DER `SubjectPublicKeyInfo`), signed by the emulator's
    /// own authority, which it trusts in `x5c` chains.
    ///
    /// # Errors
    /// If `spki` is not a public key.
    pub fn issue_client_certificate(&self, common_name: &str, spki: &[u8]) -> io::Result<Vec<u8>> {
        self.shared.service().authority.issue(common_name, spki).map_err(io::Error::other)
    }

    /// The emulator's own authority in DER.
    pub fn ca_certificate_der(&self) -> Vec<u8> {
        self.shared.service().authority.der()
    }

    /// Queues answers for the next token requests of one client, whatever they hold. The tenant is
    /// named by GUID or domain.
    pub fn script(&self, tenant: &str, client_id: &str, answers: Vec<Scripted>) {
        let mut service = self.shared.service();
        let tenant = service.tenant_id(tenant);
        service.scripts.push(&tenant, client_id, answers);
    }

    /// Queues answers for the next token requests of clients that have no script of their own.
    pub fn script_any(&self, answers: Vec<Scripted>) {
        self.shared.service().scripts.push_any(answers);
    }

    /// Queues answers for the next GETs of discovery documents: instance discovery, and
    /// `.well-known/openid-configuration` below any path, registered or not. A scripted token is a
    /// normal answer there.
    pub fn script_discovery(&self, answers: Vec<Scripted>) {
        self.shared.service().scripts.push_discovery(answers);
    }

    /// Queues faults, one for each of the next connections.
    pub fn script_connections(&self, faults: Vec<ConnectionFault>) {
        self.shared.faults().extend(faults);
    }

    /// Drops every scripted answer and fault that has not been used.
    pub fn clear_scripts(&self) {
        self.shared.service().scripts.clear();
        self.shared.faults().clear();
    }

    /// How many scripted answers have not been used.
    pub fn scripted_answers_left(&self) -> usize {
        self.shared.service().scripts.len()
    }

    /// Every request in the order of arrival, without those to the control routes.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.journal.requests()
    }

    /// The POSTs to token endpoints among them.
    pub fn token_requests(&self) -> Vec<RecordedRequest> {
        let mut requests = self.requests();
        requests.retain(RecordedRequest::is_token_request);
        requests
    }

    /// Forgets all requests.
    pub fn clear_requests(&self) {
        self.shared.journal.clear();
    }

    /// The token requests counted by tenant, client and scope, with the time between them.
    pub fn traffic(&self) -> Vec<Traffic> {
        Traffic::of(&self.requests())
    }

    /// Waits until at least `count` requests are recorded, and says whether they are.
    pub fn wait_for_requests(&self, count: usize, timeout: Duration) -> bool {
        self.shared.journal.wait_for(count, timeout)
    }

    /// How many connections were accepted since the start, with and without a request.
    pub fn connections(&self) -> u64 {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Moves the emulator's clock away from the machine's, in seconds from the machine's time.
    pub fn set_clock_offset(&self, seconds: i64) {
        self.shared.service().clock.set_offset(seconds);
    }

    /// Gives every further token this life in seconds. From 7200 on the answer has a `refresh_in` of
    /// half of it. `None` restores Entra's 60 to 90 minutes.
    pub fn set_token_lifetime(&self, seconds: Option<u64>) {
        self.shared.service().token_lifetime = seconds;
    }

    /// Changes what is tolerated in assertions.
    pub fn set_strictness(&self, strictness: crate::Strictness) {
        self.shared.service().strictness = strictness;
    }

    /// Revokes a client's tokens. The resource answers them with a claims challenge, and further
    /// tokens are as useless until a request carries the challenge's claims.
    pub fn revoke(&self, client_id: &str) {
        self.shared.service().revoke(client_id);
    }

    /// Every token issued since the start.
    pub fn issued_tokens(&self) -> Vec<IssuedToken> {
        self.shared.service().issued.clone()
    }

    /// Whether this token was issued here.
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
                    // A sender that is gone means the same as one that has sent.
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
            // A thread that panicked has stopped as well.
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
