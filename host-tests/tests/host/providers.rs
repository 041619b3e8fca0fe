//! Assertion providers: that of the host, and the two that can be composed with the component.

use std::collections::HashSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use msal_artifact::Artifact;
use msal_composition::compose;
use msal_emulator::RecordedRequest;
use msal_emulator::Scripted;
use msal_emulator::demo;
use msal_host::AssertionProvider;
use msal_host::AssertionRequest;
use msal_host::Host;
use msal_host::HostBuilder;
use msal_host::Network;
use msal_host::Signer;
use msal_host::contract::AcquireError;
use msal_host::contract::Application;
use msal_host::contract::ApplicationOption;
use msal_host::contract::AuthenticationResult;
use msal_host::contract::Credential;
use msal_host::contract::ErrorCause;
use msal_host::contract::RejectionCode;
use msal_host::contract::RequestOption;
use msal_host::contract::SigningAlgorithm;
use msal_host::contract::TokenRequest;
use msal_host::contract::TokenSource;
use msal_host_tests::Issuer;
use msal_host_tests::World;
use msal_host_tests::built;
use msal_host_tests::certificate_der;
use msal_host_tests::certificate_of;
use msal_host_tests::options;
use msal_host_tests::refusal;
use msal_host_tests::rejection;
use msal_host_tests::request_options;
use msal_host_tests::secret;
use serde_json::Value;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn b32_a_provider_is_called_once_per_token_request_and_never_on_a_hit() {
    let (world, provider, host) = provided();
    let application = cached(&world);
    let first = acquire(&host, &application, &world.request()).await.unwrap();
    assert!(world.emulator.was_issued(&first.access_token));
    assert_eq!(first.metadata.credential_index, Some(0));
    let given = provider.given();
    assert_eq!(given.len(), 1);
    let request = &world.emulator.token_requests()[0];
    assert_eq!(request.parameter("client_assertion"), Some(given[0].as_str()));
    assert_eq!(request.parameter("client_secret"), None);

    let hit = acquire(&host, &application, &world.request()).await.unwrap();
    assert_eq!(hit.metadata.token_source, TokenSource::Cache);
    assert_eq!(provider.asked().len(), 1);
    assert_eq!(world.token_requests(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn b32_a_provider_is_called_again_when_the_token_has_expired() {
    let (world, provider, host) = provided();
    let application = cached(&world);
    acquire(&host, &application, &world.request()).await.unwrap();
    let later = host.with_wall_clock(|| now() + Duration::from_secs(20_000));
    let second = acquire(&later, &application, &world.request()).await.unwrap();
    assert_eq!(second.metadata.token_source, TokenSource::IdentityProvider);
    are_all_different(&provider.given(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn b33_a_provider_gives_a_new_assertion_for_a_retry() {
    let (world, provider, host) = provided();
    let fault = Scripted::error(503, "temporarily_unavailable", 90_033, "A transient error.");
    world.emulator.script_any(vec![fault]);
    let result = acquire(&host, &cached(&world), &world.request()).await.unwrap();
    assert_eq!(result.metadata.token_requests, 2);
    are_all_different(&provider.given(), 2);
    let sent: Vec<_> = world.emulator.token_requests().iter().map(assertion_in).collect();
    assert_eq!(sent, provider.given());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_without_a_cache_key_is_called_by_every_call() {
    let (world, provider, host) = provided();
    let application = federated(&world);
    for _ in 0..2 {
        acquire(&host, &application, &world.request()).await.unwrap();
    }
    assert_eq!(provider.asked().len(), 2);
    assert!(world.store.journal().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_receives_the_context_of_the_assertion() {
    let (world, provider, host) = provided();
    let application =
        options(&cached(&world), [ApplicationOption::ClientCapabilities(vec!["cp1".to_owned()])]);
    let correlation_id = "0f8fad5b-d9cb-469f-a165-70867728950e";
    let request = request_options(
        &world.request(),
        [
            RequestOption::Claims(r#"{"access_token":{"nbf":{"essential":true}}}"#.to_owned()),
            RequestOption::FmiPath("/workload/one".to_owned()),
            RequestOption::CorrelationId(correlation_id.to_owned()),
            RequestOption::DeadlineMs(5_000),
        ],
    );
    let result = acquire(&host, &application, &request).await.unwrap();
    let [asked] = &provider.asked()[..] else { panic!("the provider is called once") };
    assert_eq!(asked.client_id, Issuer::CLIENT_ID);
    assert_eq!(asked.tenant_id, demo::TENANT);
    assert_eq!(asked.token_endpoint, result.metadata.token_endpoint);
    assert_eq!(asked.client_capabilities, ["cp1"]);
    assert_eq!(asked.fmi_path.as_deref(), Some("/workload/one"));
    assert_eq!(asked.correlation_id, correlation_id);
    assert!((1..=5_000).contains(&asked.remaining_ms), "{}", asked.remaining_ms);
    let sent = &world.emulator.token_requests()[0];
    assert_eq!(asked.claims.as_deref(), sent.parameter("claims"));
    let claims: Value = serde_json::from_str(asked.claims.as_deref().unwrap()).unwrap();
    let merged = json!({"nbf": {"essential": true}, "xms_cc": {"values": ["cp1"]}});
    assert_eq!(claims["access_token"], merged);
    assert_eq!(sent.header("client-request-id"), Some(correlation_id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_requests_provider_receives_no_options_and_a_random_correlation_id() {
    let (world, provider, host) = provided();
    let elsewhere =
        request_options(&world.request(), [RequestOption::Tenant(demo::OTHER_TENANT.to_owned())]);
    let result = acquire(&host, &cached(&world), &elsewhere).await.unwrap();
    let [asked] = &provider.asked()[..] else { panic!("the provider is called once") };
    assert_eq!(asked.tenant_id, demo::OTHER_TENANT);
    assert!(asked.token_endpoint.contains(demo::OTHER_TENANT));
    assert_eq!((&asked.claims, &asked.fmi_path), (&None, &None));
    assert!(asked.client_capabilities.is_empty());
    assert_eq!(Some(&asked.correlation_id), result.metadata.correlation_id.as_ref());
}

#[tokio::test(flavor = "multi_thread")]
async fn b32_a_providers_error_is_returned_escaped_and_truncated_and_nothing_is_sent() {
    let world = World::new();
    let said = format!("the vault is sealed\r\n\u{1b}[31m\u{202e}{}", "x".repeat(1 << 20));
    let host = host_with(&world, Arc::new(Fixed::new(Err(said))));
    let error = acquire(&host, &cached(&world), &world.request()).await.unwrap_err();
    assert!(matches!(error.cause, ErrorCause::InvalidCredential(_)), "{error:?}");
    let rejection = rejection(&error);
    assert_eq!(rejection.code, RejectionCode::ProviderFailed);
    assert!(rejection.reason.contains("the vault is sealed"), "{}", rejection.reason);
    let is_plain = |text: &str| !text.contains(|it: char| it.is_control() || it == '\u{202e}');
    assert!(rejection.reason.len() < 2_000, "{} bytes", rejection.reason.len());
    assert!(is_plain(&rejection.reason) && is_plain(&error.message), "{error:?}");
    assert_eq!(error.metadata.as_ref().unwrap().token_requests, 0);
    assert_eq!(world.emulator.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn b31_an_invalid_assertion_of_a_provider_is_a_clean_error_and_is_not_sent() {
    let world = World::new();
    let provider = Arc::new(Fixed::new(Err(String::new())));
    let host = host_with(&world, provider.clone());
    for (given, code) in [
        (String::new(), RejectionCode::Missing),
        ("marked.garbage".to_owned(), RejectionCode::Malformed),
        ("marked garbage".to_owned(), RejectionCode::Malformed),
        ("marked.e30.c2ln\r\nx: y".to_owned(), RejectionCode::Malformed),
        ("marked.e30.c2ln&client_secret=x".to_owned(), RejectionCode::Malformed),
        (format!("marked.e30.{}", "a".repeat(65_536)), RejectionCode::TooLong),
        ("marked".repeat(200_000), RejectionCode::TooLong),
    ] {
        provider.say(Ok(given));
        let error = acquire(&host, &cached(&world), &world.request()).await.unwrap_err();
        assert!(matches!(error.cause, ErrorCause::InvalidCredential(_)), "{error:?}");
        assert_eq!(rejection(&error).code, code, "{error:?}");
        assert!(rejection(&error).field.ends_with("provider"), "{error:?}");
        assert!(!format!("{error:?}").contains("marked"), "it is not quoted");
        assert_eq!(world.emulator.connections(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_providers_assertion_is_judged_by_the_authority() {
    let (world, issuer) = federated_world();
    let host =
        host_with(&world, Arc::new(Fixed::new(Ok(issuer.assertion(unix_seconds() - 4_000)))));
    let error = acquire(&host, &cached(&world), &world.request()).await.unwrap_err();
    assert_eq!(refusal(&error).error_codes, [700_024]);
    assert_eq!(world.token_requests(), 1, "a clock of another one's is not corrected");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_is_usable_after_its_provider_failed() {
    let world = World::new();
    let host = host_with(&world, Arc::new(Fixed::new(Err("no".to_owned()))));
    let mut instance = host.instance().await.unwrap();
    for _ in 0..2 {
        let failed = instance.acquire_token_for_client(&cached(&world), &world.request()).await;
        assert_eq!(rejection(&failed.unwrap().unwrap_err()).code, RejectionCode::ProviderFailed);
    }
    let result = instance.acquire_token_for_client(&world.application(), &world.request()).await;
    result.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_provider_fails_the_next_credential_is_tried() {
    for is_imported in [true, false] {
        let world = World::new();
        let application = Application {
            credentials: vec![Credential::Provider, secret(demo::client_secret())],
            ..world.application()
        };
        let host = match is_imported {
            true => host_with(&world, Arc::new(Fixed::new(Err("no".to_owned())))),
            false => world.host.clone(),
        };
        let result = acquire(&host, &application, &forced(&world)).await.unwrap();
        assert_eq!(result.metadata.credential_index, Some(1));
        assert_eq!(result.metadata.token_requests, 1);
        let warnings = &result.metadata.warnings;
        assert!(warnings.iter().any(|it| it.contains("credential 0")), "{warnings:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_providers_assertion_is_refused_the_next_credential_is_tried() {
    let (world, provider, host) = provided();
    let application = Application {
        credentials: vec![Credential::Provider, secret(demo::client_secret())],
        ..world.application()
    };
    let result = acquire(&host, &application, &world.request()).await.unwrap();
    assert_eq!(result.metadata.credential_index, Some(1), "the demo application trusts no issuer");
    assert_eq!(provider.asked().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flavour_without_a_provider_is_an_error_and_sends_nothing() {
    let world = World::new();
    for host in [world.host.clone(), world.host_of(built(Artifact::ComponentDraft))] {
        let error = acquire(&host, &cached(&world), &world.request()).await.unwrap_err();
        assert!(matches!(error.cause, ErrorCause::InvalidCredential(_)), "{error:?}");
        assert_eq!(rejection(&error).code, RejectionCode::ProviderFailed);
        assert!(rejection(&error).reason.contains("flavour"), "{error:?}");
        assert_eq!(world.emulator.connections(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_without_a_provider_is_an_error_and_sends_nothing() {
    let world = World::new();
    let host = build_host(&world, |builder| builder);
    let error = acquire(&host, &cached(&world), &world.request()).await.unwrap_err();
    assert_eq!(rejection(&error).code, RejectionCode::ProviderFailed);
    assert_eq!(world.emulator.connections(), 0);
    let result = acquire(&host, &world.application(), &world.request()).await;
    assert!(result.is_ok(), "other credentials need no provider: {result:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_composed_provider_reads_a_federated_token_anew_for_each_token_request() {
    let (world, issuer) = federated_world();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    let host = build_host(&world, |builder| {
        builder
            .component(composed(Artifact::FederatedTokenProvider))
            .variable("AZURE_FEDERATED_TOKEN_FILE", "/var/run/tokens/token")
            .read_only_folder(folder.path(), "/var/run/tokens")
    });
    let mut written = Vec::new();
    for _ in 0..2 {
        let assertion = issuer.assertion(unix_seconds());
        fs::write(&file, format!("{assertion}\n")).unwrap();
        written.push(assertion);
        let result = acquire(&host, &cached(&world), &forced(&world)).await.unwrap();
        assert!(world.emulator.was_issued(&result.access_token));
    }
    let sent: Vec<_> = world.emulator.token_requests().iter().map(assertion_in).collect();
    assert_eq!(sent, written);
    are_all_different(&sent, 2);

    fs::remove_file(&file).unwrap();
    let hit = acquire(&host, &cached(&world), &world.request()).await.unwrap();
    assert_eq!(hit.metadata.token_source, TokenSource::Cache, "a hit needs no file");
    let error = acquire(&host, &cached(&world), &forced(&world)).await.unwrap_err();
    assert_eq!(rejection(&error).code, RejectionCode::ProviderFailed);
    assert!(rejection(&error).reason.contains("AZURE_FEDERATED_TOKEN_FILE"), "{error:?}");
    assert_eq!(world.token_requests(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_composed_provider_reads_a_federated_token_from_a_variable() {
    let (world, issuer) = federated_world();
    let component = composed(Artifact::FederatedTokenProvider);
    let host = build_host(&world, |builder| {
        builder
            .component(component.clone())
            .variable("AZURE_FEDERATED_TOKEN", issuer.assertion(unix_seconds()))
    });
    acquire(&host, &cached(&world), &world.request()).await.unwrap();
    let without = build_host(&world, |builder| builder.component(component));
    let error = acquire(&without, &cached(&world), &forced(&world)).await.unwrap_err();
    assert_eq!(rejection(&error).code, RejectionCode::ProviderFailed);
}

#[tokio::test(flavor = "multi_thread")]
async fn b27_a_composed_provider_lets_the_host_sign_and_never_sees_the_key() {
    if !OpenSsl::is_installed() {
        return;
    }
    for (algorithm, alg, thumbprint) in
        [(SigningAlgorithm::Ps256, "PS256", "x5t#S256"), (SigningAlgorithm::Rs256, "RS256", "x5t")]
    {
        let world = World::new();
        world.emulator.register_certificate(demo::CLIENT_ID, &certificate_der()).unwrap();
        let signer = Arc::new(OpenSsl::new("rsa2048.key.pem", algorithm, vec![certificate_der()]));
        let host = signing_host(&world, signer.clone());
        let application = signed(&world);
        let result = acquire(&host, &application, &world.request()).await.unwrap();
        assert!(world.emulator.was_issued(&result.access_token));
        let (header, claims) = decoded(&assertion_in(&world.emulator.token_requests()[0]));
        assert_eq!(header["alg"], alg);
        assert!(header.get(thumbprint).is_some() && header.get("x5c").is_none(), "{header}");
        assert_eq!(claims["aud"], result.metadata.token_endpoint);
        assert_eq!((&claims["iss"], &claims["sub"]), (&json!(demo::CLIENT_ID), &claims["iss"]));
        assert_eq!(signer.digests().iter().map(Vec::len).collect::<Vec<_>>(), [32]);

        let hit = acquire(&host, &application, &world.request()).await.unwrap();
        assert_eq!(hit.metadata.token_source, TokenSource::Cache);
        acquire(&host, &application, &forced(&world)).await.unwrap();
        let assertions: Vec<_> = world.emulator.token_requests().iter().map(assertion_in).collect();
        are_all_different(&assertions, 2);
        assert_eq!(signer.digests().len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b26_a_composed_providers_chain_is_sent_leaf_first() {
    if !OpenSsl::is_installed() {
        return;
    }
    let chain: Vec<_> =
        ["leaf.certificate.pem", "intermediate.certificate.pem"].map(certificate_of).into();
    let world = World::new();
    world.emulator.register_certificate(demo::CLIENT_ID, &chain[0]).unwrap();
    let signer = OpenSsl::new("chain.pem", SigningAlgorithm::Ps256, chain.clone());
    let host = signing_host(&world, Arc::new(signer));
    acquire(&host, &signed(&world), &world.request()).await.unwrap();
    let (header, _) = decoded(&assertion_in(&world.emulator.token_requests()[0]));
    let sent: Vec<_> = header["x5c"]
        .as_array()
        .unwrap()
        .iter()
        .map(|der| STANDARD.decode(der.as_str().unwrap()).unwrap())
        .collect();
    assert_eq!(sent, chain);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signers_error_reaches_the_caller_and_nothing_is_sent() {
    let world = World::new();
    let host = signing_host(&world, Arc::new(NoSigner));
    let error = acquire(&host, &signed(&world), &world.request()).await.unwrap_err();
    assert_eq!(rejection(&error).code, RejectionCode::ProviderFailed);
    assert!(rejection(&error).reason.contains("the key vault is locked"), "{error:?}");
    assert_eq!(world.emulator.connections(), 0);
}

/// A provider that returns a fixed result, which a test can change.
struct Fixed(Mutex<Result<String, String>>);

impl Fixed {
    fn new(given: Result<String, String>) -> Self {
        Self(Mutex::new(given))
    }

    fn say(&self, given: Result<String, String>) {
        *self.0.lock().unwrap() = given;
    }
}

#[async_trait]
impl AssertionProvider for Fixed {
    async fn get_assertion(&self, _request: AssertionRequest) -> Result<String, String> {
        self.0.lock().unwrap().clone()
    }
}

/// A provider that the demo directory's federated application trusts, and that records its requests.
struct Recorder {
    issuer: Issuer,
    asked: Mutex<Vec<(AssertionRequest, String)>>,
}

impl Recorder {
    fn asked(&self) -> Vec<AssertionRequest> {
        self.asked.lock().unwrap().iter().map(|(request, _)| request.clone()).collect()
    }

    fn given(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|(_, assertion)| assertion.clone()).collect()
    }
}

#[async_trait]
impl AssertionProvider for Recorder {
    async fn get_assertion(&self, request: AssertionRequest) -> Result<String, String> {
        let assertion = self.issuer.assertion(unix_seconds());
        self.asked.lock().unwrap().push((request, assertion.clone()));
        Ok(assertion)
    }
}

/// A key in an `openssl` process, which signs digests. ring cannot do that.
struct OpenSsl {
    key: &'static str,
    algorithm: SigningAlgorithm,
    chain: Vec<Vec<u8>>,
    digests: Mutex<Vec<Vec<u8>>>,
}

impl OpenSsl {
    /// Whether `openssl` is installed; prints a message if it is not, and panics in CI.
    fn is_installed() -> bool {
        let is_there = Command::new("openssl").arg("version").output().is_ok();
        assert!(is_there || std::env::var_os("CI").is_none(), "CI needs the openssl command");
        if !is_there {
            println!("skipped: there is no `openssl` command to sign with; install it");
        }
        is_there
    }

    fn new(key: &'static str, algorithm: SigningAlgorithm, chain: Vec<Vec<u8>>) -> Self {
        Self { key, algorithm, chain, digests: Mutex::default() }
    }

    fn digests(&self) -> Vec<Vec<u8>> {
        self.digests.lock().unwrap().clone()
    }
}

#[async_trait]
impl Signer for OpenSsl {
    async fn certificate_chain(&self, client_id: &str) -> Result<Vec<Vec<u8>>, String> {
        assert_eq!(client_id, demo::CLIENT_ID);
        Ok(self.chain.clone())
    }

    async fn algorithm(&self, _client_id: &str) -> Result<SigningAlgorithm, String> {
        Ok(self.algorithm)
    }

    async fn sign_digest(
        &self,
        _client_id: &str,
        algorithm: SigningAlgorithm,
        digest: &[u8],
    ) -> Result<Vec<u8>, String> {
        assert_eq!(algorithm, self.algorithm);
        self.digests.lock().unwrap().push(digest.to_vec());
        let padding: &[&str] = match algorithm {
            SigningAlgorithm::Ps256 => &["rsa_padding_mode:pss", "rsa_pss_saltlen:digest"],
            SigningAlgorithm::Rs256 => &["rsa_padding_mode:pkcs1"],
        };
        let keys = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/keys");
        let mut command = Command::new("openssl");
        command.args(["pkeyutl", "-sign", "-pkeyopt", "digest:sha256", "-inkey"]);
        command.arg(keys.join(self.key));
        command.args(padding.iter().flat_map(|option| ["-pkeyopt", option]));
        let mut openssl =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("openssl runs");
        openssl.stdin.take().unwrap().write_all(digest).unwrap();
        let output = openssl.wait_with_output().unwrap();
        assert!(output.status.success());
        Ok(output.stdout)
    }
}

struct NoSigner;

#[async_trait]
impl Signer for NoSigner {
    async fn certificate_chain(&self, _client_id: &str) -> Result<Vec<Vec<u8>>, String> {
        Ok(vec![certificate_der()])
    }

    async fn algorithm(&self, _client_id: &str) -> Result<SigningAlgorithm, String> {
        Ok(SigningAlgorithm::Ps256)
    }

    async fn sign_digest(
        &self,
        _client_id: &str,
        _algorithm: SigningAlgorithm,
        _digest: &[u8],
    ) -> Result<Vec<u8>, String> {
        Err("the key vault is locked".to_owned())
    }
}

/// A world that trusts a provider, and a host with this provider.
fn provided() -> (World, Arc<Recorder>, Host) {
    let (world, issuer) = federated_world();
    let provider = Arc::new(Recorder { issuer, asked: Mutex::default() });
    let host = host_with(&world, provider.clone());
    (world, provider, host)
}

fn federated_world() -> (World, Issuer) {
    let world = World::new();
    let issuer = Issuer::trusted_by(&world);
    (world, issuer)
}

fn host_with(world: &World, provider: Arc<dyn AssertionProvider>) -> Host {
    build_host(world, |builder| builder.assertion_provider(provider))
}

fn signing_host(world: &World, signer: Arc<dyn Signer>) -> Host {
    build_host(world, |builder| {
        builder.component(composed(Artifact::SigningProvider)).signer(signer)
    })
}

/// A host with the world's store, in whose network the public cloud is the emulator.
fn build_host(world: &World, set_up: impl FnOnce(HostBuilder) -> HostBuilder) -> Host {
    let address = world.emulator.https_address();
    let network = Network::builder()
        .ca_certificate_pem(world.emulator.ca_certificate_pem())
        .resolve(format!("login.microsoftonline.com:443:{address}"))
        .build()
        .unwrap();
    let builder = Host::builder().pooling(false).network(network);
    set_up(builder.store(Arc::new(world.store.clone()))).build().unwrap()
}

/// The component with a provider plugged in.
fn composed(provider: Artifact) -> Vec<u8> {
    compose(built(Artifact::ComponentDraft2Provider), built(provider)).unwrap()
}

async fn acquire(
    host: &Host,
    application: &Application,
    request: &TokenRequest,
) -> Result<AuthenticationResult, AcquireError> {
    host.acquire_token_for_client(application, request).await.expect("the host does not fail")
}

/// The federated application, whose tokens are not cached.
fn federated(world: &World) -> Application {
    let client_id = Issuer::CLIENT_ID.to_owned();
    Application { client_id, ..world.application_with(Credential::Provider) }
}

fn cached(world: &World) -> Application {
    options(&federated(world), [ApplicationOption::CacheKeys(vec![vec![7; 32]])])
}

/// The demo application with the provider as its credential.
fn signed(world: &World) -> Application {
    let application = world.application_with(Credential::Provider);
    options(&application, [ApplicationOption::CacheKeys(vec![vec![7; 32]])])
}

fn forced(world: &World) -> TokenRequest {
    request_options(&world.request(), [RequestOption::ForceRefresh])
}

fn assertion_in(request: &RecordedRequest) -> String {
    request.parameter("client_assertion").expect("an assertion was sent").to_owned()
}

/// Header and claims.
fn decoded(assertion: &str) -> (Value, Value) {
    let mut parts = assertion.split('.');
    let mut object =
        || serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts.next().unwrap()).unwrap()).unwrap();
    (object(), object())
}

fn are_all_different(assertions: &[String], count: usize) {
    assert_eq!(assertions.len(), count);
    assert_eq!(assertions.iter().collect::<HashSet<_>>().len(), count);
}

fn unix_seconds() -> i64 {
    i64::try_from(now().as_secs()).unwrap()
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap()
}
