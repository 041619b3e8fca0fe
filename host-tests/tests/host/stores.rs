//! The stores that processes share: one token serves all of them, and no call fails if the store becomes unavailable.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use msal_emulator::Emulator;
use msal_emulator::demo;
use msal_host::contract::TokenSource;
use msal_host::store::RedisStore;
use msal_host_tests::Redis;
use msal_host_tests::RedisSecurity;
use msal_host_tests::World;
use msal_host_tests::command_line;
use serde_json::Value;
use tempfile::TempDir;

#[test]
fn a_token_in_sqlite_serves_the_next_process() {
    let here = Here::new();
    let store = here.sqlite();
    let first = here.acquire(&store);
    assert_eq!(first.source(), "identity-provider");
    let second = here.acquire(&store);
    assert_eq!(second.source(), "cache");
    assert_eq!(second.token(), first.token());
    assert_eq!(here.emulator.token_requests().len(), 1);
    here.assert_nothing_in_the_clear(&first.token());
}

#[test]
fn processes_that_start_at_once_share_one_sqlite_file() {
    let here = Here::new();
    let store = here.sqlite();
    thread::scope(|scope| {
        let runs: Vec<_> = (0..6).map(|_| scope.spawn(|| here.acquire(&store))).collect();
        for run in runs {
            let run = run.join().unwrap();
            assert!(run.warnings().is_empty(), "{:?}", run.warnings());
        }
    });
    assert_eq!(here.acquire(&store).source(), "cache");
}

#[test]
fn a_file_that_is_not_sqlite_is_a_clear_error_and_stays_unchanged() {
    let here = Here::new();
    let path = here.folder.path().join("tokens.db");
    fs::write(&path, "some notes, not a database\n".repeat(100)).unwrap();
    let output = here.command(&here.sqlite()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.starts_with("error: --store: "), "{error}");
    assert!(error.contains("not a database") && !error.contains("tokens.db"), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(fs::read_to_string(&path).unwrap().starts_with("some notes"));
}

#[test]
fn a_token_in_redis_serves_the_next_process_and_a_dead_redis_costs_a_token_request() {
    let Some(mut redis) = Redis::start_or_skip() else { return };
    let here = Here::new();
    let first = here.acquire(&redis.url());
    assert_eq!(first.source(), "identity-provider");
    let second = here.acquire(&redis.url());
    assert_eq!(second.source(), "cache");
    assert_eq!(second.token(), first.token());
    assert_eq!(here.emulator.token_requests().len(), 1);

    redis.stop();
    let started = Instant::now();
    let third = here.acquire(&redis.url());
    assert!(started.elapsed() < TIME_LIMIT, "{:?}", started.elapsed());
    assert_eq!(third.source(), "identity-provider");
    assert_ne!(third.token(), first.token());
    third.assert_warned();
    assert_eq!(here.emulator.token_requests().len(), 2);
}

#[test]
fn a_redis_that_hangs_costs_a_token_request_within_the_time_limit() {
    let Some(redis) = Redis::start_or_skip() else { return };
    let here = Here::new();
    here.acquire(&redis.url());
    redis.suspend();
    let started = Instant::now();
    let run = here.acquire(&redis.url());
    assert!(started.elapsed() < TIME_LIMIT, "{:?}", started.elapsed());
    assert_eq!(run.source(), "identity-provider");
    run.assert_warned();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_dies_and_returns_between_the_calls_of_one_host_is_used_again() {
    let Some(mut redis) = Redis::start_or_skip() else { return };
    let world = World::new();
    let store = Arc::new(RedisStore::open(&redis.url()).unwrap());
    let host = world.host.with_store(store);
    let acquire = async || {
        let (application, request) = (world.application(), world.request());
        host.acquire_token_for_client(&application, &request).await.unwrap().unwrap()
    };
    assert_eq!(acquire().await.metadata.token_source, TokenSource::IdentityProvider);
    assert_eq!(acquire().await.metadata.token_source, TokenSource::Cache);

    redis.stop();
    let started = Instant::now();
    let result = acquire().await;
    assert!(started.elapsed() < TIME_LIMIT, "{:?}", started.elapsed());
    assert_eq!(result.metadata.token_source, TokenSource::IdentityProvider);
    assert!(!result.metadata.warnings.is_empty());

    redis.restart().unwrap();
    for _ in 0..50 {
        if acquire().await.metadata.token_source == TokenSource::Cache {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the store is not used again");
}

#[test]
fn a_password_for_redis_is_in_no_message() {
    let here = Here::new();
    let run = here.acquire("redis://:hidden-password@127.0.0.1:1");
    run.assert_warned();
    let text = format!("{:?}", run.result);
    assert!(!text.contains("hidden-password"), "{text}");
}

/// Reported of every client for a managed Redis, which has TLS and a password only.
#[test]
fn a_redis_with_tls_and_a_password_serves_the_next_process() {
    let security = RedisSecurity::for_name("127.0.0.1");
    let trust = ["--store-ca-certificate", &security.authority_file()].map(str::to_owned);
    let authority = security.authority_file();
    let Some(redis) = Redis::start_secured_or_skip(security) else { return };
    let here = Here::new();
    let default_user = redis.tls_url("", RedisSecurity::PASSWORD);
    let user = redis.tls_url(RedisSecurity::USER, RedisSecurity::ENCODED_USER_PASSWORD);
    fs::write(here.folder.path().join("store"), format!("{user}\n")).unwrap();

    let mut by_variable = here.command_without_store();
    let first = Run::of(by_variable.env("MSAL_STORE", &default_user).args(&trust));
    assert_eq!((first.source(), first.warnings()), ("identity-provider", &[][..]));
    let mut by_file = here.command_without_store();
    let second = Run::of(by_file.args(["--store-file", "store"]).args(&trust));
    assert_eq!((second.source(), second.warnings()), ("cache", &[][..]));
    assert_eq!(second.token(), first.token());
    // The flag goes before the variable, and SSL_CERT_FILE is for the store too.
    let mut by_flag = here.command(&user);
    by_flag.env("MSAL_STORE", "memory").env("SSL_CERT_FILE", authority);
    assert_eq!(Run::of(&mut by_flag).source(), "cache");
    assert_eq!(here.emulator.token_requests().len(), 1);
}

/// Reported of clients that say "connection lost", or that the cache is empty.
#[test]
fn a_redis_that_refuses_or_is_not_trusted_costs_a_token_request_and_says_why() {
    let security = RedisSecurity::for_name("127.0.0.1");
    let trust = ["--store-ca-certificate", &security.authority_file()].map(str::to_owned);
    let Some(redis) = Redis::start_secured_or_skip(security) else { return };
    let other_security = RedisSecurity::for_name("other.example");
    let other_trust =
        ["--store-ca-certificate", &other_security.authority_file()].map(str::to_owned);
    let Some(other) = Redis::start_secured_or_skip(other_security) else { return };
    let password = RedisSecurity::PASSWORD;
    let here = Here::new();
    let cases: [(String, &[String], &str); 6] = [
        (redis.tls_url("", "hidden-wrong"), &trust, "Redis rejects the user or the password"),
        (redis.tls_url("hidden-user", password), &trust, "Redis rejects the user or the password"),
        (redis.tls_url("", ""), &trust, "Redis requires a password"),
        (redis.tls_url("", password), &[], "give its authority in --store-ca-certificate"),
        (redis.tls_url("", password), &other_trust, "give its authority in --store-ca-certificate"),
        (other.tls_url("", password), &other_trust, "not valid for name"),
    ];
    for (url, trust, reason) in cases {
        let run = Run::of(here.command_without_store().env("MSAL_STORE", &url).args(trust));
        assert_eq!(run.source(), "identity-provider");
        run.assert_warned();
        assert!(run.warnings()[0].as_str().unwrap().contains(reason), "{reason}: {run:?}");
        assert!(!format!("{run:?}").contains("hidden"), "{run:?}");
    }
}

#[test]
fn a_store_that_cannot_be_used_is_one_line_without_its_password() {
    let here = Here::new();
    let file = |name: &str, content: &str| {
        fs::write(here.folder.path().join(name), content).unwrap();
    };
    file("store", "rediss://cache:hidden@127.0.0.1/#insecure");
    file("empty", "\n");
    file("text.pem", "no certificate");
    let variable = ["MSAL_STORE", "--store-file", "--store-ca-certificate", "--store"];
    let [variable, from_file, ca, flag] = variable;
    let tls = "rediss://cache:hidden@127.0.0.1:1";
    let cases: [(Option<&str>, &[&str], &str, &str); 11] = [
        (Some("rediss://cache:hidden@127.0.0.1/#insecure"), &[], variable, "always checked"),
        (Some("rediss://cache:hid#den@127.0.0.1"), &[], variable, "%23"),
        (Some("rediss://cache:hidden@:x"), &[], variable, "rediss://USER:PASSWORD@HOST:PORT"),
        (Some("hidden"), &[], variable, "use memory, sqlite:PATH"),
        (None, &[from_file, "store"], from_file, "always checked"),
        (None, &[from_file, "empty"], from_file, "the file is empty"),
        (None, &[from_file, tls], from_file, "give a file's path"),
        (None, &[flag, "redis://127.0.0.1:1", ca, "ca.pem"], ca, "rediss://HOST:PORT"),
        (Some(tls), &[ca, "text.pem"], ca, "the CA certificate cannot be used"),
        (Some(tls), &[ca, "missing.pem"], ca, "cannot read the file"),
        (None, &[ca, "ca.pem"], ca, "rediss://HOST:PORT"),
    ];
    for (value, words, name, reason) in cases {
        let mut command = here.command_without_store();
        command.args(words);
        if let Some(value) = value {
            command.env("MSAL_STORE", value);
        }
        let output = command.output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{words:?}: {error}");
        assert!(error.starts_with(&format!("error: {name}: ")), "{words:?}: {error}");
        assert!(error.contains(reason) && error.lines().count() == 1, "{words:?}: {error}");
        let all = error + &String::from_utf8(output.stdout).unwrap();
        assert!(!all.contains("hid") && !all.contains("den@"), "{all}");
    }
    let mut both = here.command(tls);
    let output = both.args(["--store-file", "store"]).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains("--store-file") && error.contains("cannot be used with"), "{error}");
    assert!(!error.contains("hidden"), "{error}");
    assert!(here.emulator.requests().is_empty());
}

/// Each store operation may take 2 s, including the connection: a read, a write, and an allowance for a slow machine.
const TIME_LIMIT: Duration = Duration::from_secs(15);

/// An emulator, and a folder with the files that the command line needs for it.
struct Here {
    emulator: Emulator,
    folder: TempDir,
}

impl Here {
    fn new() -> Self {
        let emulator = Emulator::start().unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ca.pem"), emulator.ca_certificate_pem()).unwrap();
        fs::write(folder.path().join("secret"), demo::client_secret()).unwrap();
        Self { emulator, folder }
    }

    fn sqlite(&self) -> String {
        format!("sqlite:{}", self.folder.path().join("tokens.db").display())
    }

    fn command(&self, store: &str) -> Command {
        let mut command = self.command_without_store();
        command.args(["--store", store]);
        command
    }

    fn command_without_store(&self) -> Command {
        let mut command = command_line();
        command
            .args(["acquire", "--output", "json", "--show-token"])
            .args(["--authority", &format!("{}/{}", self.emulator.https_url(), demo::TENANT)])
            .args(["--client-id", demo::CLIENT_ID, "--scope", demo::API_SCOPE])
            .args(["--client-secret-file", "secret", "--ca-certificate", "ca.pem"])
            .current_dir(self.folder.path());
        command
    }

    fn acquire(&self, store: &str) -> Run {
        Run::of(&mut self.command(store))
    }

    /// Asserts that no file of the store contains the token or the secret.
    fn assert_nothing_in_the_clear(&self, token: &str) {
        for file in fs::read_dir(self.folder.path()).unwrap() {
            let path = file.unwrap().path();
            if path.file_name().unwrap().to_string_lossy().starts_with("tokens.db") {
                assert_private(&path);
                let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
                for clear in [token, demo::client_secret(), demo::CLIENT_ID, demo::TENANT] {
                    assert!(!text.contains(clear), "{}", path.display());
                }
            }
        }
    }
}

#[cfg(unix)]
fn assert_private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;

    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o077, 0, "{}", path.display());
}

#[cfg(not(unix))]
fn assert_private(_: &Path) {}

/// The output of a process.
#[derive(Debug)]
struct Run {
    result: Value,
}

impl Run {
    fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{error}");
        let text = String::from_utf8(output.stdout).unwrap();
        let line: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        Self { result: line["result"].clone() }
    }

    fn token(&self) -> String {
        self.result["access_token"].as_str().unwrap().to_owned()
    }

    fn source(&self) -> &str {
        self.result["metadata"]["token_source"].as_str().unwrap()
    }

    fn warnings(&self) -> &[Value] {
        self.result["metadata"]["warnings"].as_array().unwrap()
    }

    fn assert_warned(&self) {
        let warnings = self.warnings();
        assert!(!warnings.is_empty(), "a warning is given");
        for warning in warnings {
            let text = warning.as_str().unwrap();
            assert!(text.contains("key-value store") && text.len() <= 256, "{text}");
        }
    }
}
