use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use msal_emulator::Emulator;
use msal_emulator::demo;

use crate::client::Answer;
use crate::client::demo_form;
use crate::client::demo_form_with;
use crate::client::post;
use crate::client::send;

fn get_resource(emulator: &Emulator, token: &str) -> Answer {
    let authorization = format!("Bearer {token}");
    send(emulator, "GET", "/_emulator/resource", &[("Authorization", &authorization)], b"")
}

#[test]
fn a_revoked_token_is_challenged_until_the_claims_are_sent() {
    let emulator = Emulator::start().unwrap();
    let token = post(&emulator, demo::TENANT, &demo_form()).token();
    assert_eq!(get_resource(&emulator, &token).json()["client_id"], demo::CLIENT_ID);
    emulator.revoke(demo::CLIENT_ID);

    let answer = get_resource(&emulator, &token);
    assert_eq!(answer.status, 401);
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(challenge.contains("error=\"insufficient_claims\""));
    let claims = challenge.split("claims=\"").nth(1).unwrap().trim_end_matches('"');
    let claims = String::from_utf8(STANDARD.decode(claims).unwrap()).unwrap();

    // A new token without the claims is revoked too.
    let token = post(&emulator, demo::TENANT, &demo_form()).token();
    assert_eq!(get_resource(&emulator, &token).status, 401);
    let token = post(&emulator, demo::TENANT, &demo_form_with("claims", &claims)).token();
    assert_eq!(get_resource(&emulator, &token).status, 200);
    let token = post(&emulator, demo::TENANT, &demo_form()).token();
    assert_eq!(get_resource(&emulator, &token).status, 200);
}

#[test]
fn an_unknown_or_expired_token_is_invalid() {
    let emulator = Emulator::start().unwrap();
    assert_eq!(get_resource(&emulator, "nothing").status, 401);
    let token = post(&emulator, demo::TENANT, &demo_form()).token();
    emulator.set_clock_offset(7200);
    assert_eq!(get_resource(&emulator, &token).status, 401);
}

#[test]
fn a_capable_client_gets_a_day_only_from_graph() {
    let emulator = Emulator::start().unwrap();
    let claims = r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#;
    let mut form = demo_form_with("claims", claims);
    let body = post(&emulator, demo::TENANT, &form).json();
    assert!(body["expires_in"].as_u64().unwrap() < 7200);
    form.retain(|(name, _)| *name != "scope");
    form.push(("scope", demo::GRAPH_SCOPE));
    let body = post(&emulator, demo::TENANT, &form).json();
    assert_eq!(
        (body["expires_in"].as_u64(), body["refresh_in"].as_u64()),
        (Some(86399), Some(43199))
    );
}
