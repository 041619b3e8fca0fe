//! An app that is served in this process, and requests to it.

use std::ffi::OsStr;
use std::fs;
use std::fs::File;
use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::net::SocketAddr;
use std::process::Child;
use std::process::ChildStdout;
use std::process::Stdio;
use std::sync::LazyLock;
use std::time::Duration;

use msal_artifact::Artifact;
use msal_emulator::Emulator;
use msal_emulator::demo;
use msal_host::HostError;
use msal_host::Network;
use msal_host::ServeOptions;
use msal_host_tests::built;
use msal_host_tests::command_line;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The example app, composed for our host.
pub(crate) static APP: LazyLock<Vec<u8>> = LazyLock::new(|| composed(Artifact::ComponentDraft2));
/// The example app, composed for wasmtime.
pub(crate) static APP_FOR_WASMTIME: LazyLock<Vec<u8>> =
    LazyLock::new(|| composed(Artifact::ComponentDraft));

fn composed(component: Artifact) -> Vec<u8> {
    msal_composition::compose(built(Artifact::ExampleApp), built(component)).unwrap()
}

/// An app in this process, until it is dropped.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    server: JoinHandle<Result<(), HostError>>,
}

impl Served {
    pub(crate) async fn start(
        app: &'static [u8],
        emulator: &Emulator,
        environment: Vec<(String, String)>,
    ) -> Self {
        let options = options(emulator, environment);
        Self::start_with(app, options).await
    }

    pub(crate) async fn start_with(app: &'static [u8], options: ServeOptions) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(async move {
            let stopped = async { stopped.await.unwrap_or_default() };
            msal_host::serve(app, listener, options, stopped).await
        });
        Self { address, stop, server }
    }

    pub(crate) async fn get(&self) -> Answer {
        request(self.address, "GET").await.unwrap()
    }

    pub(crate) async fn stop(self) -> Result<(), HostError> {
        self.stop.send(()).expect("it serves");
        self.server.await.expect("it does not panic")
    }
}

/// Options with a network that reaches the emulator as the public cloud.
pub(crate) fn options(emulator: &Emulator, environment: Vec<(String, String)>) -> ServeOptions {
    let network = Network::builder()
        .ca_certificate_pem(emulator.ca_certificate_pem())
        .resolve(resolution(emulator))
        .build()
        .unwrap();
    ServeOptions { network, environment, ..ServeOptions::default() }
}

/// An app that the command line serves, until it is dropped.
pub(crate) struct ServeCommand {
    pub(crate) address: SocketAddr,
    pub(crate) process: EndWhenDropped,
    stdout: BufReader<ChildStdout>,
    /// The app, the emulator's certificate authority, and `stderr`.
    folder: TempDir,
}

impl ServeCommand {
    /// Returns when it serves.
    pub(crate) fn start(app: &[u8], emulator: &Emulator, settings: &[(String, String)]) -> Self {
        Self::start_with(&[], app, emulator, settings)
    }

    /// The same with more arguments.
    pub(crate) fn start_with(
        arguments: &[&OsStr],
        app: &[u8],
        emulator: &Emulator,
        settings: &[(String, String)],
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, content: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, content).unwrap();
            path
        };
        let mut command = command_line();
        command
            .arg("serve")
            .arg(file("app.wasm", app))
            .args(["--listen", "127.0.0.1:0", "--show-output"])
            .args(arguments)
            .args(["--resolve", &resolution(emulator)])
            .arg("--ca-certificate")
            .arg(file("ca.pem", emulator.ca_certificate_pem().as_bytes()));
        for (name, value) in settings {
            command.args(["--env", &format!("{name}={value}")]);
        }
        command.stdout(Stdio::piped());
        command.stderr(File::create(folder.path().join("stderr")).unwrap());
        let mut process = EndWhenDropped(command.spawn().unwrap());
        let mut line = String::new();
        let mut stdout = BufReader::new(process.0.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("http://").map(str::parse);
        let Some(Ok(address)) = address else {
            panic!("{line:?} {:?}", fs::read_to_string(folder.path().join("stderr")));
        };
        Self { address, process, stdout, folder }
    }

    /// Kills it, and returns what it has written to standard output after its address, and to standard error.
    pub(crate) fn kill(mut self) -> (String, String) {
        drop(self.process);
        let mut output = String::new();
        self.stdout.read_to_string(&mut output).unwrap();
        (output, fs::read_to_string(self.folder.path().join("stderr")).unwrap())
    }

    /// Waits for its end and returns its exit status.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        self.process.0.wait().unwrap().code()
    }
}

/// The settings with which the app is the demo application in the public cloud.
pub(crate) fn settings() -> Vec<(String, String)> {
    [
        ("AZURE_TENANT_ID", demo::TENANT),
        ("AZURE_CLIENT_ID", demo::CLIENT_ID),
        ("AZURE_CLIENT_SECRET", demo::client_secret()),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

pub(crate) fn settings_for_plain_http(emulator: &Emulator) -> Vec<(String, String)> {
    let authority = format!("{}/{}", emulator.http_url(), demo::TENANT);
    let settings = with(settings(), "AZURE_AUTHORITY", &authority);
    with(without(settings, "AZURE_TENANT_ID"), "ALLOW_INSECURE_LOOPBACK", "1")
}

pub(crate) fn with(
    settings: Vec<(String, String)>,
    name: &str,
    value: &str,
) -> Vec<(String, String)> {
    let mut settings = without(settings, name);
    settings.push((name.to_owned(), value.to_owned()));
    settings
}

pub(crate) fn without(mut settings: Vec<(String, String)>, name: &str) -> Vec<(String, String)> {
    settings.retain(|(existing, _)| existing != name);
    settings
}

pub(crate) fn resolution(emulator: &Emulator) -> String {
    format!("login.microsoftonline.com:443:{}", emulator.https_address())
}

/// A response, its header names in lower case.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Sends a request in HTTP/1.0, in which the end of the connection ends the answer.
pub(crate) async fn request(address: SocketAddr, method: &str) -> io::Result<Answer> {
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

/// A connection of a client that keeps it open.
pub(crate) struct Client(TcpStream);

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.unwrap())
    }

    pub(crate) async fn send(&mut self, text: &str) -> io::Result<()> {
        self.0.write_all(text.as_bytes()).await
    }

    /// Sends a request and returns the status of its answer.
    pub(crate) async fn get(&mut self) -> io::Result<u16> {
        self.send("GET / HTTP/1.1\r\nhost: app\r\n\r\n").await?;
        self.status().await
    }

    /// The same with another method.
    pub(crate) async fn post(&mut self) -> io::Result<u16> {
        self.send("POST / HTTP/1.1\r\nhost: app\r\ncontent-length: 0\r\n\r\n").await?;
        self.status().await
    }

    /// Reads one answer and returns its status.
    pub(crate) async fn status(&mut self) -> io::Result<u16> {
        let mut answer = Vec::new();
        while !is_complete(&answer) {
            if self.0.read_buf(&mut answer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let answer = String::from_utf8_lossy(&answer);
        Ok(answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status"))
    }

    /// Returns when the host has closed the connection. Panics if it sends something.
    pub(crate) async fn closed(mut self) {
        let mut byte = [0];
        let end = self.0.read(&mut byte);
        match tokio::time::timeout(Duration::from_secs(60), end).await.expect("it is closed") {
            Ok(0) => {}
            Ok(_) => panic!("the host sent something"),
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::ConnectionReset),
        }
    }
}

/// Whether this is a whole answer, with a `content-length` or in chunks.
fn is_complete(answer: &[u8]) -> bool {
    let answer = String::from_utf8_lossy(answer).to_ascii_lowercase();
    let Some((head, body)) = answer.split_once("\r\n\r\n") else { return false };
    match head.split_once("content-length: ") {
        Some((_, rest)) => rest.lines().next() == Some(&body.len().to_string()),
        None => body.ends_with("0\r\n\r\n"),
    }
}

pub(crate) async fn request_when_ready(address: SocketAddr) -> Answer {
    for _ in 0..600 {
        if let Ok(answer) = request(address, "GET").await {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("nothing listens on {address}");
}

pub(crate) fn free_address() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// A process that this test started.
pub(crate) struct EndWhenDropped(pub(crate) Child);

impl Drop for EndWhenDropped {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
