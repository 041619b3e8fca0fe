use msal_emulator::Emulator;
use msal_emulator::demo;
use serde_json::Value;
use serde_json::json;

use crate::client::Answer;
use crate::client::demo_form;
use crate::client::get;
use crate::client::post;
use crate::client::post_to;
use crate::client::send;

fn control(emulator: &Emulator, method: &str, route: &str, body: &Value) -> Answer {
    let target = format!("/_emulator/{route}");
    send(emulator, method, &target, &[], body.to_string().as_bytes())
}

#[test]
fn another_process_can_script_answers() {
    let emulator = Emulator::start().unwrap();
    let script = json!({
        "tenant": demo::TENANT_DOMAIN,
        "client": demo::CLIENT_ID,
        "answers": [
            {"status": 503, "headers": {"Retry-After": "5"}, "body": "later"},
            {"status": 400, "json": {"error": "invalid_grant"}, "headers": [["A", "1"], ["A", "2"]]},
            {"action": "raw", "raw_base64": "SFRUUC8xLjEgMjA0IE9LDQoNCg=="},
            {"action": "token", "expires_in": 9},
        ],
    });
    assert_eq!(control(&emulator, "POST", "script", &script).status, 200);
    let answer = post(&emulator, demo::TENANT, &demo_form());
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("5")));
    let answer = post(&emulator, demo::TENANT, &demo_form());
    assert_eq!(answer.headers.iter().filter(|(name, _)| name == "a").count(), 2);
    assert_eq!(post(&emulator, demo::TENANT, &demo_form()).status, 204);
    assert_eq!(post(&emulator, demo::TENANT, &demo_form()).json()["expires_in"], 9);
}

#[test]
fn another_process_can_script_discovery() {
    let emulator = Emulator::start().unwrap();
    let script = json!({"discovery": true, "answers": [{"status": 500}]});
    assert_eq!(control(&emulator, "POST", "script", &script).status, 200);
    let path = format!("/{}/v2.0/.well-known/openid-configuration", demo::TENANT);
    assert_eq!(get(&emulator, &path).status, 500);
    assert_eq!(get(&emulator, &path).status, 200);
}

#[test]
fn a_bad_control_call_is_answered_with_one_reason() {
    let emulator = Emulator::start().unwrap();
    for body in [
        json!({"answers": [{"statuss": 1}]}),
        json!({"tenant": "t", "answers": []}),
        json!({"tenant": "t", "client": "c", "discovery": true, "answers": []}),
    ] {
        let answer = control(&emulator, "POST", "script", &body);
        assert_eq!(answer.status, 400);
        assert!(answer.json()["error"].is_string());
    }
    assert_eq!(control(&emulator, "GET", "nothing", &Value::Null).status, 404);
}

#[test]
fn another_process_can_read_and_clear_requests() {
    let emulator = Emulator::start().unwrap();
    let target = format!("/{}/oauth2/v2.0/token?slice=test", demo::TENANT);
    post_to(&emulator, &target, &demo_form());
    let requests = get(&emulator, "/_emulator/requests").json();
    assert_eq!(requests[0]["form"][1], json!(["client_id", demo::CLIENT_ID]));
    assert_eq!(requests[0]["query"], json!([["slice", "test"]]));
    assert_eq!(requests[0]["answer_status"], 200);
    let stats = get(&emulator, "/_emulator/stats").json();
    assert_eq!((&stats[0]["count"], &stats[0]["tenant"]), (&json!(1), &json!(demo::TENANT)));
    control(&emulator, "DELETE", "requests", &Value::Null);
    assert_eq!(get(&emulator, "/_emulator/requests").json(), json!([]));
}

#[test]
fn another_process_can_move_the_clock_and_revoke() {
    let emulator = Emulator::start().unwrap();
    assert_eq!(control(&emulator, "POST", "clock", &json!({"offset": 86400})).status, 200);
    let token = post(&emulator, demo::TENANT, &demo_form()).token();
    let issued = &emulator.issued_tokens()[0];
    assert!(issued.issued_at > crate::certificate::now() + 80_000);
    assert!(!issued.revoked);
    control(&emulator, "POST", "revoke", &json!({"client": demo::CLIENT_ID}));
    assert!(emulator.issued_tokens()[0].revoked);
    assert!(emulator.was_issued(&token));
}
