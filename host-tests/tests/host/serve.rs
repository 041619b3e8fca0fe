//! The example app, composed with the component and served by several hosts.

use msal_artifact::Artifact;
use msal_emulator::Emulator;
use msal_emulator::Scripted;
use msal_emulator::demo;
use msal_host_tests::built;
use msal_host_tests::certificate_der;
use msal_host_tests::key_text;

use super::served::APP;
use super::served::APP_FOR_WASMTIME;
use super::served::ServeCommand;
use super::served::Served;
use super::served::free_address;
use super::served::request;
use super::served::settings;
use super::served::settings_for_plain_http;
use super::served::with;
use super::served::without;

#[tokio::test(flavor = "multi_thread")]
async fn a_second_request_is_served_from_the_cache_and_neither_answer_holds_a_token() {
    let emulator = Emulator::start().unwrap();
    let served = Served::start(&APP, &emulator, settings()).await;
    let first = served.get().await;
    assert_eq!(first.status, 200, "{first:?}");
    assert_eq!(first.header("content-type"), Some("application/json"));
    assert_eq!(first.header("cache-control"), Some("no-store"));
    let first_body = first.json();
    assert_eq!(first_body["token_source"], "identity-provider");
    assert_eq!(first_body["tenant_id"], demo::TENANT);
    assert_eq!(first_body["scopes"], serde_json::json!([demo::GRAPH_SCOPE]), "the default");
    assert_eq!(first_body["refresh_due"], false);
    assert_eq!(first_body["warnings"], serde_json::json!([]));
    assert!(first_body["expires_on"].as_u64().is_some());
    assert!(first_body["duration_total_us"].as_u64().is_some());
    assert_eq!(first_body["correlation_id"].as_str().map(str::len), Some(36));

    let second = served.get().await;
    assert_eq!(second.json()["token_source"], "cache", "{second:?}");
    assert_eq!(second.json()["expires_on"], first_body["expires_on"]);
    assert_eq!(emulator.token_requests().len(), 1);

    for issued in emulator.issued_tokens() {
        for answer in [&first, &second] {
            assert!(!answer.text.contains(&issued.token), "{answer:?}");
        }
    }
    served.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_502_with_the_cause_and_without_the_secret() {
    let emulator = Emulator::start().unwrap();
    let settings = with(settings(), "AZURE_CLIENT_SECRET", "mistyped~secret");
    let served = Served::start(&APP, &emulator, settings).await;
    let answer = served.get().await;
    assert_eq!(answer.status, 502, "{answer:?}");
    let body = answer.json();
    assert_eq!(body["kind"], "refused");
    assert!(body["message"].as_str().is_some_and(|message| !message.is_empty()), "{body}");
    assert!(body["remedy"].as_str().is_some_and(|remedy| remedy.contains("secret")), "{body}");
    assert!(!answer.text.contains("mistyped~secret"), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_taken_instead_of_a_secret() {
    let emulator = Emulator::start().unwrap();
    emulator.register_certificate(demo::CLIENT_ID, &certificate_der()).unwrap();
    let settings = without(settings(), "AZURE_CLIENT_SECRET");
    let settings = with(settings, "AZURE_CLIENT_CERTIFICATE_PEM", &key_text("rsa2048.pem"));
    let served = Served::start(&APP, &emulator, settings).await;
    for source in ["identity-provider", "cache"] {
        assert_eq!(served.get().await.json()["token_source"], source);
    }
    assert!(emulator.token_requests()[0].parameter("client_assertion").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_fails_is_a_warning_in_the_answer_and_on_standard_error() {
    let emulator = Emulator::start().unwrap();
    let store = format!("redis://{}", free_address());
    let arguments = ["--store".as_ref(), store.as_ref()];
    let command = ServeCommand::start_with(&arguments, &APP, &emulator, &settings());
    let answer = request(command.address, "GET").await.unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    let warning = answer.json()["warnings"][0].as_str().unwrap().to_owned();
    assert!(warning.contains("key-value store"), "{warning}");
    let (_, error) = command.kill();
    assert!(error.contains(&format!("warning: {warning}")), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_app_is_503_with_retry_after() {
    let emulator = Emulator::start().unwrap();
    emulator.script_any(vec![Scripted::status(429).header("Retry-After", "17")]);
    let served = Served::start(&APP, &emulator, settings()).await;
    let answer = served.get().await;
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(answer.header("retry-after"), Some("17"));
    assert_eq!(answer.json()["kind"], "throttled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_or_empty_setting_is_named_in_one_line() {
    let emulator = Emulator::start().unwrap();
    for (name, settings) in [
        ("AZURE_TENANT_ID", without(settings(), "AZURE_TENANT_ID")),
        ("AZURE_CLIENT_ID", without(settings(), "AZURE_CLIENT_ID")),
        ("AZURE_CLIENT_SECRET", with(settings(), "AZURE_CLIENT_SECRET", "")),
    ] {
        let served = Served::start(&APP, &emulator, settings).await;
        let answer = served.get().await;
        assert_eq!(answer.status, 500, "{answer:?}");
        assert_eq!(answer.text, format!("{name} is not set\n"));
    }
    assert_eq!(emulator.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_get_is_answered() {
    let emulator = Emulator::start().unwrap();
    let served = Served::start(&APP, &emulator, settings()).await;
    let answer = request(served.address, "POST").await.unwrap();
    assert_eq!(answer.status, 405, "{answer:?}");
    assert_eq!(answer.header("allow"), Some("GET"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_composition_for_wasmtime_reaches_a_loopback_authority_over_plain_http() {
    let emulator = Emulator::start().unwrap();
    let settings = settings_for_plain_http(&emulator);
    let served = Served::start(&APP_FOR_WASMTIME, &emulator, settings).await;
    assert_eq!(served.get().await.json()["token_source"], "identity-provider");
    assert_eq!(served.get().await.json()["token_source"], "cache");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_composes_and_serves_the_app_and_prints_no_secret() {
    let emulator = Emulator::start().unwrap();
    let cache = tempfile::tempdir().unwrap();
    let arguments = ["--compiled-cache".as_ref(), cache.path().as_os_str()];
    let start = || {
        let app = built(Artifact::ExampleApp);
        ServeCommand::start_with(&arguments, app, &emulator, &settings())
    };
    let get = async |command: &ServeCommand| request(command.address, "GET").await.unwrap().json();
    let command = start();
    assert_eq!(get(&command).await["token_source"], "identity-provider");
    assert_eq!(get(&command).await["token_source"], "cache");
    let (output, error) = command.kill();
    assert_eq!(output, "");
    assert_eq!(error, "compiling APP.wasm…\n", "the path could be a secret by mistake");

    let command = start();
    assert_eq!(get(&command).await["token_source"], "identity-provider");
    assert_eq!(command.kill(), (String::new(), String::new()), "its code was in the cache");
}
