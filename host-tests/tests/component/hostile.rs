//! Answers, caches and files that are made to exhaust an instance.

use std::sync::Arc;
use std::sync::LazyLock;

use bytes::Bytes;
use http::Response;
use msal_artifact::Artifact;
use msal_emulator::demo;
use msal_host::Host;
use msal_host::Network;
use msal_host::contract::Application;
use msal_host::contract::ApplicationOption;
use msal_host::contract::TokenRequest;
use msal_host::store::MemoryStore;
use msal_host_tests::built;
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
