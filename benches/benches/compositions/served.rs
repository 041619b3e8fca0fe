//! What a composition adds to a request of a served app, over one connection on this machine.

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

pub(crate) async fn print() {
    println!("\n| a request of a served app | bytes | median µs |\n| --- | --- | --- |");
    let plain = compose(built(Artifact::ExampleApp), built(Artifact::ComponentDraft2));
    let plain = plain.expect("the app imports the contract");
    row("plain composition, the component is not called", &plain, "POST").await;
    row("plain composition, a hit", &plain, "GET").await;

    let configured = composed(&[Artifact::ConfiguredByConfig, Artifact::ComponentDraft2]);
    let guest = built(Artifact::ExampleConfiguredApp);
    for (name, guest) in [
        ("configured component, a hit", guest.to_vec()),
        ("guard and configured component, a hit", guarded(guest, Artifact::Guard)),
        (
            "guard with network and configured component, a hit",
            guarded(guest, Artifact::GuardNetwork),
        ),
    ] {
        row(name, &compose(&guest, &configured).expect("it imports get-token"), "GET").await;
    }
}

fn guarded(guest: &[u8], guard: Artifact) -> Vec<u8> {
    isolate(guest, built(guard)).expect("it has no other rights")
}

async fn row(name: &str, app: &[u8], method: &str) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let environment = [
        ("AZURE_TENANT_ID", demo::TENANT),
        ("AZURE_CLIENT_ID", demo::CLIENT_ID),
        ("AZURE_CLIENT_SECRET", demo::client_secret()),
    ];
    let options = ServeOptions {
        network: network(),
        configuration: configuration(),
        environment: environment.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        ..ServeOptions::default()
    };
    let server = msal_host::Server::new(app, options).expect("the app compiles");
    let server = tokio::spawn(server.run(listener, std::future::pending()));
    let mut client = TcpStream::connect(address).await.expect("a connection");
    client.set_nodelay(true).expect("an option");
    let expected: &[u8] = if method == "GET" { b"HTTP/1.1 200" } else { b"HTTP/1.1 405" };
    let request =
        median(async || assert!(ask(&mut client, method).await.starts_with(expected), "{name}"));
    println!("| {name} | {} | {} |", app.len(), microseconds(request.await));
    server.abort();
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
