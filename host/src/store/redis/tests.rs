use std::io;
use std::io::Write as _;
use std::net::TcpListener;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Instant;

use super::super::conformance;
use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn two_connections_behave_as_one_store() {
    let Some(server) = Server::start() else { return };
    server.wait().await;
    let first = RedisStore::open(&server.url()).unwrap();
    let second = RedisStore::open(&server.url()).unwrap();
    conformance::check(vec![Arc::new(first), Arc::new(second)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_server_is_used_again() {
    let Some(mut server) = Server::start() else { return };
    server.wait().await;
    let store = RedisStore::open(&server.url()).unwrap();
    store.set("b", "k", b"v".to_vec()).await.unwrap();
    server.restart();
    server.wait().await;
    // This Redis persists nothing, so an empty result shows that the connection is new.
    for _ in 0..50 {
        if store.get("b", "k").await == Ok(None) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the store did not connect again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_starts_later_is_used() {
    let port = free_port();
    let store = RedisStore::open(&format!("redis://127.0.0.1:{port}")).unwrap();
    assert!(store.get("b", "k").await.is_err());
    let Some(server) = Server::start_on(port) else { return };
    server.wait().await;
    for _ in 0..50 {
        if store.get("b", "k").await == Ok(None) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the store did not connect");
}

#[tokio::test]
async fn a_server_that_is_down_is_an_error_in_bounded_time() {
    let port = free_port();
    let store = RedisStore::open(&format!("redis://127.0.0.1:{port}")).unwrap();
    let start = Instant::now();
    assert!(store.get("b", "k").await.is_err());
    assert!(start.elapsed() < TIME_LIMIT * 2, "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_an_error_in_bounded_time() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let store = RedisStore::open(&format!("redis://127.0.0.1:{port}")).unwrap();
    let start = Instant::now();
    assert!(store.get("b", "k").await.is_err());
    assert!(start.elapsed() < TIME_LIMIT * 2, "{:?}", start.elapsed());
}

#[test]
fn a_url_that_cannot_be_used_is_refused_without_repeating_it() {
    for url in ["redis://:hidden@:x:", "rediss://:hidden@:x:", "rediss://u:hidden@h/database"] {
        let message = RedisStore::open(url).err().unwrap().to_string();
        assert!(message.contains("redis://HOST:PORT"), "{message}");
        assert!(!message.contains("hidden"), "{message}");
    }
}

/// In this client's URLs, `#insecure` turns the check of the certificate off.
#[test]
fn a_fragment_is_refused() {
    for url in ["rediss://u:hidden@h/#insecure", "redis://h/#insecure", "rediss://u:hid#den@h"] {
        let message = RedisStore::open(url).err().unwrap().to_string();
        assert!(message.contains("%23") && message.contains("#insecure"), "{message}");
        assert!(!message.contains("hid"), "{message}");
    }
}

#[test]
fn no_password_is_in_debug_output() {
    for url in ["redis://u:hidden@127.0.0.1", "rediss://u:hidden@127.0.0.1"] {
        let text = format!("{:?}", RedisStore::open(url).unwrap());
        assert!(!text.contains("hidden"), "{text}");
    }
}

/// A `redis-server` on a free loopback port, stopped when dropped.
struct Server {
    port: u16,
    process: Child,
}

impl Server {
    /// Returns `None`, with a message on standard error, if `redis-server` cannot be run.
    fn start() -> Option<Self> {
        Self::start_on(free_port())
    }

    fn start_on(port: u16) -> Option<Self> {
        match spawn(port) {
            Ok(process) => Some(Self { port, process }),
            Err(error) => {
                // `eprintln!` would be captured and hidden when the test passes.
                let _ = writeln!(
                    io::stderr(),
                    "skipped: redis-server cannot be started ({error}); on Debian, install it with \
                     `apt-get install redis-server`"
                );
                None
            }
        }
    }

    fn restart(&mut self) {
        self.stop();
        self.process = spawn(self.port).unwrap();
    }

    async fn wait(&self) {
        for _ in 0..100 {
            if tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("redis-server does not listen");
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    fn stop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

fn spawn(port: u16) -> io::Result<Child> {
    Command::new("redis-server")
        .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port"])
        .arg(port.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
