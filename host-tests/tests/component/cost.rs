//! What a call costs in a fresh instance: fuel, which counts executed instructions, and memory.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http::Response;
use msal_artifact::Artifact;
use msal_emulator::demo;
use msal_host::Host;
use msal_host::Network;
use msal_host::contract::Application;
use msal_host::contract::Certificate;
use msal_host::contract::CertificateSource;
use msal_host::contract::Credential;
use msal_host::contract::RequestOption;
use msal_host::contract::TokenRequest;
use msal_host::store::MemoryStore;
use msal_host_tests::built;
use msal_host_tests::key_text;
use msal_host_tests::secret;

/// H02 allows a hit 10⁸ of fuel and 16 MiB.
#[tokio::test(flavor = "multi_thread")]
async fn the_fuel_of_a_hit_and_of_a_miss_is_as_written_down() {
    let calls = calls().await;
    let measured = calls.map(|(name, call)| format!("{name} {}\n", call.fuel));
    let is_as_written = |(written, measured): (&str, &String)| {
        let [expected, fuel] = [written, measured].map(fuel_of);
        fuel.abs_diff(expected) <= expected / 50
    };
    assert!(
        FUEL.lines().count() == measured.len() && FUEL.lines().zip(&measured).all(is_as_written),
        "more than 2 % from host-tests/fuel.txt; if this is intended, write there:\n{}",
        measured.concat()
    );
}

/// The first growth takes a new instance longer than the cryptography of a hit.
#[tokio::test(flavor = "multi_thread")]
async fn hits_and_a_miss_with_a_secret_do_not_grow_the_memory() {
    for (name, call) in calls().await {
        assert_eq!(call.peak_memory, INITIAL_MEMORY, "{name}");
    }
}

/// The size in `artifact/src/recipe.rs`.
const INITIAL_MEMORY: usize = 3 << 16;
const FUEL: &str = include_str!("../../fuel.txt");

struct Call {
    fuel: u64,
    peak_memory: usize,
}

/// Calls with a token of typical length.
async fn calls() -> [(&'static str, Call); 3] {
    let host = Host::builder()
        .component(built(Artifact::ComponentDraft2).to_vec())
        .network(Network::function(answer))
        .store(Arc::new(MemoryStore::new()))
        .fuel(Some(u64::MAX / 2))
        .build()
        .unwrap();
    let forced = [RequestOption::ForceRefresh];
    let secret = secret(demo::client_secret());
    let pem = CertificateSource::Pem(key_text("rsa2048.pem"));
    let certificate = Credential::Certificate(Certificate::new(pem));
    let miss = call(&host, &secret, &forced).await;
    let hit = call(&host, &secret, &[]).await;
    call(&host, &certificate, &forced).await;
    let with_certificate = call(&host, &certificate, &[]).await;
    [("miss", miss), ("hit", hit), ("hit-with-certificate", with_certificate)]
}

async fn call(host: &Host, credential: &Credential, options: &[RequestOption]) -> Call {
    let application = Application {
        client_id: demo::CLIENT_ID.to_owned(),
        authority: demo::TENANT.to_owned(),
        credentials: vec![credential.clone()],
        options: Vec::new(),
    };
    let mut request = TokenRequest::new(demo::API_SCOPE);
    request.options.extend_from_slice(options);
    let mut instance = host.instance().await.unwrap();
    instance.acquire_token_for_client(&application, &request).await.unwrap().unwrap();
    let statistics = instance.statistics();
    Call { fuel: statistics.fuel, peak_memory: statistics.peak_memory }
}

fn answer(_request: &Request<Bytes>) -> Response<Bytes> {
    let token = "x".repeat(1_384);
    let body = format!(r#"{{"token_type":"Bearer","expires_in":3599,"access_token":"{token}"}}"#);
    Response::builder().header("content-type", "application/json").body(body.into()).unwrap()
}

fn fuel_of(line: &str) -> u64 {
    line.trim_end().split_once(' ').unwrap().1.parse().unwrap()
}
