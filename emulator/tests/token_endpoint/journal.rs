use std::time::Duration;

use msal_emulator::Emulator;
use msal_emulator::demo;

use crate::client::FORM;
use crate::client::demo_form;
use crate::client::demo_form_with;
use crate::client::encode;
use crate::client::exchange;
use crate::client::get;
use crate::client::post;
use crate::client::to_request;

#[test]
fn a_request_is_recorded_byte_for_byte() {
    let emulator = Emulator::start().unwrap();
    let target = format!("/{}/oauth2/v2.0/token?x=1", demo::TENANT_DOMAIN);
    let body = encode(&demo_form());
    let bytes = to_request("POST", &target, &[FORM, ("x-One", " 1")], body.as_bytes());
    exchange(emulator.http_address(), &bytes);

    let recorded = &emulator.requests()[0];
    assert_eq!([&*recorded.raw_head, &*recorded.body].concat(), bytes);
    assert_eq!((&*recorded.method, &*recorded.target), ("POST", &*target));
    assert_eq!(recorded.header("X-ONE"), Some("1"));
    assert_eq!(recorded.form[1], ("client_id".to_owned(), demo::CLIENT_ID.to_owned()));
    assert_eq!(recorded.parameter("client_secret"), Some(demo::client_secret()));
    assert_eq!(recorded.tenant.as_deref(), Some(demo::TENANT));
    assert_eq!(recorded.client_id.as_deref(), Some(demo::CLIENT_ID));
    assert_eq!(recorded.answer_status, Some(200));
    assert!(!recorded.tls && recorded.server_name.is_none());
    assert!(!format!("{recorded:?}").contains(demo::client_secret()));
}

#[test]
fn token_requests_are_separated_from_others() {
    let emulator = Emulator::start().unwrap();
    get(&emulator, &format!("/{}/v2.0/.well-known/openid-configuration", demo::TENANT));
    get(&emulator, "/_emulator/requests");
    post(&emulator, demo::TENANT, &demo_form());
    assert_eq!(emulator.requests().len(), 2);
    assert_eq!(emulator.token_requests().len(), 1);
    emulator.clear_requests();
    assert_eq!(emulator.requests().len(), 0);
}

#[test]
fn traffic_is_counted_by_tenant_client_and_scope() {
    let emulator = Emulator::start().unwrap();
    post(&emulator, demo::TENANT, &demo_form());
    post(&emulator, demo::TENANT_DOMAIN, &demo_form());
    post(&emulator, demo::TENANT, &demo_form_with("scope", demo::GRAPH_SCOPE));
    let traffic = emulator.traffic();
    assert_eq!(traffic.iter().map(|it| it.count).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(traffic[0].gaps_ns.len(), 1);
    assert_eq!(traffic[1].scope, demo::GRAPH_SCOPE);
}

#[test]
fn a_test_can_wait_for_requests() {
    let emulator = Emulator::start().unwrap();
    assert!(!emulator.wait_for_requests(1, Duration::from_millis(10)));
    std::thread::scope(|scope| {
        scope.spawn(|| post(&emulator, demo::TENANT, &demo_form()));
        assert!(emulator.wait_for_requests(1, Duration::from_secs(5)));
    });
}

#[test]
fn debug_prints_no_token_and_no_secret() {
    let emulator = Emulator::start().unwrap();
    let token = post(&emulator, demo::TENANT, &demo_form()).token();
    let shown = format!("{emulator:?} {:?}", emulator.issued_tokens());
    assert!(!shown.contains(&token));
    let directory = msal_emulator::Directory::default();
    assert!(!format!("{directory:?}").contains(demo::client_secret()));
}
