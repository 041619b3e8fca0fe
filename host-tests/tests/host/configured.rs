//! The configured component: tokens for code that holds no credential.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::LazyLock;

use msal_artifact::Artifact;
use msal_composition::Interfaces;
use msal_composition::compose;
use msal_emulator::Emulator;
use msal_emulator::Scripted;
use msal_emulator::demo;
use msal_host::Configuration;
use msal_host::Host;
use msal_host::HostBuilder;
use msal_host::HostError;
use msal_host::Network;
use msal_host::contract::Token;
use msal_host::contract::TokenFailure;
use msal_host_tests::Canary;
use msal_host_tests::PASSPHRASE;
use msal_host_tests::Run;
use msal_host_tests::World;
use msal_host_tests::built;
use msal_host_tests::certificate_der;
use msal_host_tests::command_line;
use msal_host_tests::key_text;
use tempfile::TempDir;

use super::served::ServeCommand;
use super::served::request;
use super::served::resolution;

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_without_a_credential_and_without_rights_gets_a_token_and_the_next_from_the_cache()
{
    let guest = built(Artifact::ExampleConfiguredApp);
    let imports = Interfaces::of(guest).unwrap().imports;
    let is_a_right = |import: &String| {
        ["wasi:config/", "wasi:http/outgoing-handler", "wasi:keyvalue/", "wasi:filesystem/"]
            .iter()
            .any(|right| import.starts_with(right))
    };
    assert!(!imports.iter().any(is_a_right), "{imports:?}");

    let emulator = Emulator::start().unwrap();
    let app = composed_with_a_guard(guest);
    let secret = SecretFile::new(demo::client_secret());
    let secret_argument = format!("azure_client_secret={}", secret.path().display());
    let tenant = format!("azure_tenant_id={}", demo::TENANT);
    let client = format!("azure_client_id={}", demo::CLIENT_ID);
    let scopes = format!("msal_allowed_scopes={}", demo::GRAPH_SCOPE);
    let arguments = [
        "--config-file",
        &secret_argument,
        "--config",
        &tenant,
        "--config",
        &client,
        "--config",
        &scopes,
    ];
    let served = ServeCommand::start_with(&arguments.map(AsRef::as_ref), &app, &emulator, &[]);
    let first = request(served.address, "GET").await.unwrap();
    assert_eq!(first.status, 200, "{first:?}");
    let second = request(served.address, "GET").await.unwrap();
    assert_eq!(second.json()["expires_on"], first.json()["expires_on"]);
    assert_eq!(emulator.token_requests().len(), 1, "each answer is of a fresh instance");

    secret.replace("");
    let unset = request(served.address, "GET").await.unwrap();
    assert_eq!((unset.status, unset.json()["code"].as_str()), (502, Some("not-configured")));
    let (output, error) = served.kill();
    assert_eq!(output, "");
    for text in [&first.text, &second.text, &unset.text, &error] {
        assert_eq!(Canary::new("secret", demo::client_secret()).find(text.as_bytes()), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_outside_the_list_is_refused_without_a_request_and_without_the_store() {
    let world = World::new();
    let host = configured(&world, demo_application());
    for scope in [demo::API_SCOPE, "https://graph.microsoft.com/.DEFAULT", "", " ", "*"] {
        let failure = get_token(&host, scope, None).await.unwrap_err();
        assert_eq!(failure.code, "scope-not-allowed", "{scope:?}");
        assert!(failure.message.contains("msal_allowed_scopes"), "{failure:?}");
        assert_eq!(failure.retry_after_seconds, None);
    }
    // A token of the scope in the cache makes no difference.
    let both = format!("{} {}", demo::GRAPH_SCOPE, demo::API_SCOPE);
    let generous = demo_application().value("msal_allowed_scopes", both);
    get_token(&host.with_configuration(generous), demo::API_SCOPE, None).await.unwrap();
    let (connections, operations) = (world.emulator.connections(), world.store.journal().len());
    let failure = get_token(&host, demo::API_SCOPE, None).await.unwrap_err();
    assert_eq!(failure.code, "scope-not-allowed");
    assert_eq!(world.emulator.connections(), connections);
    assert_eq!(world.store.journal().len(), operations);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_application_is_refused_without_a_request() {
    let world = World::new();
    let host = configured(&world, demo_application());
    for name in ["reports", "", "azure_client_id", "Reports", "a-b", "../default", "a\0b"] {
        let failure = get_token(&host, demo::GRAPH_SCOPE, Some(name)).await.unwrap_err();
        assert_eq!(failure.code, "unknown-application", "{name:?}: {failure:?}");
    }
    assert_eq!(world.emulator.connections(), 0);
    assert!(world.store.journal().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_application_has_its_own_credential_and_its_own_scopes() {
    let world = World::new();
    let configuration = demo_application()
        .value("reports_azure_tenant_id", demo::TENANT)
        .value("reports_azure_client_id", demo::OTHER_CLIENT_ID)
        .value("reports_azure_client_secret", demo::other_client_secret())
        .value("reports_msal_allowed_scopes", demo::API_SCOPE);
    let host = configured(&world, configuration);
    get_token(&host, demo::GRAPH_SCOPE, None).await.unwrap();
    get_token(&host, demo::API_SCOPE, Some("reports")).await.unwrap();
    let clients: Vec<_> = world
        .emulator
        .token_requests()
        .iter()
        .map(|request| request.parameter("client_id").map(str::to_owned))
        .collect();
    assert_eq!(clients, [demo::CLIENT_ID, demo::OTHER_CLIENT_ID].map(|id| Some(id.to_owned())));
    for (scope, name) in [(demo::API_SCOPE, None), (demo::GRAPH_SCOPE, Some("reports"))] {
        let failure = get_token(&host, scope, name).await.unwrap_err();
        assert_eq!(failure.code, "scope-not-allowed", "{name:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_rotated_between_two_calls_of_an_instance_is_used() {
    let world = World::new();
    let secret = SecretFile::new("an-expired~secret+of-the-day-before");
    let host = configured(&world, demo_application().file("azure_client_secret", secret.path()));
    let mut instance = host.instance().await.unwrap();
    let refused = instance.get_token(demo::GRAPH_SCOPE, None).await.unwrap().unwrap_err();
    assert_eq!(refused.code, "refused");
    secret.replace(&format!("{}\n", demo::client_secret()));
    let token = instance.get_token(demo::GRAPH_SCOPE, None).await.unwrap().unwrap();
    assert!(world.emulator.was_issued(&token.access_token));
    let hit = instance.get_token(demo::GRAPH_SCOPE, None).await.unwrap().unwrap();
    assert_eq!(hit.access_token, token.access_token);
    assert_eq!(world.token_requests(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_in_a_variable_gets_a_token() {
    let world = World::new();
    world.emulator.register_certificate(demo::CLIENT_ID, &certificate_der()).unwrap();
    let host = configured(
        &world,
        demo_application()
            .value("azure_client_secret", "")
            .value("azure_client_certificate", key_text("rsa2048.pem")),
    );
    let token = get_token(&host, demo::GRAPH_SCOPE, None).await.unwrap();
    assert!(world.emulator.was_issued(&token.access_token));
    assert!(world.emulator.token_requests()[0].parameter("client_assertion").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_call_says_how_long_to_wait() {
    let world = World::new();
    world.emulator.script_any(vec![Scripted::status(429).header("Retry-After", "17")]);
    let host = configured(&world, demo_application());
    let failure = get_token(&host, demo::GRAPH_SCOPE, None).await.unwrap_err();
    assert_eq!((failure.code.as_str(), failure.retry_after_seconds), ("throttled", Some(17)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_variable_is_named_as_the_host_names_it() {
    let world = World::new();
    let variables = [
        ("azure_tenant_id", demo::TENANT),
        ("azure_client_id", demo::CLIENT_ID),
        ("msal_allowed_scopes", demo::GRAPH_SCOPE),
    ];
    for missing in 0..variables.len() {
        let mut configuration =
            Configuration::new().value("azure_client_secret", demo::client_secret());
        for (index, (name, value)) in variables.into_iter().enumerate() {
            configuration = configuration.value(name, if index == missing { "" } else { value });
        }
        let host = configured(&world, configuration);
        let failure = get_token(&host, demo::GRAPH_SCOPE, None).await.unwrap_err();
        assert_eq!(failure.code, "not-configured");
        assert_eq!(failure.message, format!("{} is not set", variables[missing].0));
    }
    let unreadable = demo_application().file("azure_client_secret", "no/such/file");
    let failure =
        get_token(&configured(&world, unreadable), demo::GRAPH_SCOPE, None).await.unwrap_err();
    assert_eq!(failure.code, "not-configured");
    assert!(failure.message.starts_with("azure_client_secret: the host cannot"), "{failure:?}");
    assert_eq!(world.emulator.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_configures_it_by_names_in_upper_case() {
    let world = World::new();
    let build = |variables: &[(&str, &str)]| {
        let mut builder = builder(&world).component(BY_ENVIRONMENT.clone());
        for &(name, value) in variables {
            builder = builder.variable(name, value);
        }
        builder.build().unwrap()
    };
    let variables = [
        ("MSAL_ALLOWED_SCOPES", demo::GRAPH_SCOPE),
        ("AZURE_TENANT_ID", demo::TENANT),
        ("AZURE_CLIENT_ID", demo::CLIENT_ID),
        ("AZURE_CLIENT_SECRET", demo::client_secret()),
    ];
    let host = build(&variables);
    let token = get_token(&host, demo::GRAPH_SCOPE, None).await.unwrap();
    assert!(world.emulator.was_issued(&token.access_token));
    let failure = get_token(&host, demo::GRAPH_SCOPE, Some("reports")).await.unwrap_err();
    assert_eq!(failure.code, "unknown-application");
    assert!(failure.message.ends_with("REPORTS_AZURE_CLIENT_ID is not set"), "{failure:?}");
    let failure = get_token(&build(&variables[..3]), demo::GRAPH_SCOPE, None).await.unwrap_err();
    assert!(failure.message.starts_with("AZURE_CLIENT_SECRET is not set, nor"), "{failure:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn spins_variables_configure_it_and_without_a_store_an_instance_remembers_its_token() {
    let world = World::new();
    let composed =
        compose(built(Artifact::ConfiguredOnSpin), built(Artifact::ComponentMemory)).unwrap();
    let host =
        builder(&world).component(composed).configuration(demo_application()).build().unwrap();
    let mut instance = host.instance().await.unwrap();
    for _ in 0..2 {
        let token = instance.get_token(demo::GRAPH_SCOPE, None).await.unwrap().unwrap();
        assert!(world.emulator.was_issued(&token.access_token));
    }
    assert_eq!(world.token_requests(), 1);
    assert!(world.store.journal().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_of_the_other_interface_is_an_error_of_the_host() {
    let world = World::new();
    let error = world.host.get_token(demo::GRAPH_SCOPE, None).await.unwrap_err();
    assert!(matches!(&error, HostError::Component(text) if text.contains("token-provider")));
    let host = configured(&world, Configuration::new());
    let call = host.acquire_token_for_client(&world.application(), &world.request()).await;
    let error = call.unwrap_err();
    assert!(matches!(&error, HostError::Component(text) if text.contains("/client-credentials@")));
}

/// A secret in any variable, right or wrong, is in no failure: neither in one of the configuration, nor in one of the
/// component or the authority.
#[tokio::test(flavor = "multi_thread")]
async fn g02_no_failure_of_the_configured_component_contains_the_value_of_a_variable() {
    let text = "q7VxN2kRwZ~tP4.mYb8s_Lc3Jd+hF9/gA=&%z5eU";
    let canary = Canary::new("variable", text);
    let key = key_text("rsa2048.pem");
    let key_canary = Canary::new("key", key.lines().nth(5).unwrap());
    let world = World::new();
    let certificate = |pem: String, passphrase: &str| {
        demo_application()
            .value("azure_client_secret", "")
            .value("azure_client_certificate", pem)
            .value("azure_client_certificate_password", passphrase)
    };
    let mut configurations = vec![
        demo_application().value("azure_client_secret", "").value("azure_tenant_id", text),
        certificate(text.to_owned(), PASSPHRASE),
        certificate(key_text("rsa2048.encrypted.pem"), text),
        certificate(key.replace("END CERTIFICATE", text), ""),
        certificate(key.clone(), "").value("azure_client_send_certificate_chain", text),
        certificate(key, ""),
    ];
    for variable in [
        "azure_client_secret",
        "azure_tenant_id",
        "azure_authority_host",
        "msal_allowed_scopes",
        "msal_allow_insecure_loopback",
    ] {
        configurations.push(demo_application().value(variable, text));
    }
    configurations.push(demo_application().value("azure_client_secret", text.repeat(200)));
    for configuration in configurations {
        let host = configured(&world, configuration.clone());
        let failure = get_token(&host, demo::GRAPH_SCOPE, None).await.unwrap_err();
        for shown in [format!("{failure:?}"), format!("{configuration:?}{host:?}")] {
            assert_eq!(canary.find(shown.as_bytes()), None, "{configuration:?}: {failure:?}");
            assert_eq!(key_canary.find(shown.as_bytes()), None, "{configuration:?}: {failure:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn composed_without_a_guard_a_hostile_guest_reads_the_configuration_and_uses_the_network() {
    let world = World::new();
    let app = compose(built(Artifact::HostileGuest), &BY_CONFIG).unwrap();
    let host = hostile(&world, app);
    for way in ["config-draft", "config-draft-get", "config-rc", "config-rc-get"] {
        let got = get_token(&host, way, None).await.unwrap().access_token;
        assert!(got.contains(demo::client_secret()), "{way}");
    }
    assert!(get_token(&host, "environment", None).await.unwrap().access_token.contains(SECRET));
    assert!(get_token(&host, "http", None).await.unwrap().access_token.starts_with("status "));
    get_token(&host, demo::GRAPH_SCOPE, None).await.unwrap();
    for way in ["store-draft", "store-draft2"] {
        let keys = get_token(&host, way, None).await.unwrap().access_token;
        assert!(keys.contains("mt3-"), "{way}: {keys}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_the_guard_a_hostile_guest_gets_the_tokens_of_its_scopes_and_nothing_else() {
    let world = World::new();
    let isolated =
        msal_composition::isolate(built(Artifact::HostileGuest), built(Artifact::GuardNetwork));
    let host = hostile(&world, compose(&isolated.unwrap(), &BY_CONFIG).unwrap());
    for way in WAYS {
        let failure = get_token(&host, way, None).await.unwrap_err();
        assert_eq!(failure.code, "nothing", "{way}: {failure:?}");
    }
    assert_eq!(world.emulator.connections(), 0);
    assert!(world.store.journal().is_empty());
    for (scope, application, code) in [
        (demo::API_SCOPE, None, "scope-not-allowed"),
        (demo::GRAPH_SCOPE, Some("reports"), "unknown-application"),
        ("https://graph.microsoft.com/.default openid", None, "scope-not-allowed"),
    ] {
        let failure = get_token(&host, scope, application).await.unwrap_err();
        assert_eq!(failure.code, code, "{scope}");
    }
    assert_eq!(world.emulator.connections(), 0);
    let token = get_token(&host, demo::GRAPH_SCOPE, None).await.unwrap();
    assert!(world.emulator.was_issued(&token.access_token));
    for way in WAYS {
        assert_eq!(get_token(&host, way, None).await.unwrap_err().code, "nothing", "{way}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guard_without_network_leaves_outgoing_http_and_nothing_else() {
    let world = World::new();
    let isolated = msal_composition::isolate(built(Artifact::HostileGuest), built(Artifact::Guard));
    let host = hostile(&world, compose(&isolated.unwrap(), &BY_CONFIG).unwrap());
    for way in WAYS.into_iter().filter(|&way| way != "http") {
        assert_eq!(get_token(&host, way, None).await.unwrap_err().code, "nothing", "{way}");
    }
    assert!(get_token(&host, "http", None).await.unwrap().access_token.starts_with("status "));
}

#[test]
fn code_with_an_import_that_no_guard_takes_is_refused() {
    let [guard, network] = [Artifact::Guard, Artifact::GuardNetwork].map(built);
    for code in [Artifact::ComponentDraft2Provider, Artifact::FederatedTokenProvider] {
        let error = msal_composition::isolate(built(code), network).unwrap_err().to_string();
        let named = ["msal:client-credentials/assertion-provider@0.1.0", "wasi:filesystem/types@"];
        assert!(named.iter().any(|name| error.contains(name)), "{code:?}: {error}");
        assert!(!error.contains("wasi:keyvalue/") && !error.contains("wasi:clocks/"), "{error}");
    }
    let harmless = built(Artifact::ExampleConfiguredApp);
    let isolated = msal_composition::isolate(harmless, guard).unwrap();
    let imports = Interfaces::of(&isolated).unwrap().imports;
    assert!(!imports.iter().any(|import| import.contains("environment")), "{imports:?}");
}

/// By the command line.
fn composed_with_a_guard(guest: &[u8]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let out = folder.path().join("out.wasm");
    let run = Run::of(
        command_line()
            .arg("compose")
            .arg(write("guest.wasm", guest))
            .arg("--component")
            .arg(write("configured.wasm", &BY_CONFIG))
            .arg("--guard")
            .arg(write("guard.wasm", built(Artifact::Guard)))
            .arg("-o")
            .arg(&out),
    );
    run.assert_success();
    fs::read(out).unwrap()
}

/// Every way of the hostile guest.
const WAYS: [&str; 10] = [
    "environment",
    "config-draft",
    "config-draft-get",
    "config-rc",
    "config-rc-get",
    "http",
    "store-draft",
    "store-draft2",
    "counter-draft",
    "counter-draft2",
];

/// In the environment of the hostile guest's host.
const SECRET: &str = "a-secret~of-the-environment";

/// What ships for our host.
static BY_CONFIG: LazyLock<Vec<u8>> = LazyLock::new(|| {
    compose(built(Artifact::ConfiguredByConfig), built(Artifact::ComponentDraft2)).unwrap()
});
static BY_ENVIRONMENT: LazyLock<Vec<u8>> = LazyLock::new(|| {
    compose(built(Artifact::ConfiguredByEnvironment), built(Artifact::ComponentDraft2)).unwrap()
});

/// The component with this configuration, over the world's store and authority. Its code is compiled once.
fn configured(world: &World, configuration: Configuration) -> Host {
    static HOST: LazyLock<Host> = LazyLock::new(|| {
        Host::builder().pooling(false).component(BY_CONFIG.clone()).build().unwrap()
    });
    HOST.with_store(Arc::new(world.store.clone()))
        .with_network(network(world))
        .with_configuration(configuration)
}

/// A host that grants all that it can, to the app with its configured component.
fn hostile(world: &World, app: Vec<u8>) -> Host {
    builder(world)
        .component(app)
        .configuration(demo_application())
        .variable("AZURE_CLIENT_SECRET", SECRET)
        .build()
        .unwrap()
}

fn builder(world: &World) -> HostBuilder {
    let builder = Host::builder().pooling(false).network(network(world));
    builder.store(Arc::new(world.store.clone()))
}

/// The public cloud is the emulator.
fn network(world: &World) -> Network {
    Network::builder()
        .ca_certificate_pem(world.emulator.ca_certificate_pem())
        .resolve(resolution(&world.emulator))
        .build()
        .unwrap()
}

/// The demo application with its secret, which may get tokens for Graph only.
fn demo_application() -> Configuration {
    Configuration::new()
        .value("azure_tenant_id", demo::TENANT)
        .value("azure_client_id", demo::CLIENT_ID)
        .value("azure_client_secret", demo::client_secret())
        .value("msal_allowed_scopes", demo::GRAPH_SCOPE)
}

async fn get_token(
    host: &Host,
    scope: &str,
    application: Option<&str>,
) -> Result<Token, TokenFailure> {
    host.get_token(scope, application).await.expect("the host does not fail")
}

/// A secret in a file, as a platform mounts it.
struct SecretFile(TempDir);

impl SecretFile {
    fn new(secret: &str) -> Self {
        let file = Self(tempfile::tempdir().unwrap());
        file.replace(secret);
        file
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("secret")
    }

    fn replace(&self, secret: &str) {
        fs::write(self.path(), secret).unwrap();
    }
}
