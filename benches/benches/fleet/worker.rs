//! A host process with its callers.

use std::error::Error;
use std::io::BufWriter;
use std::io::Write;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use msal_emulator::demo;
use msal_host::Host;
use msal_host::Network;
use msal_host::contract::Application;
use msal_host::contract::Credential;
use msal_host::contract::RequestOption;
use msal_host::contract::TokenRequest;
use msal_host::store;
use serde::Deserialize;
use serde::Serialize;

use crate::call::Call;
use crate::scenario::Before;

/// Makes a process a worker: it reads its [`Orders`] from standard input, prints [`READY`], reads the start time in
/// microseconds since 1970, and writes its calls at the end.
pub(super) const ARGUMENT: &str = "--worker";

/// Printed by a worker when it has compiled the component.
pub(super) const READY: &str = "ready";

/// The instructions for a worker.
#[derive(Clone, Deserialize, Serialize)]
pub(super) struct Orders {
    pub(super) store: String,
    pub(super) authority_address: String,
    pub(super) ca_certificate: String,
    pub(super) component: PathBuf,
    pub(super) is_single_flight: bool,
    pub(super) before: Before,
    pub(super) callers: Range<usize>,
    pub(super) pause: Range<Duration>,
    pub(super) duration: Duration,
}

pub(super) async fn work() -> Result<(), Box<dyn Error>> {
    let orders: Orders = serde_json::from_str(&read_line()?)?;
    let host = host(&orders)?;
    match orders.before {
        Before::Nothing => (),
        Before::AnotherToken => warm_up(&host, &orders, demo::OTHER_API_SCOPE).await?,
        Before::TheToken => warm_up(&host, &orders, demo::API_SCOPE).await?,
    }
    println!("{READY}");
    let start = UNIX_EPOCH + Duration::from_micros(read_line()?.trim().parse()?);

    let end = start + orders.duration;
    let arguments = Arc::new((application(), request(demo::API_SCOPE, orders.is_single_flight)));
    let callers: Vec<_> = orders
        .callers
        .clone()
        .map(|number| {
            let (host, arguments) = (host.clone(), Arc::clone(&arguments));
            tokio::spawn(call_until(
                end,
                start,
                pauses(number, orders.pause.clone()),
                host,
                arguments,
            ))
        })
        .collect();
    let mut output = BufWriter::new(std::io::stdout());
    for caller in callers {
        for call in caller.await? {
            serde_json::to_writer(&mut output, &call)?;
            output.write_all(b"\n")?;
        }
    }
    Ok(output.flush()?)
}

/// Makes the calls of one caller, one after another.
async fn call_until(
    end: SystemTime,
    start: SystemTime,
    mut pauses: impl Iterator<Item = Duration>,
    host: Host,
    arguments: Arc<(Application, TokenRequest)>,
) -> Vec<Call> {
    let (application, request) = &*arguments;
    let mut calls = Vec::new();
    tokio::time::sleep(start.duration_since(SystemTime::now()).unwrap_or_default()).await;
    while SystemTime::now() < end {
        let (started, clock) = (SystemTime::now(), Instant::now());
        let outcome = host.acquire_token_for_client(application, request).await;
        calls.push(Call::of(started, clock.elapsed(), outcome));
        tokio::time::sleep(pauses.next().unwrap_or_default()).await;
    }
    calls
}

/// Makes one call for every caller.
async fn warm_up(host: &Host, orders: &Orders, scope: &str) -> Result<(), Box<dyn Error>> {
    let arguments = Arc::new((application(), request(scope, orders.is_single_flight)));
    let calls: Vec<_> = orders
        .callers
        .clone()
        .map(|_| {
            let (host, arguments) = (host.clone(), Arc::clone(&arguments));
            tokio::spawn(async move {
                let (application, request) = &*arguments;
                host.acquire_token_for_client(application, request).await
            })
        })
        .collect();
    for call in calls {
        call.await??.map_err(|error| format!("{:?}", error.cause))?;
    }
    Ok(())
}

/// Pauses that are spread over the range, different for each caller and equal in every run.
fn pauses(caller: usize, range: Range<Duration>) -> impl Iterator<Item = Duration> {
    let spread = range.end.saturating_sub(range.start);
    let mut place = caller as f64 * 0.754_877_666;
    std::iter::repeat_with(move || {
        place = (place + 0.618_033_989).fract();
        range.start + spread.mul_f64(place)
    })
}

fn host(orders: &Orders) -> Result<Host, Box<dyn Error>> {
    let network = Network::builder()
        .ca_certificate_pem(&orders.ca_certificate)
        .resolve(format!("login.microsoftonline.com:443:{}", orders.authority_address))
        .build()?;
    let instances = u32::try_from(orders.callers.len())?;
    let host = Host::builder()
        .component(std::fs::read(&orders.component)?)
        .store(store::open(&orders.store).map_err(|error| error.to_string())?)
        .network(network)
        .max_instances(instances)
        .build()?;
    Ok(host)
}

fn application() -> Application {
    Application {
        client_id: demo::CLIENT_ID.to_owned(),
        authority: demo::TENANT.to_owned(),
        credentials: vec![Credential::Secret(demo::client_secret().to_owned())],
        options: Vec::new(),
    }
}

fn request(scope: &str, is_single_flight: bool) -> TokenRequest {
    let mut request = TokenRequest::new(scope);
    if !is_single_flight {
        request.options.push(RequestOption::MaxWaitMs(0));
    }
    request
}

fn read_line() -> Result<String, Box<dyn Error>> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(line)
}
