//! A host process with its callers.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use msal_emulator::demo;
use msal_host::Host;
use msal_host::HostError;
use msal_host::Network;
use msal_host::ReusedInstance;
use msal_host::contract::AcquireError;
use msal_host::contract::Application;
use msal_host::contract::AuthenticationResult;
use msal_host::contract::RequestOption;
use msal_host::contract::TokenRequest;
use msal_host::contract::TokenSource;
use msal_host::store;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use crate::applications;
use crate::episodes::now_us;
use crate::failure::Failure;
use crate::memory;

/// Makes a process a worker: it reads its [`Orders`] from standard input, prints [`Message`]s, and ends when its input
/// does.
pub(super) const ARGUMENT: &str = "--worker";

/// The deadline of each call.
pub(super) const DEADLINE: Duration = Duration::from_secs(3);

/// The instructions for a worker.
#[derive(Clone, Deserialize, Serialize)]
pub(super) struct Orders {
    pub(super) store: String,
    pub(super) authority_address: String,
    pub(super) ca_certificate: String,
    pub(super) component: PathBuf,
}

/// What a worker reports.
#[derive(Debug, Deserialize, Serialize)]
pub(super) enum Message {
    Sample(Sample),
    Failed(Failure),
}

/// What a worker has done so far.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
pub(super) struct Sample {
    pub(super) at_us: u64,
    pub(super) calls: u64,
    pub(super) hits: u64,
    pub(super) rss_kib: u64,
}

pub(super) async fn work() -> Result<(), Box<dyn Error>> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    let host = host(&serde_json::from_str(&line)?)?;
    let counts = Arc::new(Counts::default());
    let callers: Vec<_> = (0..CALLERS)
        .map(|number| tokio::spawn(call_until_stopped(number, host.clone(), Arc::clone(&counts))))
        .collect();
    let stop = Arc::clone(&counts);
    tokio::task::spawn_blocking(move || {
        // Whether it ends or fails, nothing is left to wait for.
        let _ = std::io::stdin().read_line(&mut String::new());
        stop.is_stopped.store(true, Ordering::Relaxed);
    });
    while !counts.is_stopped.load(Ordering::Relaxed) {
        tokio::time::sleep(SAMPLE_PAUSE).await;
        report(&Message::Sample(counts.sample()?))?;
    }
    for caller in callers {
        caller.await?.map_err(|error| error.to_string())?;
    }
    report(&Message::Sample(counts.sample()?))
}

#[derive(Default)]
struct Counts {
    calls: AtomicU64,
    hits: AtomicU64,
    is_stopped: AtomicBool,
}

impl Counts {
    fn sample(&self) -> Result<Sample, Box<dyn Error>> {
        Ok(Sample {
            at_us: now_us(),
            calls: self.calls.load(Ordering::Relaxed),
            hits: self.hits.load(Ordering::Relaxed),
            rss_kib: memory::rss_kib()?,
        })
    }
}

/// Makes the calls of one caller, one after another. Every second caller keeps an instance for some time, and the others
/// use a fresh one for each call.
async fn call_until_stopped(
    number: usize,
    host: Host,
    counts: Arc<Counts>,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let applications: Vec<_> = (0..applications::COUNT).map(applications::described).collect();
    let deadline = u32::try_from(DEADLINE.as_millis())?;
    let usual = TokenRequest::new(demo::API_SCOPE).with(RequestOption::DeadlineMs(deadline));
    let forced = usual.clone().with(RequestOption::ForceRefresh);
    let mut caller = Caller { keeps_instance: number % 2 == 1, host, instance: None };
    // Callers start at different applications.
    for call in number.. {
        if counts.is_stopped.load(Ordering::Relaxed) {
            break;
        }
        let application = &applications[call % applications.len()];
        let request = if call % FORCED_EVERY == 0 { &forced } else { &usual };
        let started = now_us();
        let outcome = caller.acquire(application, request, call).await;
        let times = (started, now_us());
        counts.calls.fetch_add(1, Ordering::Relaxed);
        let id = &application.client_id;
        let failure = match &outcome {
            Ok(Ok(result)) => {
                let is_hit = result.metadata.token_source == TokenSource::Cache;
                counts.hits.fetch_add(is_hit.into(), Ordering::Relaxed);
                wrong(result, application).map(|reason| Failure::of_token(reason, id, times))
            }
            Ok(Err(error)) => Some(Failure::of_call(error, id, times)),
            Err(error) => Some(Failure::of_host(error, id, times)),
        };
        if let Some(failure) = failure {
            report(&Message::Failed(failure)).map_err(|error| error.to_string())?;
            // A remembered failure is returned as fast as a hit. Most calls of a soak should be hits.
            tokio::time::sleep(PAUSE_AFTER_FAILURE).await;
        }
    }
    Ok(())
}

struct Caller {
    keeps_instance: bool,
    host: Host,
    instance: Option<ReusedInstance>,
}

impl Caller {
    async fn acquire(
        &mut self,
        application: &Application,
        request: &TokenRequest,
        call: usize,
    ) -> Result<Result<AuthenticationResult, AcquireError>, HostError> {
        if !self.keeps_instance {
            return self.host.acquire_token_for_client(application, request).await;
        }
        if call % CALLS_PER_INSTANCE < 2 {
            self.instance = None;
        }
        let mut instance = match self.instance.take() {
            Some(instance) => instance,
            None => self.host.instance().await?,
        };
        // It cannot be used after an error of the host.
        let outcome = instance.acquire_token_for_client(application, request).await?;
        self.instance = Some(instance);
        Ok(outcome)
    }
}

/// What is wrong with a returned token.
fn wrong(result: &AuthenticationResult, application: &Application) -> Option<String> {
    if result.expires_on.saturating_mul(1_000_000) <= now_us() {
        return Some("the token has expired".to_owned());
    }
    let payload = result.access_token.split('.').nth(1).unwrap_or_default();
    let claims = URL_SAFE_NO_PAD.decode(payload).unwrap_or_default();
    let claims: Value = serde_json::from_slice(&claims).unwrap_or_default();
    let is_own = claims["azp"] == application.client_id.as_str();
    (!is_own).then(|| format!("the token is for the client {}", claims["azp"]))
}

fn host(orders: &Orders) -> Result<Host, Box<dyn Error>> {
    let network = Network::builder()
        .ca_certificate_pem(&orders.ca_certificate)
        .resolve(format!("login.microsoftonline.com:443:{}", orders.authority_address))
        .build()?;
    let host = Host::builder()
        .component(std::fs::read(&orders.component)?)
        .store(store::open(&orders.store).map_err(|error| error.to_string())?)
        .network(network)
        .build()?;
    Ok(host)
}

fn report(message: &Message) -> Result<(), Box<dyn Error>> {
    println!("{}", serde_json::to_string(message)?);
    Ok(())
}

/// Callers in each process.
const CALLERS: usize = 4;

/// Every so many calls, a caller does not want the cached token.
const FORCED_EVERY: usize = 499;

/// How many calls a kept instance answers.
const CALLS_PER_INSTANCE: usize = 1_000;

const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(50);

const SAMPLE_PAUSE: Duration = Duration::from_millis(500);
