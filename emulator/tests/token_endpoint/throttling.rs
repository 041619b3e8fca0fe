use msal_emulator::Emulator;
use msal_emulator::demo;

use crate::client::demo_form;
use crate::client::demo_form_with;
use crate::client::error;
use crate::client::post;

#[test]
fn a_client_in_a_loop_is_throttled_in_plain_text() {
    let emulator = Emulator::builder().throttle_after(Some(2)).start().unwrap();
    for _ in 0..2 {
        post(&emulator, demo::TENANT, &demo_form()).token();
    }
    let answer = post(&emulator, demo::TENANT, &demo_form());
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("60")));
    assert_eq!(answer.body, b"Too Many Requests");
    post(&emulator, demo::TENANT, &demo_form_with("scope", demo::GRAPH_SCOPE)).token();
    emulator.set_clock_offset(61);
    post(&emulator, demo::TENANT, &demo_form()).token();
}

#[test]
fn a_client_without_h429_gets_a_loop_error() {
    let builder = Emulator::builder().throttle_after(Some(0)).legacy_loop(true);
    let emulator = builder.start().unwrap();
    let answer = post(&emulator, demo::TENANT, &demo_form());
    assert_eq!(answer.error(), error(400, "invalid_grant", 50_196));
    let capable = demo_form_with("x-ms-lib-capability", "retry-after, h429");
    assert_eq!(post(&emulator, demo::TENANT, &capable).status, 429);
}
