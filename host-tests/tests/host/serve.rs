//! The example app, composed with the component and served by several hosts.

use std::fs;
use std::io;
use std::io::Write;
use std::net::SocketAddr;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::LazyLock;
use std::time::Duration;

use msal_artifact::Artifact;
use msal_emulator::Emulator;
use msal_emulator::Scripted;
use msal_emulator::demo;
use msal_host::HostError;
use msal_host::Network;
use msal_host::ServeOptions;
use msal_host_tests::built;
use msal_host_tests::command_line;
use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

#[tokio::test(flavor = "multi_thread")]
async fn a_second_request_is_served_from_the_cache_and_neither_answer_holds_a_token() {
    let emulator = Emulator::start().unwrap();
    let served = Served::start(&APP, &emulator, settings()).await;
    let first = served.get().await;
    assert_eq!(first.status, 200, "{first:?}");
    assert_eq!(first.header("content-type"), Some("application/json"));
    assert_eq!(first.header("cache-control"), Some("no-store"));
    let first_body = first.json();
    assert_eq!(first_body["token_source"], "identity-provider");
    assert_eq!(first_body["tenant_id"], demo::TENANT);
    assert_eq!(first_body["scopes"], serde_json::json!([demo::GRAPH_SCOPE]), "the default");
    assert_eq!(first_body["refresh_due"], false);
    assert!(first_body["expires_on"].as_u64().is_some());
    assert!(first_body["duration_total_us"].as_u64().is_some());
    assert_eq!(first_body["correlation_id"].as_str().map(str::len), Some(36));

    let second = served.get().await;
    assert_eq!(second.json()["token_source"], "cache", "{second:?}");
    assert_eq!(second.json()["expires_on"], first_body["expires_on"]);
    assert_eq!(emulator.token_requests().len(), 1);

    for issued in emulator.issued_tokens() {
        for answer in [&first, &second] {
            assert!(!answer.text.contains(&issued.token), "{answer:?}");
        }
    }
    served.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_502_with_the_cause_and_without_the_secret() {
    let emulator = Emulator::start().unwrap();
    let settings = with(settings(), "AZURE_CLIENT_SECRET", "mistyped~secret");
    let served = Served::start(&APP, &emulator, settings).await;
    let answer = served.get().await;
    assert_eq!(answer.status, 502, "{answer:?}");
    let body = answer.json();
    assert_eq!(body["kind"], "refused");
    assert!(body["message"].as_str().is_some_and(|message| !message.is_empty()), "{body}");
    assert!(body["remedy"].as_str().is_some_and(|remedy| remedy.contains("secret")), "{body}");
    assert!(!answer.text.contains("mistyped~secret"), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_app_is_503_with_retry_after() {
    let emulator = Emulator::start().unwrap();
    emulator.script_any(vec![Scripted::status(429).header("Retry-After", "17")]);
    let served = Served::start(&APP, &emulator, settings()).await;
    let answer = served.get().await;
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(answer.header("retry-after"), Some("17"));
    assert_eq!(answer.json()["kind"], "throttled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_or_empty_setting_is_named_in_one_line() {
    let emulator = Emulator::start().unwrap();
    for (name, settings) in [
        ("AZURE_TENANT_ID", without(settings(), "AZURE_TENANT_ID")),
        ("AZURE_CLIENT_ID", without(settings(), "AZURE_CLIENT_ID")),
        ("AZURE_CLIENT_SECRET", with(settings(), "AZURE_CLIENT_SECRET", "")),
    ] {
        let served = Served::start(&APP, &emulator, settings).await;
        let answer = served.get().await;
        assert_eq!(answer.status, 500, "{answer:?}");
        assert_eq!(answer.text, format!("{name} is not set\n"));
    }
    assert_eq!(emulator.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_get_is_answered() {
    let emulator = Emulator::start().unwrap();
    let served = Served::start(&APP, &emulator, settings()).await;
    let answer = request(served.address, "POST").await.unwrap();
    assert_eq!(answer.status, 405, "{answer:?}");
    assert_eq!(answer.header("allow"), Some("GET"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_composition_for_wasmtime_reaches_a_loopback_authority_over_plain_http() {
    let emulator = Emulator::start().unwrap();
    let settings = settings_for_plain_http(&emulator);
    let served = Served::start(&APP_FOR_WASMTIME, &emulator, settings).await;
    assert_eq!(served.get().await.json()["token_source"], "identity-provider");
    assert_eq!(served.get().await.json()["token_source"], "cache");
}

#[tokio::test(flavor = "multi_thread")]
async fn wasmtime_serves_the_composition_over_the_first_draft() {
    let emulator = Emulator::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let app = folder.path().join("app.wasm");
    fs::write(&app, &*APP_FOR_WASMTIME).unwrap();
    let address = free_address();
    let mut command = Command::new("wasmtime");
    command.args(["serve", "-Scli", "-Skeyvalue", "--addr", &address.to_string()]);
    for (name, value) in settings_for_plain_http(&emulator) {
        command.args(["--env", &format!("{name}={value}")]);
    }
    let process = command.arg(app).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let _process = match process {
        Ok(process) => EndWhenDropped(process),
        Err(error) => {
            // The test harness hides the output of `eprintln!` if the test passes.
            let mut stderr = io::stderr();
            let _ = writeln!(stderr, "skipped: `wasmtime serve`: no wasmtime to start ({error})");
            return;
        }
    };
    // wasmtime's store is empty after every `open`, so a second request would not be a hit.
    let answer = request_when_ready(address).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json()["token_source"], "identity-provider");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_serves_the_composed_app_and_prints_no_secret() {
    let emulator = Emulator::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let app = folder.path().join("app.wasm");
    fs::write(&app, &*APP).unwrap();
    let ca_certificate = folder.path().join("ca.pem");
    fs::write(&ca_certificate, emulator.ca_certificate_pem()).unwrap();
    let address = free_address();
    let mut command = command_line();
    command
        .arg("serve")
        .arg(app)
        .args(["--listen", &address.to_string(), "--show-output"])
        .args(["--resolve", &resolution(&emulator)])
        .arg("--ca-certificate")
        .arg(ca_certificate);
    for (name, value) in settings() {
        command.args(["--env", &format!("{name}={value}")]);
    }
    let (stdout, stderr) = (folder.path().join("stdout"), folder.path().join("stderr"));
    command.stdout(fs::File::create(&stdout).unwrap());
    command.stderr(fs::File::create(&stderr).unwrap());
    let process = EndWhenDropped(command.spawn().unwrap());
    assert_eq!(request_when_ready(address).await.json()["token_source"], "identity-provider");
    assert_eq!(request(address, "GET").await.unwrap().json()["token_source"], "cache");
    drop(process);
    assert_eq!(fs::read_to_string(stdout).unwrap(), format!("http://{address}\n"));
    assert_eq!(fs::read_to_string(stderr).unwrap(), "");
}

static APP: LazyLock<Vec<u8>> = LazyLock::new(|| composed(Artifact::ComponentDraft2));
static APP_FOR_WASMTIME: LazyLock<Vec<u8>> = LazyLock::new(|| composed(Artifact::ComponentDraft));

fn composed(component: Artifact) -> Vec<u8> {
    msal_artifact::compose(built(Artifact::ExampleApp), built(component)).unwrap()
}

/// An app in this process, until it is dropped.
struct Served {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    server: JoinHandle<Result<(), HostError>>,
}

impl Served {
    async fn start(
        app: &'static [u8],
        emulator: &Emulator,
        environment: Vec<(String, String)>,
    ) -> Self {
        let network = Network::builder()
            .ca_certificate_pem(emulator.ca_certificate_pem())
            .resolve(resolution(emulator))
            .build()
            .unwrap();
        let options = ServeOptions { network, environment, ..ServeOptions::default() };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(async move {
            let stopped = async { stopped.await.unwrap_or_default() };
            msal_host::serve(app, listener, options, stopped).await
        });
        Self { address, stop, server }
    }

    async fn get(&self) -> Answer {
        request(self.address, "GET").await.unwrap()
    }

    async fn stop(self) -> Result<(), HostError> {
        self.stop.send(()).expect("it serves");
        self.server.await.expect("it does not panic")
    }
}

/// The settings with which the app is the demo application in the public cloud.
fn settings() -> Vec<(String, String)> {
    [
        ("AZURE_TENANT_ID", demo::TENANT),
        ("AZURE_CLIENT_ID", demo::CLIENT_ID),
        ("AZURE_CLIENT_SECRET", demo::client_secret()),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

fn settings_for_plain_http(emulator: &Emulator) -> Vec<(String, String)> {
    let authority = format!("{}/{}", emulator.http_url(), demo::TENANT);
    let settings = with(settings(), "AZURE_AUTHORITY", &authority);
    with(without(settings, "AZURE_TENANT_ID"), "ALLOW_INSECURE_LOOPBACK", "1")
}

fn with(settings: Vec<(String, String)>, name: &str, value: &str) -> Vec<(String, String)> {
    let mut settings = without(settings, name);
    settings.push((name.to_owned(), value.to_owned()));
    settings
}

fn without(mut settings: Vec<(String, String)>, name: &str) -> Vec<(String, String)> {
    settings.retain(|(existing, _)| existing != name);
    settings
}

fn resolution(emulator: &Emulator) -> String {
    format!("login.microsoftonline.com:443:{}", emulator.https_address())
}

/// A response, its header names in lower case.
#[derive(Debug)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    text: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Sends a request in HTTP/1.0, in which the end of the connection ends the answer.
async fn request(address: SocketAddr, method: &str) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(format!("{method} / HTTP/1.0\r\nhost: {address}\r\n\r\n").as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, text) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a status line");
    let headers = lines.filter_map(|line| line.split_once(": "));
    Ok(Answer {
        status: status.parse().expect("a status"),
        headers: headers
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect(),
        text: text.to_owned(),
    })
}

async fn request_when_ready(address: SocketAddr) -> Answer {
    for _ in 0..600 {
        if let Ok(answer) = request(address, "GET").await {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("nothing listens on {address}");
}

fn free_address() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// A process that this test started.
struct EndWhenDropped(Child);

impl Drop for EndWhenDropped {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
