//! `serve` when a signal stops it.

use std::process::Command;
use std::time::Duration;

use msal_emulator::Emulator;
use msal_emulator::Scripted;
use tokio::net::TcpStream;

use super::served::APP;
use super::served::Client;
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
        send(signal, &command);
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
        send("-INT", &command);
        idle.closed().await;
        send(signal, &command);
        assert_eq!(command.wait(), Some(status));
        slow.closed().await;
    }
}

/// An idle connection, and one whose request waits for the authority.
async fn clients(command: &ServeCommand, emulator: &Emulator) -> (Client, Client) {
    let idle = Client::connect(command.address).await;
    let mut slow = Client::connect(command.address).await;
    slow.send("GET / HTTP/1.1\r\nhost: app\r\n\r\n").await.unwrap();
    assert!(emulator.wait_for_requests(1, Duration::from_secs(60)));
    (idle, slow)
}

fn send(signal: &str, command: &ServeCommand) {
    let id = command.process.0.id().to_string();
    assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
}
