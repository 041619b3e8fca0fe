//! What ships, in the wasmtime command.

use std::fs;
use std::net::SocketAddr;
use std::process::Output;
use std::process::Stdio;

use msal_artifact::Artifact;
use msal_composition::compose;
use msal_emulator::Emulator;
use msal_emulator::demo;
use msal_host_tests::built;
use msal_host_tests::wasmtime_or_skip;
use tempfile::TempDir;

use super::served::APP_FOR_WASMTIME;
use super::served::EndWhenDropped;
use super::served::free_address;
use super::served::request_when_ready;
use super::served::settings_for_plain_http;

#[test]
fn wasmtime_run_gets_a_token_from_each_component_that_it_links() {
    let Some(_) = wasmtime_or_skip() else { return };
    let emulator = Emulator::start().unwrap();
    let provider = Artifact::FederatedTokenProvider;
    for parts in [
        &[Artifact::ComponentDraft][..],
        &[Artifact::ComponentDraftStoreOnly],
        &[Artifact::ComponentDraftWide],
        &[Artifact::ComponentMemory],
        &[Artifact::ComponentDraftProvider, provider],
    ] {
        let call = acquire(&emulator);
        let output = run(parts, &["-Scli", "-Shttp", "-Skeyvalue", "--invoke", &call]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("token-source: identity-provider"), "{parts:?} {:?}", output.stderr);
    }
    assert_eq!(emulator.token_requests().len(), 5);
}

#[test]
fn wasmtime_run_gets_a_token_from_each_configured_component_that_it_links() {
    let Some(_) = wasmtime_or_skip() else { return };
    let emulator = Emulator::start().unwrap();
    let url = emulator.http_url();
    let variables = [
        ("azure_authority_host", url.as_str()),
        ("azure_tenant_id", demo::TENANT),
        ("azure_client_id", demo::CLIENT_ID),
        ("azure_client_secret", demo::client_secret()),
        ("msal_allowed_scopes", demo::GRAPH_SCOPE),
        ("msal_allow_insecure_loopback", "true"),
    ];
    let environment =
        variables.map(|(name, value)| format!("--env={}={value}", name.to_ascii_uppercase()));
    let config = variables.map(|(name, value)| format!("-Sconfig-var={name}={value}"));
    let call = format!(r#"get-token("{}", none)"#, demo::GRAPH_SCOPE);
    for (parts, variables) in [
        ([Artifact::ConfiguredByEnvironment, Artifact::ComponentDraft], &environment),
        ([Artifact::ConfiguredByEnvironment, Artifact::ComponentMemory], &environment),
        ([Artifact::ConfiguredByConfig, Artifact::ComponentDraft], &config),
    ] {
        let mut options = vec!["-Scli", "-Shttp", "-Skeyvalue", "-Sconfig"];
        options.extend(variables.iter().map(String::as_str));
        options.extend(["--invoke", &call]);
        let output = run(&parts, &options);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.starts_with("ok({access-token: "), "{parts:?} {:?}", output.stderr);
    }
    assert_eq!(emulator.token_requests().len(), 3);
}

#[test]
fn wasmtime_refuses_the_second_draft_before_the_call() {
    let Some(_) = wasmtime_or_skip() else { return };
    let emulator = Emulator::start().unwrap();
    let call = acquire(&emulator);
    let options = ["-Shttp", "-Skeyvalue", "--invoke", &call];
    let output = run(&[Artifact::ComponentDraft2], &options);
    assert!(!output.status.success());
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("component imports instance `wasi:keyvalue/store@0.2.0-draft2`, but a matching implementation was not found in the linker"), "{text}");
    assert_eq!(emulator.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn wasmtime_serve_caches_nothing_over_the_first_draft() {
    let emulator = Emulator::start().unwrap();
    let Some(served) = Served::start(&["-Skeyvalue"], &APP_FOR_WASMTIME, &emulator) else { return };
    for _ in 0..2 {
        assert_eq!(served.source().await, "identity-provider", "the store is empty at each `open`");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wasmtime_serve_caches_in_the_memory_of_an_instance_that_it_reuses() {
    let emulator = Emulator::start().unwrap();
    let app = compose(built(Artifact::ExampleApp), built(Artifact::ComponentMemory)).unwrap();
    let options = ["--max-instance-reuse-count", "100"];
    let Some(served) = Served::start(&options, &app, &emulator) else { return };
    for source in ["identity-provider", "cache"] {
        assert_eq!(served.source().await, source);
    }
}

/// The call as `--invoke` takes it, for the demo application.
fn acquire(emulator: &Emulator) -> String {
    format!(
        r#"acquire-token-for-client(
            {{client-id: "{}", authority: "{}/{}", credentials: [secret("{}")], options: [allow-insecure-loopback]}},
            {{scopes: ["{}"], options: []}})"#,
        demo::CLIENT_ID,
        emulator.http_url(),
        demo::TENANT,
        demo::client_secret(),
        demo::GRAPH_SCOPE
    )
}

/// `wasmtime run` with a composition of the parts.
fn run(parts: &[Artifact], options: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("component.wasm");
    let first = built(parts[0]).to_vec();
    let component = parts[1..].iter().fold(first, |socket, &plug| {
        compose(&socket, built(plug)).unwrap_or_else(|error| panic!("{parts:?}: {error}"))
    });
    fs::write(&file, component).unwrap();
    let mut command = wasmtime_or_skip().expect("wasmtime, which was there before");
    command.arg("run").args(options).arg(file).output().unwrap()
}

/// An app in `wasmtime serve`, until it is dropped.
struct Served {
    address: SocketAddr,
    _process: EndWhenDropped,
    _folder: TempDir,
}

impl Served {
    /// `None` if there is no wasmtime.
    fn start(options: &[&str], app: &[u8], emulator: &Emulator) -> Option<Self> {
        let mut command = wasmtime_or_skip()?;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("app.wasm");
        fs::write(&file, app).unwrap();
        let address = free_address();
        command.args(["serve", "-Scli", "--addr", &address.to_string()]).args(options);
        for (name, value) in settings_for_plain_http(emulator) {
            command.args(["--env", &format!("{name}={value}")]);
        }
        let process = command.arg(file).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Some(Self { address, _process: EndWhenDropped(process.unwrap()), _folder: folder })
    }

    /// Where the token of a request came from.
    async fn source(&self) -> String {
        let answer = request_when_ready(self.address).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["token_source"].as_str().unwrap().to_owned()
    }
}
