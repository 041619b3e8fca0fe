//! Runs one scenario: a store, an authority, and host processes that start at the same moment.

use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use std::time::SystemTime;

use msal_artifact::Artifact;
use msal_emulator::Emulator;
use msal_host_tests::BlackHole;
use msal_host_tests::Redis;
use tempfile::TempDir;
use tokio::io::AsyncBufReadExt;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::io::BufReader;
use tokio::process::Child;
use tokio::process::ChildStdin;
use tokio::process::ChildStdout;
use tokio::process::Command;

use crate::call::Call;
use crate::call::unix_us;
use crate::scenario::Authority;
use crate::scenario::CALLERS;
use crate::scenario::LATENCY;
use crate::scenario::PROCESSES;
use crate::scenario::Scenario;
use crate::scenario::StoreKind;
use crate::scenario::TOKEN_LIFETIME_SECONDS;
use crate::worker;
use crate::worker::Orders;

/// The result of a scenario.
pub(super) struct Run {
    /// The start, in microseconds since 1970.
    pub(super) start_us: u64,
    pub(super) calls: Vec<Call>,
    /// When each token request arrived, measured from the start and in order of arrival.
    pub(super) token_requests: Vec<Duration>,
}

pub(super) async fn run(scenario: &Scenario) -> Result<Run, Box<dyn Error>> {
    let emulator = Emulator::builder().token_lifetime(Some(TOKEN_LIFETIME_SECONDS)).start()?;
    let emulator_started = SystemTime::now();
    let black_hole = BlackHole::open().await?;
    let authority = match &scenario.authority {
        Authority::Issues(answer) | Authority::Fails(answer) => {
            emulator.script_any(vec![answer.clone().delay_before_headers(LATENCY); MANY]);
            emulator.https_address()
        }
        Authority::Unreachable => black_hole.address()?,
    };
    let folder = tempfile::tempdir()?;
    let mut redis = Redis::down()?;
    if matches!(scenario.store, StoreKind::Redis | StoreKind::RedisRestarted { .. }) {
        redis.restart()?;
    }

    let orders = Orders {
        store: store(scenario, &redis, &folder),
        authority_address: authority.to_string(),
        ca_certificate: emulator.ca_certificate_pem().to_owned(),
        component: component()?,
        is_single_flight: scenario.is_single_flight,
        before: scenario.before,
        callers: 0..CALLERS,
        pause: scenario.pause.clone(),
        duration: scenario.duration,
    };
    let mut workers = Vec::new();
    for number in 0..PROCESSES {
        let callers = number * CALLERS..(number + 1) * CALLERS;
        workers.push(Worker::start(&Orders { callers, ..orders.clone() }).await?);
    }
    for worker in &mut workers {
        worker.wait_until_ready().await?;
    }
    emulator.clear_requests();
    let start = SystemTime::now() + Duration::from_secs(1);
    for worker in &mut workers {
        worker.say(&unix_us(start).to_string()).await?;
    }
    let outputs: Vec<_> = workers.into_iter().map(|it| tokio::spawn(it.finish())).collect();
    if let StoreKind::RedisRestarted { killed, started } = scenario.store {
        sleep_until(start + killed).await;
        redis.stop();
        sleep_until(start + started).await;
        redis.restart()?;
    }
    let mut calls = Vec::new();
    for output in outputs {
        let output = output.await?.map_err(|error| error.to_string())?;
        for line in output.lines() {
            calls.push(serde_json::from_str(line)?);
        }
    }
    let lead = start.duration_since(emulator_started)?;
    let arrival = |ns| Duration::from_nanos(ns).saturating_sub(lead);
    let requests = emulator.token_requests();
    let token_requests = requests.iter().map(|request| arrival(request.arrival_ns)).collect();
    Ok(Run { start_us: unix_us(start), calls, token_requests })
}

/// The file of the component.
fn component() -> Result<PathBuf, Box<dyn Error>> {
    match crate::value_of("--component") {
        Some(file) => Ok(file.into()),
        None => Ok(msal_artifact::build(Artifact::ComponentDraft2)?),
    }
}

fn store(scenario: &Scenario, redis: &Redis, folder: &TempDir) -> String {
    match scenario.store {
        StoreKind::Redis | StoreKind::RedisRestarted { .. } | StoreKind::RedisDown => redis.url(),
        StoreKind::Sqlite => format!("sqlite:{}", folder.path().join("tokens.db").display()),
    }
}

async fn sleep_until(time: SystemTime) {
    tokio::time::sleep(time.duration_since(SystemTime::now()).unwrap_or_default()).await;
}

/// More answers than any scenario needs.
const MANY: usize = 50_000;

/// Another process of this program, as a host process. It is killed when dropped.
struct Worker {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Worker {
    async fn start(orders: &Orders) -> Result<Self, Box<dyn Error>> {
        let mut process = Command::new(env::current_exe()?)
            .arg(worker::ARGUMENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let input = process.stdin.take().ok_or("a worker has no input")?;
        let output = BufReader::new(process.stdout.take().ok_or("a worker has no output")?);
        let mut worker = Self { process, input, output };
        worker.say(&serde_json::to_string(orders)?).await?;
        Ok(worker)
    }

    async fn say(&mut self, line: &str) -> Result<(), Box<dyn Error>> {
        self.input.write_all(format!("{line}\n").as_bytes()).await?;
        Ok(self.input.flush().await?)
    }

    async fn wait_until_ready(&mut self) -> Result<(), Box<dyn Error>> {
        let mut line = String::new();
        self.output.read_line(&mut line).await?;
        if line.trim() == worker::READY { Ok(()) } else { Err("a worker did not start".into()) }
    }

    async fn finish(mut self) -> std::io::Result<String> {
        let mut output = String::new();
        self.output.read_to_string(&mut output).await?;
        let status = self.process.wait().await?;
        if status.success() { Ok(output) } else { Err(std::io::Error::other("a worker failed")) }
    }
}
