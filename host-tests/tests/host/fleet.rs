//! Several host processes over one store: together they request a token once, and if the store or a process dies, the other
//! processes still get their token.

use std::fs;
use std::fs::File;
use std::path::PathBuf;
use std::process::Child;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use msal_emulator::Scripted;
use msal_emulator::demo;
use msal_host::Network;
use msal_host::contract::AuthenticationResult;
use msal_host::contract::TokenSource;
use msal_host::store;
use msal_host_tests::Redis;
use msal_host_tests::World;
use msal_host_tests::command_line;
use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;

#[test]
fn f01_processes_that_start_on_an_empty_redis_make_one_request_per_window() {
    let Some(redis) = Redis::start_or_skip() else { return };
    let fleet = Fleet::new();
    fleet.assert_one_token_request_in_a_window(&redis.url());
}

#[test]
fn f01_processes_that_start_on_an_empty_sqlite_file_make_one_request_per_window() {
    let fleet = Fleet::new();
    fleet.assert_one_token_request_in_a_window(&fleet.sqlite());
}

#[test]
fn f01_a_token_that_expires_while_processes_call_is_replaced_by_one_token_request() {
    let Some(redis) = Redis::start_or_skip() else { return };
    let fleet = Fleet::new();
    // A token is served for half of its lifetime, which is longer than a window of the ticket counter.
    fleet.world.emulator.set_token_lifetime(Some(24));
    fleet.answer_slowly(Duration::from_millis(200));
    let processes: Vec<_> = (0..3).map(|_| fleet.process(&redis.url(), 16, 1_000_000)).collect();
    let is_replaced = fleet.wait_for_requests_in_distance(2, Duration::from_secs(6));
    thread::sleep(Duration::from_secs(1));
    for process in processes {
        process.kill().assert_all_succeeded();
    }
    assert!(is_replaced, "{:?}", fleet.request_times());
    let times = fleet.request_times();
    // A window of the ticket counter may have ended before the first token arrived.
    assert!(times.len() <= 3, "{times:?}");
}

#[test]
fn f04_processes_with_a_token_due_for_refresh_make_one_request_and_do_not_wait() {
    let Some(redis) = Redis::start_or_skip() else { return };
    let fleet = Fleet::new();
    let slow = refreshable_token().delay_before_headers(Duration::from_secs(2));
    fleet.world.emulator.script_any(vec![refreshable_token(), slow.clone(), slow]);
    fleet.process(&redis.url(), 1, 1).finish().assert_all_succeeded();

    let processes: Vec<_> = (0..3).map(|_| fleet.process(&redis.url(), 10, 1_000_000)).collect();
    fleet.wait_for_requests(2);
    thread::sleep(Duration::from_secs(4));
    let calls: Vec<_> = processes.into_iter().map(Process::kill).collect();
    assert_eq!(fleet.world.token_requests(), 2);
    for calls in &calls {
        calls.assert_all_succeeded();
    }
    let waited = calls.iter().flat_map(Calls::sources).filter(|source| *source != "cache");
    assert_eq!(waited.count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn f05_a_process_killed_in_the_middle_of_its_token_request_is_replaced_over_redis() {
    let Some(redis) = Redis::start_or_skip() else { return };
    Fleet::new().assert_a_killed_process_is_replaced(&redis.url()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f05_a_process_killed_in_the_middle_of_its_token_request_is_replaced_over_sqlite() {
    let fleet = Fleet::new();
    fleet.assert_a_killed_process_is_replaced(&fleet.sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f05_a_process_killed_in_the_middle_of_a_refresh_leaves_the_old_token_valid() {
    let Some(redis) = Redis::start_or_skip() else { return };
    let fleet = Fleet::new();
    fleet.world.emulator.script_any(vec![refreshable_token(), Scripted::hang()]);
    fleet.process(&redis.url(), 1, 1).finish().assert_all_succeeded();

    let refreshing = fleet.process(&redis.url(), 1, 1_000_000);
    fleet.wait_for_requests(2);
    refreshing.kill();
    for result in fleet.acquire_side_by_side(&redis.url(), 40).await {
        assert_eq!(result.metadata.token_source, TokenSource::Cache);
    }
    assert_eq!(fleet.world.token_requests(), 2);
}

#[test]
fn e01_every_call_gets_a_token_while_redis_dies_and_returns() {
    let Some(mut redis) = Redis::start_or_skip() else { return };
    let fleet = Fleet::new();
    let processes: Vec<_> = (0..3).map(|_| fleet.process(&redis.url(), 8, 1_000_000)).collect();
    fleet.wait_for_requests(1);
    redis.stop();
    // Without the store every call of every process sends a request.
    fleet.wait_for_requests(100);
    redis.restart().unwrap();
    fleet.wait_until_requests_end();
    let calls: Vec<_> = processes.into_iter().map(Process::kill).collect();
    for calls in &calls {
        calls.assert_all_succeeded();
        assert!(calls.0.len() > 1);
    }
    let next = fleet.process(&redis.url(), 1, 1).finish();
    assert_eq!(next.sources().collect::<Vec<_>>(), ["cache"]);
}

#[test]
fn e01_with_redis_down_every_call_gets_a_token_with_at_most_one_request() {
    let fleet = Fleet::new();
    let redis = Redis::down().unwrap();
    let processes: Vec<_> = (0..3).map(|_| fleet.process(&redis.url(), 10, 30)).collect();
    for process in processes {
        let calls = process.finish();
        calls.assert_all_succeeded();
        assert_eq!(calls.0.len(), 30);
    }
    assert!(fleet.world.token_requests() <= 90, "{}", fleet.world.token_requests());
}

#[tokio::test(flavor = "multi_thread")]
async fn f07_a_host_without_the_private_ca_fails_no_call_of_a_healthy_host() {
    let fleet = Fleet::new();
    let world = &fleet.world;
    // A token is served for half of its lifetime: the healthy host misses about once a second.
    world.emulator.set_token_lifetime(Some(2));
    let address = world.emulator.https_address();
    let without_ca = Network::builder().resolve(format!("login.microsoftonline.com:443:{address}"));
    let open = || store::open(&fleet.sqlite()).unwrap();
    let faulty = world.host.with_store(open()).with_network(without_ca.build().unwrap());
    let healthy = world.host.with_store(open());

    let (application, request) = (world.application(), world.request());
    let failures = {
        let (application, request) = (application.clone(), request.clone());
        let failures = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&failures);
        tokio::spawn(async move {
            loop {
                let result = faulty.acquire_token_for_client(&application, &request).await;
                counted.fetch_add(usize::from(result.unwrap().is_err()), Ordering::Relaxed);
            }
        });
        failures
    };
    for call in 0..20 {
        let started = Instant::now();
        let result = healthy.acquire_token_for_client(&application, &request).await.unwrap();
        result.unwrap_or_else(|error| panic!("call {call}: {error:?}"));
        // At worst, a caller waits for its turn after a leader that has just ended.
        assert!(started.elapsed() < Duration::from_secs(6), "call {call}: {:?}", started.elapsed());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(failures.load(Ordering::Relaxed) > 0, "the faulty host is really faulty");
    assert!(world.token_requests() > 1, "{} misses", world.token_requests());
}

/// An emulator that several processes use.
struct Fleet {
    world: World,
    folder: TempDir,
    processes: AtomicUsize,
}

impl Fleet {
    fn new() -> Self {
        let world = World::new();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ca.pem"), world.emulator.ca_certificate_pem()).unwrap();
        fs::write(folder.path().join("secret"), demo::client_secret()).unwrap();
        Self { world, folder, processes: AtomicUsize::new(0) }
    }

    fn sqlite(&self) -> String {
        format!("sqlite:{}", self.folder.path().join("tokens.db").display())
    }

    /// A host process that makes `count` calls in fresh instances, `concurrency` at a time.
    fn process(&self, store: &str, concurrency: usize, count: usize) -> Process {
        let number = self.processes.fetch_add(1, Ordering::Relaxed);
        let output = self.folder.path().join(format!("calls-{number}"));
        let address = self.world.emulator.https_address();
        let process = command_line()
            .args(["acquire", "--output", "json", "--store", store])
            .args(["--count", &count.to_string(), "--concurrency", &concurrency.to_string()])
            .args(["--authority", demo::TENANT])
            .args(["--resolve", &format!("login.microsoftonline.com:443:{address}")])
            .args(["--client-id", demo::CLIENT_ID, "--scope", demo::API_SCOPE])
            .args(["--client-secret-file", "secret", "--ca-certificate", "ca.pem"])
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(File::create(&output).unwrap())
            .spawn()
            .unwrap();
        Process { process, output }
    }

    /// Makes `count` concurrent calls in this process.
    async fn acquire_side_by_side(&self, store: &str, count: usize) -> Vec<AuthenticationResult> {
        let host = self.world.host.with_store(store::open(store).unwrap());
        let arguments = Arc::new((self.world.application(), self.world.request()));
        let calls: Vec<_> = (0..count)
            .map(|_| {
                let (host, arguments) = (host.clone(), Arc::clone(&arguments));
                tokio::spawn(async move {
                    let (application, request) = &*arguments;
                    host.acquire_token_for_client(application, request).await.unwrap().unwrap()
                })
            })
            .collect();
        let mut results = Vec::new();
        for call in calls {
            results.push(call.await.unwrap());
        }
        results
    }

    fn answer_slowly(&self, delay: Duration) {
        let answer = Scripted::normal().delay_before_headers(delay);
        self.world.emulator.script_any(vec![answer; 1_000]);
    }

    /// Processes take a second or more to start, and so does the first token, so most of them miss.
    fn assert_one_token_request_in_a_window(&self, store: &str) {
        self.answer_slowly(Duration::from_secs(2));
        let processes: Vec<_> = (0..4).map(|_| self.process(store, 25, 50)).collect();
        for process in processes {
            let calls = process.finish();
            calls.assert_all_succeeded();
            assert_eq!(calls.0.len(), 50);
        }
        // A window of the ticket counter may have ended in between.
        assert!(self.world.token_requests() <= 2, "{}", self.world.token_requests());
    }

    async fn assert_a_killed_process_is_replaced(&self, store: &str) {
        self.world.emulator.script_any(vec![Scripted::hang()]);
        let asking = self.process(store, 1, 1);
        self.wait_for_requests(1);
        let started = Instant::now();
        let (results, ()) = tokio::join!(self.acquire_side_by_side(store, 40), async {
            asking.kill();
        });
        assert!(started.elapsed() < TAKE_OVER, "{:?}", started.elapsed());
        assert_eq!(results.len(), 40);
        // The killed process, the next one, and one more if a window of the ticket counter has ended in between.
        assert!(self.world.token_requests() <= 3, "{}", self.world.token_requests());
    }

    fn wait_for_requests(&self, count: usize) {
        assert!(self.world.emulator.wait_for_requests(count, PATIENCE), "{count} token requests");
    }

    /// Waits for this number of token requests that are at least this far apart.
    fn wait_for_requests_in_distance(&self, count: usize, distance: Duration) -> bool {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            let times = self.request_times();
            let distant = times.windows(2).filter(|pair| pair[1] - pair[0] >= distance).count();
            if distant + 1 >= count {
                return true;
            }
            thread::sleep(Duration::from_millis(50));
        }
        false
    }

    /// Waits until there has been no token request for a while: the store then has a token.
    fn wait_until_requests_end(&self) {
        let started = Instant::now();
        let mut last = (self.world.token_requests(), Instant::now());
        while last.1.elapsed() < Duration::from_secs(2) {
            assert!(started.elapsed() < PATIENCE, "token requests do not end");
            thread::sleep(Duration::from_millis(50));
            let requests = self.world.token_requests();
            if requests != last.0 {
                last = (requests, Instant::now());
            }
        }
    }

    fn request_times(&self) -> Vec<Duration> {
        let requests = self.world.emulator.token_requests();
        requests.iter().map(|request| Duration::from_nanos(request.arrival_ns)).collect()
    }
}

/// A host process that makes calls. Killed when dropped.
struct Process {
    process: Child,
    output: PathBuf,
}

impl Process {
    /// Waits until it ends, and returns its calls.
    fn finish(mut self) -> Calls {
        let status = self.process.wait().unwrap();
        let calls = self.calls();
        assert!(status.success(), "{:?}", calls.0);
        calls
    }

    /// Kills it with SIGKILL.
    fn kill(mut self) -> Calls {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.calls()
    }

    fn calls(&self) -> Calls {
        let text = fs::read_to_string(&self.output).unwrap();
        // The last line of a killed process may be incomplete.
        let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        Calls(lines.filter(|line| line["summary"].is_null()).collect())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The completed calls of a process.
struct Calls(Vec<Value>);

impl Calls {
    fn assert_all_succeeded(&self) {
        for call in &self.0 {
            assert!(call["error"].is_null(), "{call}");
        }
    }

    fn sources(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|call| call["result"]["metadata"]["token_source"].as_str().unwrap())
    }
}

/// A token that is served for five minutes and has its refresh time after a second.
fn refreshable_token() -> Scripted {
    let body = json!({"token_type": "Bearer", "expires_in": 600, "refresh_in": 1, "access_token": "token"});
    Scripted::json(200, body)
}

/// A takeover step is 2.5 s; the rest is an allowance for a slow machine.
const TAKE_OVER: Duration = Duration::from_secs(8);

/// A time limit for events that never happen if something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);
