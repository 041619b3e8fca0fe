//! The cost of a call: hits and misses, fresh and reused instances, pooling and on-demand allocation, small and large
//! stores. The output is the median of each case and its ratio to the first one; `docs/benchmarks.md` explains them.
//!
//! Run `cargo bench -p msal-benches --bench calls`. After `--`, `--quick` omits the store with a million entries,
//! `--fuel` measures only fuel and memory, and `--component FILE` another build of the component.

use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use bytes::Bytes;
use http::Request;
use http::Response;
use msal_artifact::Artifact;
use msal_emulator::Emulator;
use msal_emulator::demo;
use msal_host::Host;
use msal_host::HostBuilder;
use msal_host::Network;
use msal_host::contract::Application;
use msal_host::contract::Certificate;
use msal_host::contract::CertificateOption;
use msal_host::contract::CertificateSource;
use msal_host::contract::Credential;
use msal_host::contract::RequestOption;
use msal_host::contract::SigningAlgorithm;
use msal_host::contract::TokenRequest;
use msal_host::store::MemoryStore;
use msal_host::store::Store;
use msal_host_tests::built;

fn main() {
    // Cargo passes `--bench`; as part of `cargo test` there is nothing to check here.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let is_quick = std::env::args().any(|argument| argument == "--quick");
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(measure(is_quick));
}

async fn measure(is_quick: bool) {
    if std::env::args().any(|argument| argument == "--fuel") {
        return fuel_and_memory().await;
    }
    let mut report = Report::default();
    let pooling = host(|builder| builder);
    let on_demand = host(|builder| builder.pooling(false));

    report.add("hit, fresh instance, pooling", hit(&pooling).await);
    report.add("hit, fresh instance, on demand", hit(&on_demand).await);
    report.add("hit, reused instance", reused_hit(&pooling).await);
    report.add("refused input, fresh instance, pooling", refused(&pooling).await);
    report.add("fresh instance alone, pooling", instance(&pooling).await);
    report.add("fresh instance alone, on demand", instance(&on_demand).await);

    report.add("miss, secret, network a function", miss(&pooling, secret(), 2_000).await);
    report.add("miss, RSA-2048 PS256, network a function", miss(&pooling, rsa(None), 200).await);
    report.add(
        "miss, RSA-2048 RS256, network a function",
        miss(&pooling, rsa(Some(SigningAlgorithm::Rs256)), 200).await,
    );
    against_the_emulator(&mut report, &pooling).await;

    let sizes: &[usize] =
        if is_quick { &[1, 1_000, 100_000] } else { &[1, 1_000, 100_000, 1_000_000] };
    let store = Arc::new(MemoryStore::new());
    let filled = pooling.with_store(Arc::<MemoryStore>::clone(&store));
    for &size in sizes {
        fill(&store, size).await;
        report.add(&format!("hit, fresh instance, {size} entries"), hit(&filled).await);
    }
    report.print();
    fuel_and_memory().await;
}

/// A host whose network answers at once with a token of typical length.
fn host(set_up: impl FnOnce(HostBuilder) -> HostBuilder) -> Host {
    let file = std::env::args().skip_while(|argument| argument != "--component").nth(1);
    let component = match file {
        Some(file) => std::fs::read(file).expect("the component's file can be read"),
        None => built(Artifact::ComponentDraft2).to_vec(),
    };
    let builder = Host::builder().component(component).network(Network::function(token_answer));
    set_up(builder).build().expect("the component compiles")
}

fn token_answer(_request: &Request<Bytes>) -> Response<Bytes> {
    let token = "x".repeat(TOKEN_LENGTH);
    let body = format!(
        r#"{{"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,"access_token":"{token}"}}"#
    );
    Response::builder()
        .header("content-type", "application/json; charset=utf-8")
        .body(Bytes::from(body))
        .expect("a response")
}

async fn hit(host: &Host) -> Duration {
    let (application, request) = (application(secret()), request(false));
    call(host, &application, &request).await;
    median(5_000, async || {
        let started = Instant::now();
        call(host, &application, &request).await;
        started.elapsed()
    })
    .await
}

async fn reused_hit(host: &Host) -> Duration {
    let (application, request) = (application(secret()), request(false));
    let mut instance = host.instance().await.expect("an instance");
    median(5_000, async || {
        let started = Instant::now();
        let result = instance.acquire_token_for_client(&application, &request).await;
        let elapsed = started.elapsed();
        result.expect("the host works").expect("a token");
        elapsed
    })
    .await
}

/// A call that the component refuses at once: the cost of calling and returning.
async fn refused(host: &Host) -> Duration {
    let (application, request) = (application(secret()), TokenRequest::new("not a scope"));
    median(5_000, async || {
        let started = Instant::now();
        let result = host.acquire_token_for_client(&application, &request).await;
        let elapsed = started.elapsed();
        result.expect("the host works").expect_err("the scope is refused");
        elapsed
    })
    .await
}

async fn instance(host: &Host) -> Duration {
    median(5_000, async || {
        let started = Instant::now();
        drop(host.instance().await.expect("an instance"));
        started.elapsed()
    })
    .await
}

async fn miss(host: &Host, credential: Credential, samples: usize) -> Duration {
    let (application, request) = (application(credential), request(true));
    median(samples, async || {
        let started = Instant::now();
        call(host, &application, &request).await;
        started.elapsed()
    })
    .await
}

async fn against_the_emulator(report: &mut Report, host: &Host) {
    let emulator = Emulator::start().expect("the emulator starts");
    emulator.register_certificate(demo::CLIENT_ID, CERTIFICATE).expect("a certificate");
    let address = emulator.https_address();
    let network = Network::builder()
        .ca_certificate_pem(emulator.ca_certificate_pem())
        .resolve(format!("login.microsoftonline.com:443:{address}"))
        .build()
        .expect("a network");
    let host = host.with_network(network);
    report.add("miss, secret, emulator over https", miss(&host, secret(), 300).await);
    report.add("miss, RSA-2048 PS256, emulator over https", miss(&host, rsa(None), 100).await);
}

async fn fuel_and_memory() {
    let store = Arc::new(MemoryStore::new());
    let metered = host(|builder| builder.fuel(Some(u64::MAX / 2)).store(store));
    println!("\n{:<48} {:>14} {:>12}", "one call in a fresh instance", "fuel", "memory");
    for (name, credential, is_forced) in [
        ("miss, secret", secret(), true),
        ("hit, secret", secret(), false),
        ("miss, RSA-2048 PS256", rsa(None), true),
        ("hit, RSA-2048 PS256", rsa(None), false),
    ] {
        let mut instance = metered.instance().await.expect("an instance");
        let result =
            instance.acquire_token_for_client(&application(credential), &request(is_forced)).await;
        result.expect("the host works").expect("a token");
        let statistics = instance.statistics();
        println!("{name:<48} {:>14} {:>8} KiB", statistics.fuel, statistics.peak_memory >> 10);
    }
}

async fn call(host: &Host, application: &Application, request: &TokenRequest) {
    let result = host.acquire_token_for_client(application, request).await;
    result.expect("the host works").expect("a token");
}

/// Fills the store with entries like the component's: names of 56 characters, values of the size of a typical token.
async fn fill(store: &MemoryStore, size: usize) {
    for number in store.len()..size.saturating_sub(1) {
        let key = format!("mt2-{number:052}");
        store.set("default", &key, vec![7; 1_589]).await.expect("the store accepts it");
    }
}

async fn median(samples: usize, mut sample: impl AsyncFnMut() -> Duration) -> Duration {
    for _ in 0..samples / 10 {
        sample().await;
    }
    let mut durations = Vec::with_capacity(samples);
    for _ in 0..samples {
        durations.push(sample().await);
    }
    durations.sort_unstable();
    durations[samples / 2]
}

#[derive(Default)]
struct Report(Vec<(String, Duration)>);

impl Report {
    fn add(&mut self, name: &str, median: Duration) {
        eprintln!("measured: {name}");
        self.0.push((name.to_owned(), median));
    }

    fn print(&self) {
        let first = self.0.first().map_or(1.0, |(_, median)| median.as_secs_f64());
        println!("\n{:<48} {:>12} {:>8}", "median of one call", "µs", "ratio");
        for (name, median) in &self.0 {
            let ratio = median.as_secs_f64() / first;
            println!("{name:<48} {:>12.1} {ratio:>8.2}", median.as_secs_f64() * 1e6);
        }
    }
}

fn application(credential: Credential) -> Application {
    Application {
        client_id: demo::CLIENT_ID.to_owned(),
        authority: demo::TENANT.to_owned(),
        credentials: vec![credential],
        options: Vec::new(),
    }
}

fn request(force_refresh: bool) -> TokenRequest {
    let mut request = TokenRequest::new(demo::API_SCOPE);
    if force_refresh {
        request.options.push(RequestOption::ForceRefresh);
    }
    request
}

fn secret() -> Credential {
    Credential::Secret(demo::client_secret().to_owned())
}

fn rsa(algorithm: Option<SigningAlgorithm>) -> Credential {
    let mut certificate = Certificate::new(CertificateSource::Pem(KEY.to_owned()));
    certificate.options.extend(algorithm.map(CertificateOption::Algorithm));
    Credential::Certificate(certificate)
}

const TOKEN_LENGTH: usize = 1_384;
const KEY: &str = include_str!("../../tests/keys/rsa2048.pem");
const CERTIFICATE: &[u8] = include_bytes!("../../tests/keys/rsa2048.certificate.der");
