//! The environment of a test.

use std::fmt::Debug;
use std::mem::discriminant;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use msal_artifact::Artifact;
use msal_emulator::Builder;
use msal_emulator::Emulator;
use msal_emulator::demo;
use msal_host::ComponentSource;
use msal_host::Host;
use msal_host::Network;
use msal_host::contract::AcquireError;
use msal_host::contract::Application;
use msal_host::contract::ApplicationOption;
use msal_host::contract::AuthenticationResult;
use msal_host::contract::Credential;
use msal_host::contract::RequestOption;
use msal_host::contract::TokenRequest;
use msal_host::contract::TokenSource;

use crate::built;
use crate::journal::JournalStore;

/// An emulator in the role of login.microsoftonline.com, a store, and the component in a host.
pub struct World {
    /// The authority.
    pub emulator: Emulator,
    /// The store of the host.
    pub store: JournalStore,
    /// The host of the component. In its network, Microsoft's host names resolve to the emulator.
    pub host: Host,
    clock: Arc<Clock>,
}

/// The clock that the component sees.
#[derive(Default)]
struct Clock {
    /// The Unix time at which it is stopped; 0 if it runs.
    stopped_at: AtomicU64,
    /// The offset from the real time, in seconds.
    offset: AtomicI64,
}

impl World {
    /// A world with the emulator's demo directory.
    pub fn new() -> Self {
        Self::with(|emulator| emulator)
    }

    /// A world with an emulator that the test configures.
    pub fn with(set_up: impl FnOnce(Builder) -> Builder) -> Self {
        Self::answering_as(&[], set_up)
    }

    /// A world in which these host names resolve to the emulator as well, and its certificate is valid for them.
    pub fn answering_as(hosts: &[&str], set_up: impl FnOnce(Builder) -> Builder) -> Self {
        let named = |builder: Builder, host: &&str| builder.with_server_name(host);
        let builder = hosts.iter().fold(Emulator::builder(), named);
        let emulator = set_up(builder).start().expect("the emulator starts");
        let store = JournalStore::default();
        let clock = Arc::new(Clock::default());
        let seen = Arc::clone(&clock);
        let host = compiled_host()
            .with_store(Arc::new(store.clone()))
            .with_network(network(&emulator, hosts))
            .with_wall_clock(move || seen.now());
        Self { emulator, store, host, clock }
    }

    /// A host of another build of the component, with the same store and network.
    pub fn host_of(&self, component: impl Into<ComponentSource>) -> Host {
        Host::builder()
            .component(component)
            .store(Arc::new(self.store.clone()))
            .network(network(&self.emulator, &[]))
            .build()
            .expect("the component compiles")
    }

    /// Sets the component's clock to the real time plus this offset.
    pub fn set_clock_offset(&self, seconds: i64) {
        self.clock.offset.store(seconds, Ordering::Relaxed);
    }

    /// Stops the component's clock at this Unix time.
    pub fn stop_clock(&self, at: u64) {
        self.clock.stopped_at.store(at, Ordering::Relaxed);
    }

    /// Advances the component's clock until leases and remembered failures have expired, except those with a `Retry-After`.
    pub fn let_time_pass(&self) {
        self.clock.offset.fetch_add(NOTED_SECONDS, Ordering::Relaxed);
    }

    /// Asserts that the store holds at most a remembered failure, and that the next call after its expiry requests a token.
    pub async fn assert_no_token_is_cached(&self, what: impl Debug) {
        let entries = self.store.entries().len();
        assert!(
            entries <= 1,
            "{what:?}: {entries} entries instead of at most a remembered failure"
        );
        self.let_time_pass();
        let next = self.acquire_demo().await;
        let next = next.unwrap_or_else(|error| panic!("after {what:?}: {error:?}"));
        let source = next.metadata.token_source;
        assert_eq!(source, TokenSource::IdentityProvider, "after {what:?}");
    }

    /// The demo application with its secret, in the demo tenant of the public cloud.
    pub fn application(&self) -> Application {
        self.application_with(secret(demo::client_secret()))
    }

    /// The demo application with another credential.
    pub fn application_with(&self, credential: Credential) -> Application {
        Application {
            client_id: demo::CLIENT_ID.to_owned(),
            authority: demo::TENANT.to_owned(),
            credentials: vec![credential],
            options: Vec::new(),
        }
    }

    /// A request for the demo API.
    pub fn request(&self) -> TokenRequest {
        TokenRequest::new(demo::API_SCOPE)
    }

    /// Makes a call in a fresh instance. Panics if the host itself fails.
    pub async fn acquire(
        &self,
        application: &Application,
        request: &TokenRequest,
    ) -> Result<AuthenticationResult, AcquireError> {
        let result = self.host.acquire_token_for_client(application, request).await;
        match result {
            Ok(answer) => answer,
            Err(error) => panic!("the host failed: {error}"),
        }
    }

    /// Makes a call of the demo application for the demo API.
    pub async fn acquire_demo(&self) -> Result<AuthenticationResult, AcquireError> {
        self.acquire(&self.application(), &self.request()).await
    }

    /// The number of token requests that reached the emulator.
    pub fn token_requests(&self) -> usize {
        self.emulator.token_requests().len()
    }

    /// Asserts that a call with these arguments is refused before any network or store call, and returns the error.
    pub async fn refused_locally(
        &self,
        application: &Application,
        request: &TokenRequest,
    ) -> AcquireError {
        let connections = self.emulator.connections();
        self.store.clear_journal();
        let error = self.acquire(application, request).await.expect_err("the call is refused");
        assert_eq!(self.emulator.connections(), connections, "a connection was opened: {error:?}");
        assert!(self.store.journal().is_empty(), "the store was used: {error:?}");
        error
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

/// A client secret.
pub fn secret(value: &str) -> Credential {
    Credential::Secret(value.to_owned())
}

/// The application with these options, which replace its own of the same case.
pub fn options(
    application: &Application,
    options: impl IntoIterator<Item = ApplicationOption>,
) -> Application {
    let mut changed = application.clone();
    for option in options {
        set(&mut changed.options, option);
    }
    changed
}

/// The request with these options, which replace its own of the same case.
pub fn request_options(
    request: &TokenRequest,
    options: impl IntoIterator<Item = RequestOption>,
) -> TokenRequest {
    let mut changed = request.clone();
    for option in options {
        set(&mut changed.options, option);
    }
    changed
}

fn set<T>(options: &mut Vec<T>, option: T) {
    options.retain(|other| discriminant(other) != discriminant(&option));
    options.push(option);
}

/// A host whose component is compiled once for all tests of a binary.
fn compiled_host() -> &'static Host {
    static HOST: OnceLock<Host> = OnceLock::new();
    HOST.get_or_init(|| {
        let builder = Host::builder().component(built(Artifact::ComponentDraft2));
        builder.max_instances(64).build().expect("the component compiles")
    })
}

/// A network in which Microsoft's host names resolve to the emulator and its CA is trusted.
fn network(emulator: &Emulator, others: &[&str]) -> Network {
    let address = emulator.https_address();
    let mut network = Network::builder().ca_certificate_pem(emulator.ca_certificate_pem());
    for host in ["login.microsoftonline.com", "login.microsoftonline.us"].iter().chain(others) {
        network = network.resolve(format!("{host}:443:{address}"));
    }
    network.build().expect("the network is set up")
}

impl Clock {
    fn now(&self) -> Duration {
        let now = match self.stopped_at.load(Ordering::Relaxed) {
            0 => SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
            stopped_at => Duration::from_secs(stopped_at),
        };
        let offset = self.offset.load(Ordering::Relaxed);
        let shift = Duration::from_secs(offset.unsigned_abs());
        if offset < 0 { now.saturating_sub(shift) } else { now.saturating_add(shift) }
    }
}

/// One second more than the longest default of a remembered failure, and than a window of the ticket counter.
const NOTED_SECONDS: i64 = 11;
