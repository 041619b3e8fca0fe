use msal_emulator::ClientSecret;
use msal_emulator::Emulator;
use msal_emulator::demo;

use crate::client::demo_form;
use crate::client::demo_form_with;
use crate::client::error;
use crate::client::get;
use crate::client::post;

#[test]
fn the_right_secret_gets_a_token_in_entras_format() {
    let emulator = Emulator::start().unwrap();
    let answer = post(&emulator, demo::TENANT, &demo_form());
    let token = answer.token();
    assert!(emulator.was_issued(&token));
    let body = String::from_utf8(answer.body.clone()).unwrap();
    assert!(body.starts_with(r#"{"token_type":"Bearer","expires_in":"#), "{body}");
    let expires_in = answer.json()["expires_in"].as_u64().unwrap();
    assert!((3599..=5399).contains(&expires_in));
    assert_eq!(answer.json()["ext_expires_in"], expires_in);
    assert!(answer.json().get("refresh_in").is_none());
    assert_eq!(answer.header("cache-control"), Some("no-store, no-cache"));
    assert_eq!(answer.header("content-length"), Some(&*answer.body.len().to_string()));
    assert_eq!(answer.headers.iter().filter(|(name, _)| name == "set-cookie").count(), 3);
    assert_eq!(answer.header("x-ms-clitelem"), None);
}

#[test]
fn every_token_is_different() {
    let emulator = Emulator::start().unwrap();
    let token = || post(&emulator, demo::TENANT, &demo_form()).token();
    assert_ne!(token(), token());
}

#[test]
fn a_tenant_may_be_named_by_domain_or_by_guid_in_any_case() {
    let emulator = Emulator::start().unwrap();
    for tenant in [demo::TENANT_DOMAIN, &demo::TENANT.to_uppercase(), demo::OTHER_TENANT] {
        post(&emulator, tenant, &demo_form()).token();
    }
    assert_eq!(emulator.issued_tokens()[0].tenant, demo::TENANT);
    assert_eq!(emulator.issued_tokens()[2].tenant, demo::OTHER_TENANT);
}

#[test]
fn a_wrong_secret_is_an_invalid_client() {
    let emulator = Emulator::start().unwrap();
    let answer = post(&emulator, demo::TENANT, &demo_form_with("client_secret", "wrong"));
    assert_eq!(answer.error(), error(401, "invalid_client", 7_000_215));
    let body = answer.json();
    let description = body["error_description"].as_str().unwrap();
    assert!(description.starts_with("AADSTS7000215: Invalid client secret provided."));
    assert!(description.contains("\r\nTrace ID: "));
    assert_eq!(body["trace_id"].as_str(), answer.header("x-ms-request-id"));
    assert_eq!(body["error_uri"], "https://login.microsoftonline.com/error?code=7000215");
}

#[test]
fn an_expired_secret_has_its_own_error() {
    let emulator = Emulator::start().unwrap();
    let mut form = demo_form_with("client_id", demo::EXPIRED_CLIENT_ID);
    form.retain(|(name, _)| *name != "client_secret");
    form.push(("client_secret", demo::unusable_client_secret()));
    let answer = post(&emulator, demo::TENANT, &form);
    assert_eq!(answer.error(), error(401, "invalid_client", 7_000_222));
}

#[test]
fn old_and_new_secret_overlap_while_rotating() {
    let emulator = Emulator::start().unwrap();
    emulator
        .update(|directory| {
            let application = directory.application_mut(demo::CLIENT_ID).unwrap();
            application.secrets.push(ClientSecret::new("the-next-secret"));
        })
        .unwrap();
    post(&emulator, demo::TENANT, &demo_form()).token();
    post(&emulator, demo::TENANT, &demo_form_with("client_secret", "the-next-secret")).token();
}

#[test]
fn a_secret_in_the_authorization_header_is_accepted() {
    use base64::Engine;
    let emulator = Emulator::start().unwrap();
    let escaped = crate::client::encode(&[("", demo::client_secret())]);
    let pair = format!("{}:{}", demo::CLIENT_ID, &escaped[1..]);
    let basic = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair));
    let body = "grant_type=client_credentials&scope=api%3A%2F%2Fdemo%2F.default";
    let target = format!("/{}/oauth2/v2.0/token", demo::TENANT);
    let headers = [crate::client::FORM, ("Authorization", &*basic)];
    crate::client::send(&emulator, "POST", &target, &headers, body.as_bytes()).token();
}

#[test]
fn a_long_lifetime_comes_with_refresh_in() {
    let emulator = Emulator::start().unwrap();
    emulator.set_token_lifetime(Some(86399));
    let body = post(&emulator, demo::TENANT, &demo_form()).json();
    assert_eq!(
        (body["expires_in"].as_u64(), body["refresh_in"].as_u64()),
        (Some(86399), Some(43199))
    );
}

#[test]
fn the_same_seed_gives_the_same_ids() {
    let trace_id = |seed| {
        let emulator = Emulator::builder().seed(seed).start().unwrap();
        get(&emulator, "/common/oauth2/v2.0/token").json()["trace_id"].clone()
    };
    assert_eq!(trace_id(5), trace_id(5));
    assert_ne!(trace_id(5), trace_id(6));
}
