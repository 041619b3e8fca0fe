//! The size of each artifact and the time of a hit in it, and what each composition adds. All in one run, as the Markdown
//! tables of `docs/benchmarks.md`.
//!
//! Run `cargo bench -p msal-benches --bench compositions`.

mod served;

use std::time::Duration;
use std::time::Instant;

use bytes::Bytes;
use http::Request;
use http::Response;
use msal_artifact::Artifact;
use msal_composition::compose;
use msal_emulator::demo;
use msal_host::Configuration;
use msal_host::Host;
use msal_host::HostBuilder;
use msal_host::Network;
use msal_host::ReusedInstance;
use msal_host::contract::Application;
use msal_host::contract::Credential;
use msal_host::contract::TokenRequest;
use msal_host_tests::built;

fn main() {
    // Cargo passes `--bench`; as part of `cargo test` there is nothing to check here.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        artifacts().await;
        served::print().await;
    });
}

async fn artifacts() {
    println!(
        "| artifact | bytes | fresh instance alone, µs | hit, fresh, µs | hit, reused, µs | hit, reused, fuel |"
    );
    println!("| --- | --- | --- | --- | --- | --- |");
    for parts in PARTS {
        let component = composed(parts);
        let host = host(&component, parts[0], |builder| builder);
        // As in a host that runs, where the pages that a call touches are mapped.
        call(&mut host.instance().await.expect("an instance"), parts[0]).await;
        let instance = least_median(async || {
            drop(host.instance().await.expect("an instance"));
        });
        let instance = instance.await;
        // The memory of one instance is not that of the next, so there is no hit in a fresh one.
        let fresh = match parts.contains(&Artifact::ComponentMemory) {
            true => "–".to_owned(),
            false => {
                let hit = least_median(async || {
                    call(&mut host.instance().await.expect("an instance"), parts[0]).await;
                });
                microseconds(hit.await)
            }
        };
        let mut kept = host.instance().await.expect("an instance");
        let reused = least_median(async || call(&mut kept, parts[0]).await).await;
        println!(
            "| {} | {} | {} | {fresh} | {} | {} |",
            name(parts),
            component.len(),
            microseconds(instance),
            microseconds(reused),
            fuel(&component, parts[0]).await
        );
    }
}

/// The fuel of the second call in an instance, which is a hit.
async fn fuel(component: &[u8], outermost: Artifact) -> u64 {
    let metered = host(component, outermost, |builder| builder.fuel(Some(u64::MAX / 2)));
    let mut instance = metered.instance().await.expect("an instance");
    call(&mut instance, outermost).await;
    let before = instance.statistics().fuel;
    call(&mut instance, outermost).await;
    instance.statistics().fuel - before
}

/// A call for a token of the demo application, by the interface that the outermost part exports.
async fn call(instance: &mut ReusedInstance, outermost: Artifact) {
    if is_configured(outermost) {
        let token = instance.get_token(demo::API_SCOPE, None).await;
        token.expect("the host works").expect("a token");
        return;
    }
    let application = Application {
        client_id: demo::CLIENT_ID.to_owned(),
        authority: demo::TENANT.to_owned(),
        credentials: vec![Credential::Secret(demo::client_secret().to_owned())],
        options: Vec::new(),
    };
    let request = TokenRequest::new(demo::API_SCOPE);
    let token = instance.acquire_token_for_client(&application, &request).await;
    token.expect("the host works").expect("a token");
}

fn host(
    component: &[u8],
    outermost: Artifact,
    set_up: impl FnOnce(HostBuilder) -> HostBuilder,
) -> Host {
    let builder = Host::builder().component(component.to_vec()).network(network());
    let builder = match outermost {
        Artifact::ConfiguredByEnvironment => variables()
            .into_iter()
            .fold(builder, |host, (name, value)| host.variable(name.to_ascii_uppercase(), value)),
        _ => builder.configuration(configuration()),
    };
    set_up(builder).build().expect("the component compiles")
}

/// A network that answers at once with a token of typical length.
fn network() -> Network {
    Network::function(|_: &Request<Bytes>| {
        let token = "x".repeat(TOKEN_LENGTH);
        let body =
            format!(r#"{{"token_type":"Bearer","expires_in":3599,"access_token":"{token}"}}"#);
        Response::builder()
            .header("content-type", "application/json; charset=utf-8")
            .body(Bytes::from(body))
            .expect("a response")
    })
}

fn configuration() -> Configuration {
    let configuration = Configuration::new();
    variables().into_iter().fold(configuration, |all, (name, value)| all.value(name, value))
}

fn variables() -> [(&'static str, String); 4] {
    [
        ("azure_tenant_id", demo::TENANT.to_owned()),
        ("azure_client_id", demo::CLIENT_ID.to_owned()),
        ("azure_client_secret", demo::client_secret().to_owned()),
        ("msal_allowed_scopes", format!("{} {}", demo::API_SCOPE, demo::GRAPH_SCOPE)),
    ]
}

fn composed(parts: &[Artifact]) -> Vec<u8> {
    let first = built(parts[0]).to_vec();
    parts[1..].iter().fold(first, |socket, &plug| compose(&socket, built(plug)).expect("it fits"))
}

fn name(parts: &[Artifact]) -> String {
    let names = parts.iter().map(|part| part.file_name().trim_end_matches(".wasm"));
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" + ")
}

fn is_configured(artifact: Artifact) -> bool {
    matches!(artifact, Artifact::ConfiguredByConfig | Artifact::ConfiguredByEnvironment)
}

/// The smallest of three medians: at times, all calls of one take half as long again.
async fn least_median(mut sample: impl AsyncFnMut()) -> Duration {
    let mut least = Duration::MAX;
    for _ in 0..3 {
        least = least.min(median(&mut sample).await);
    }
    least
}

async fn median(mut sample: impl AsyncFnMut()) -> Duration {
    for _ in 0..SAMPLES / 10 {
        sample().await;
    }
    let mut durations = Vec::with_capacity(SAMPLES);
    for _ in 0..SAMPLES {
        let started = Instant::now();
        sample().await;
        durations.push(started.elapsed());
    }
    durations.sort_unstable();
    durations[SAMPLES / 2]
}

fn microseconds(duration: Duration) -> String {
    format!("{:.1}", duration.as_secs_f64() * 1e6)
}

/// What is measured: the outermost part, and what is plugged into it.
const PARTS: [&[Artifact]; 11] = [
    &[Artifact::ComponentDraft2],
    &[Artifact::ComponentDraft],
    &[Artifact::ComponentDraft2StoreOnly],
    &[Artifact::ComponentDraftStoreOnly],
    &[Artifact::ComponentMemory],
    &[Artifact::ComponentDraft2Provider],
    &[Artifact::ComponentDraftProvider],
    &[Artifact::ComponentDraft2Provider, Artifact::FederatedTokenProvider],
    &[Artifact::ConfiguredByConfig, Artifact::ComponentDraft2],
    &[Artifact::ConfiguredByEnvironment, Artifact::ComponentDraft2],
    &[Artifact::ConfiguredByEnvironment, Artifact::ComponentMemory],
];

const SAMPLES: usize = 5_000;
const TOKEN_LENGTH: usize = 1_384;
