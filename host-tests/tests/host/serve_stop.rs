//! `serve` when a signal stops it.

use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;

use msal_artifact::Artifact;
use msal_emulator::Emulator;
use msal_emulator::Scripted;
use msal_host_tests::built;
use msal_host_tests::command_line;
use tokio::net::TcpStream;

use super::served::APP;
use super::served::Client;
use super::served::EndWhenDropped;
use super::served::ServeCommand;
use super::served::settings;

// The bug report of a rolling update: requests in flight are broken off when an orchestrator stops the old process.
#[tokio::test(flavor = "multi_thread")]
async fn a_signal_lets_started_requests_end_and_closes_the_rest() {
    for signal in ["-TERM", "-INT"] {
        let emulator = Emulator::start().unwrap();
        emulator.script_any(vec![Scripted::normal().delay_before_headers(Duration::from_secs(3))]);
        let mut command = ServeCommand::start(&APP, &emulator, &settings());
        let (mut idle, slow) = clients(&command, &emulator).await;
        assert_eq!(idle.post().await.unwrap(), 405);
        send(signal, &command.process);
        idle.closed().await;
        assert!(TcpStream::connect(command.address).await.is_err(), "{signal}");
        assert_eq!({ slow }.status().await.unwrap(), 200, "{signal}");
        assert_eq!(command.wait(), Some(0), "{signal}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_the_process_at_once() {
    for (signal, status) in [("-TERM", 143), ("-INT", 130)] {
        let emulator = Emulator::start().unwrap();
        emulator.script_any(vec![Scripted::hang()]);
        let mut command = ServeCommand::start(&APP, &emulator, &settings());
        let (idle, slow) = clients(&command, &emulator).await;
        send("-INT", &command.process);
        idle.closed().await;
        send(signal, &command.process);
        assert_eq!(command.wait(), Some(status));
        slow.closed().await;
    }
}

// The bug report of a container: its first process, which the default of a signal does not end, ignored SIGTERM.
#[test]
fn a_signal_during_the_compilation_ends_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let app = folder.path().join("app.wasm");
    fs::write(&app, built(Artifact::ExampleApp)).unwrap();
    let mut command = command_line();
    command.arg("serve").arg(app).args(["--listen", "127.0.0.1:0", "--compiled-cache", "off"]);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut process = EndWhenDropped(command.spawn().unwrap());
    let mut line = String::new();
    BufReader::new(process.0.stderr.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("compiling "), "{line}");
    send("-TERM", &process);
    assert_eq!(process.0.wait().unwrap().code(), Some(0));
}

/// An idle connection, and one whose request waits for the authority.
async fn clients(command: &ServeCommand, emulator: &Emulator) -> (Client, Client) {
    let idle = Client::connect(command.address).await;
    let mut slow = Client::connect(command.address).await;
    slow.send("GET / HTTP/1.1\r\nhost: app\r\n\r\n").await.unwrap();
    assert!(emulator.wait_for_requests(1, Duration::from_secs(60)));
    (idle, slow)
}

fn send(signal: &str, process: &EndWhenDropped) {
    let id = process.0.id().to_string();
    assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
}
