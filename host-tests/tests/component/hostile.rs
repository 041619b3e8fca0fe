//! Answers, caches and files that are made to exhaust an instance.

use std::sync::Arc;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Response;
use msal_artifact::Artifact;
use msal_emulator::demo;
use msal_host::Host;
use msal_host::Network;
use msal_host::contract::Application;
use msal_host::contract::ApplicationOption;
use msal_host::contract::Certificate;
use msal_host::contract::CertificateOption;
use msal_host::contract::CertificateSource;
use msal_host::contract::Credential;
use msal_host::contract::Rejection;
use msal_host::contract::TokenRequest;
use msal_host::store::MemoryStore;
use msal_host_tests::built;
use msal_host_tests::key_file;
use msal_host_tests::key_text;
use msal_host_tests::rejection;
use msal_host_tests::secret;

/// A tree of a body of many small values took twenty times its size, and with the memory went back-off and election.
#[tokio::test(flavor = "multi_thread")]
async fn any_body_of_1_mib_is_judged_within_4_mib_of_memory() {
    let many = |value: &str| value.repeat((MIB - 200) / value.len());
    let token = |rest: &str| {
        format!(r#"{{"token_type":"Bearer","access_token":"a","expires_in":3599,{rest}}}"#)
    };
    let shapes = [
        ("objects in an unknown member", token(&format!("\"x\":[{}0]", many("{},")))),
        ("arrays in an unknown member", token(&format!("\"x\":[{}0]", many("[],")))),
        ("numbers in an unknown member", token(&format!("\"x\":[{}0]", many("0,")))),
        ("members of an unknown member", token(&format!("\"x\":{{{}\"a\":0}}", many("\"a\":0,")))),
        ("objects as the scope", token(&format!("\"scope\":[{}0]", many("{},")))),
        ("a long string", token(&format!("\"x\":\"{}\"", many("\\u00e9")))),
        ("a long name", token(&format!("\"{}\":0", many("x")))),
        ("many names", token(&format!("{}\"z\":0", names()))),
        ("codes", format!("{{\"error\":\"e\",\"error_codes\":[{}0]}}", many("1,"))),
        ("a description", format!("{{\"error_description\":\"{}\"}}", many("\\u0000"))),
        ("depth", many("[")),
        ("no JSON", many("x")),
        ("a page", format!("<html>{}", many("<p>"))),
        (
            "a token",
            format!(r#"{{"token_type":"Bearer","expires_in":9,"access_token":"{}"}}"#, many("x")),
        ),
    ];
    for (name, body) in shapes {
        assert!(body.len() > MIB / 2 && body.len() <= MIB, "{name}: {}", body.len());
        for status in [200, 400, 503] {
            let memory = memory_for(&body, status).await;
            assert!(memory <= 4 * MIB, "{name}, {status}: {} KiB", memory >> 10);
        }
    }
}

/// Five sections with the largest number of iterations each outlasted every deadline.
#[tokio::test(flavor = "multi_thread")]
async fn b05_a_key_file_of_too_many_iterations_is_refused_at_once() {
    let pem = CertificateSource::Pem(key_text("hostile/iterations.pem"));
    let pfx = CertificateSource::Pkcs12(key_file("hostile/iterations.pfx"));
    for source in [pem, pfx] {
        let rejection = refused(source).await;
        assert!(rejection.reason.contains("iterations of key derivations"), "{rejection:?}");
    }
    let twice = key_text("hostile/iterations.pem").repeat(2);
    let rejection = refused(CertificateSource::Pem(twice)).await;
    assert!(rejection.reason.contains("two encrypted keys"), "{rejection:?}");
}

/// Arithmetic with numbers of 32,000 bits overflowed the stack.
#[tokio::test(flavor = "multi_thread")]
async fn b12_an_rsa_key_with_a_long_number_is_refused_without_a_trap() {
    for bytes in [1_025, 4_000, 20_000] {
        for long in 1..9 {
            let number = |index: usize| match index {
                0 => vec![0],
                2 if long != 2 => vec![1, 0, 1],
                _ if index == long => vec![0x55; bytes],
                _ => vec![0x55; 256],
            };
            let numbers: Vec<u8> = (0..9).flat_map(|index| der(2, &number(index))).collect();
            let key = STANDARD.encode(der(0x30, &numbers));
            let pem = format!(
                "-----BEGIN RSA PRIVATE KEY-----\n{key}\n-----END RSA PRIVATE KEY-----\n{}",
                key_text("rsa2048.certificate.pem")
            );
            refused(CertificateSource::Pem(pem)).await;
        }
    }
}

/// The rejection of this certificate, before anything is sent.
async fn refused(source: CertificateSource) -> Rejection {
    let certificate = Certificate::new(source);
    let certificate = certificate.with(CertificateOption::Passphrase("hunter2".to_owned()));
    let application = Application {
        client_id: demo::CLIENT_ID.to_owned(),
        authority: demo::TENANT.to_owned(),
        credentials: vec![Credential::Certificate(certificate)],
        options: Vec::new(),
    };
    let host = HOST.with_network(Network::function(|_| panic!("nothing is sent")));
    let request = TokenRequest::new(demo::API_SCOPE);
    let error = host.acquire_token_for_client(&application, &request).await.unwrap().unwrap_err();
    rejection(&error).clone()
}

/// A DER element with a short tag.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&[tag, 0x84], &length[..], content].concat()
}

/// The memory of an instance after one call that gets this answer.
async fn memory_for(body: &str, status: u16) -> usize {
    let body = Bytes::from(body.to_owned());
    let network = Network::function(move |_| {
        let response = Response::builder().status(status);
        response.header("content-type", "application/json").body(body.clone()).unwrap()
    });
    let host = HOST.with_network(network).with_store(Arc::new(MemoryStore::new()));
    let application = Application {
        client_id: demo::CLIENT_ID.to_owned(),
        authority: demo::TENANT.to_owned(),
        credentials: vec![secret(demo::client_secret())],
        options: vec![ApplicationOption::DisableRetry],
    };
    let mut instance = host.instance().await.unwrap();
    let request = TokenRequest::new(demo::API_SCOPE);
    // Whether it is a token or an error is the matter of other tests.
    let _ = instance.acquire_token_for_client(&application, &request).await.unwrap();
    instance.statistics().peak_memory
}

static HOST: LazyLock<Host> = LazyLock::new(|| {
    Host::builder().component(built(Artifact::ComponentDraft2).to_vec()).build().unwrap()
});

fn names() -> String {
    (0..MIB / 11).map(|number| format!("\"{number:05}\":0,")).collect()
}

const MIB: usize = 1 << 20;
