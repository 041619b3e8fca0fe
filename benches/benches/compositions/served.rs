//! What a composition adds to a request of a served app, over one connection on this machine.

use std::time::Duration;

use msal_artifact::Artifact;
use msal_composition::compose;
use msal_composition::isolate;
use msal_emulator::demo;
use msal_host::ServeOptions;
use msal_host_tests::built;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;

use crate::composed;
use crate::configuration;
use crate::median;
use crate::microseconds;
use crate::network;

/// Prints the smallest of the medians of several rounds, because waking a thread takes longer at some times than at others.
pub(crate) async fn print() {
    println!("\n| a request of a served app | bytes | median µs |\n| --- | --- | --- |");
    let plain = compose(built(Artifact::ExampleApp), built(Artifact::ComponentDraft2));
    let plain = plain.expect("the app imports the contract");
    let configured = composed(&[Artifact::ConfiguredByConfig, Artifact::ComponentDraft2]);
    let configured = |app: &[u8]| compose(app, &configured).expect("it imports get-token");
    let guest = built(Artifact::ExampleConfiguredApp);
    let guarded = |guard| isolate(guest, built(guard)).expect("it has no other rights");
    let mut rows = [
        Row::new("plain composition, the component is not called", &plain, "POST").await,
        Row::new("plain composition, a hit", &plain, "GET").await,
        Row::new("configured component, a hit", &configured(guest), "GET").await,
        Row::new(
            "guard and configured component, a hit",
            &configured(&guarded(Artifact::Guard)),
            "GET",
        )
        .await,
        Row::new(
            "guard with network and configured component, a hit",
            &configured(&guarded(Artifact::GuardNetwork)),
            "GET",
        )
        .await,
    ];
    for _ in 0..ROUNDS {
        for row in &mut rows {
            row.measure().await;
        }
    }
    for Row { name, bytes, median, .. } in &rows {
        println!("| {name} | {bytes} | {} |", microseconds(*median));
    }
}

const ROUNDS: usize = 5;

/// A served app and a connection to it.
struct Row {
    name: &'static str,
    bytes: usize,
    method: &'static str,
    client: TcpStream,
    /// The smallest so far.
    median: Duration,
}

impl Row {
    async fn new(name: &'static str, app: &[u8], method: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let environment = [
            ("AZURE_TENANT_ID", demo::TENANT),
            ("AZURE_CLIENT_ID", demo::CLIENT_ID),
            ("AZURE_CLIENT_SECRET", demo::client_secret()),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let options = ServeOptions {
            network: network(),
            configuration: configuration(),
            environment: environment.to_vec(),
            ..ServeOptions::default()
        };
        let server = msal_host::Server::new(app, options).expect("the app compiles");
        tokio::spawn(server.run(listener, std::future::pending()));
        let client = TcpStream::connect(address).await.expect("a connection");
        client.set_nodelay(true).expect("an option");
        Self { name, bytes: app.len(), method, client, median: Duration::MAX }
    }

    async fn measure(&mut self) {
        let expected: &[u8] = if self.method == "GET" { b"HTTP/1.1 200" } else { b"HTTP/1.1 405" };
        let median = median(async || {
            let answer = ask(&mut self.client, self.method).await;
            assert!(answer.starts_with(expected), "{}", self.name);
        });
        self.median = self.median.min(median.await);
    }
}

/// Sends a request and returns its answer.
async fn ask(client: &mut TcpStream, method: &str) -> Vec<u8> {
    let request = format!("{method} / HTTP/1.1\r\nhost: app\r\ncontent-length: 0\r\n\r\n");
    client.write_all(request.as_bytes()).await.expect("it is sent");
    let mut answer = Vec::new();
    while !is_complete(&answer) {
        assert_ne!(client.read_buf(&mut answer).await.expect("an answer"), 0, "it is cut off");
    }
    answer
}

/// Whether this is a whole answer, in chunks or without a body.
fn is_complete(answer: &[u8]) -> bool {
    answer.ends_with(b"0\r\n\r\n")
        || (answer.ends_with(b"\r\n\r\n") && contains(answer, b"content-length: 0\r\n"))
}

fn contains(answer: &[u8], part: &[u8]) -> bool {
    answer.windows(part.len()).any(|window| window == part)
}
