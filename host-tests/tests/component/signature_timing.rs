//! Whether the work of a signature depends on what is signed.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http::Response;
use msal_artifact::Artifact;
use msal_emulator::demo;
use msal_host::Host;
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
use msal_host_tests::built;
use msal_host_tests::key_text;

/// Fuel counts executed instructions, which a clock on a shared machine cannot. Random numbers and the time stay the same,
/// so that the message alone differs. Encoding it takes a few dozen instructions more or less; one multiplication more in the
/// arithmetic with the key would take ten thousand.
#[tokio::test(flavor = "multi_thread")]
async fn g10_a_signature_takes_as_many_instructions_for_one_message_as_for_another() {
    let host = Host::builder()
        .component(built(Artifact::ComponentDraft2).to_vec())
        .network(Network::function(answer))
        .random(|bytes| bytes.iter_mut().zip(1..).for_each(|(byte, number)| *byte = number))
        .wall_clock(|| Duration::from_secs(1_800_000_000))
        .fuel(Some(u64::MAX / 2))
        .build()
        .unwrap();
    for algorithm in [SigningAlgorithm::Ps256, SigningAlgorithm::Rs256] {
        let mut fuel = Vec::new();
        for number in 1..25 {
            fuel.push(fuel_of(&host, algorithm, number).await);
        }
        let (least, most) = (fuel.iter().min().unwrap(), fuel.iter().max().unwrap());
        assert!(most - least <= 1_000, "{algorithm:?}: {fuel:?}");
    }
}

/// The fuel of a miss whose assertion has a claim of this number, written with the same digits.
async fn fuel_of(host: &Host, algorithm: SigningAlgorithm, number: u64) -> u64 {
    let source = CertificateSource::Pem(key_text("rsa2048.pem"));
    let certificate = Certificate::new(source).with(CertificateOption::Algorithm(algorithm));
    let application = Application {
        client_id: demo::CLIENT_ID.to_owned(),
        authority: demo::TENANT.to_owned(),
        credentials: vec![Credential::Certificate(certificate)],
        options: Vec::new(),
    };
    let message = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let claims = format!(r#"{{"message":"{message:016x}"}}"#);
    let request =
        TokenRequest::new(demo::API_SCOPE).with(RequestOption::ExtraAssertionClaims(claims));
    let mut instance = host.with_store(Arc::new(MemoryStore::new())).instance().await.unwrap();
    instance.acquire_token_for_client(&application, &request).await.unwrap().unwrap();
    instance.statistics().fuel
}

fn answer(_request: &Request<Bytes>) -> Response<Bytes> {
    let body = r#"{"token_type":"Bearer","expires_in":3599,"access_token":"token"}"#;
    Response::builder().header("content-type", "application/json").body(body.into()).unwrap()
}
