use std::time::Duration;

use tokio::time::sleep;

use super::*;
use crate::Network;
use crate::contract::Credential;
use crate::contract::ErrorCause;
use crate::contract::RejectionCode;

#[test]
fn bytes_that_are_not_a_component_are_refused() {
    let error = Host::builder().component(b"no component".to_vec()).build().unwrap_err();
    assert!(matches!(error, HostError::Component(_)), "{error:?}");
    assert!(!error.to_string().contains('\n'), "{error}");
}

#[test]
fn a_component_without_the_interface_is_refused() {
    let empty = b"\0asm\x0d\0\x01\0".to_vec();
    let error = Host::builder().component(empty).build().unwrap_err();
    assert!(error.to_string().contains(crate::contract::INTERFACE), "{error}");
}

#[tokio::test]
async fn the_component_answers_with_and_without_a_pool() {
    for is_pooling in [true, false] {
        let host = Host::builder()
            .pooling(is_pooling)
            .network(Network::builder().deny_all().build().unwrap())
            .build()
            .unwrap();
        let answer = host.acquire_token_for_client(&application(), &request()).await.unwrap();
        let cause = answer.unwrap_err().cause;
        assert!(matches!(cause, ErrorCause::NotPermitted(_)), "pooling {is_pooling}: {cause:?}");
        host.remove_token_for_client(&application(), &request()).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn one_instance_answers_many_calls_and_counts_them() {
    let host = Host::builder().fuel(Some(u64::MAX)).build().unwrap();
    let mut instance = host.instance().await.unwrap();
    let (application, nothing) =
        (application(), TokenRequest { scopes: Vec::new(), options: Vec::new() });
    for _ in 0..3 {
        let answer = instance.acquire_token_for_client(&application, &nothing).await;
        let cause = answer.unwrap().unwrap_err().cause;
        let ErrorCause::InvalidRequest(rejection) = cause else { panic!("{cause:?}") };
        assert_eq!(rejection.code, RejectionCode::Missing);
    }
    let statistics = instance.statistics();
    assert_eq!(statistics.calls, 3);
    assert!(statistics.fuel > 0);
    assert!((64 << 10..2 << 20).contains(&statistics.peak_memory), "{statistics:?}");
    assert_eq!(host.statistics(), statistics);
}

#[tokio::test]
async fn limits_are_enforced_and_named() {
    let host = Host::builder().fuel(Some(100)).build().unwrap();
    let error = host.acquire_token_for_client(&application(), &request()).await.unwrap_err();
    assert_eq!(error, HostError::Fuel(100));

    let host = Host::builder().max_memory(64 << 10).build().unwrap();
    let error = host.acquire_token_for_client(&application(), &request()).await.unwrap_err();
    assert_eq!(error, HostError::MemoryLimit(64 << 10));

    // The server never answers, so only the time limit can end the call.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let network = Network::builder().resolve(format!("login.microsoftonline.com:443:{address}"));
    let limit = Duration::from_millis(300);
    let host = Host::builder().network(network.build().unwrap()).time_limit(limit).build().unwrap();
    let error = host.acquire_token_for_client(&application(), &request()).await.unwrap_err();
    assert_eq!(error, HostError::TimeLimit(limit));
}

#[tokio::test]
async fn calls_over_the_instance_limit_wait() {
    let network = Network::builder().deny_all().build().unwrap();
    let host = Host::builder().network(network).max_instances(1).build().unwrap();
    let (application, request) = (application(), request());
    let (left, right) = tokio::join!(
        host.acquire_token_for_client(&application, &request),
        host.acquire_token_for_client(&application, &request),
    );
    assert!(left.is_ok() && right.is_ok());
}

#[tokio::test]
async fn a_call_does_not_wait_for_an_instance_for_ever() {
    let host = Host::builder()
        .max_instances(1)
        .time_limit(Duration::from_millis(50))
        .network(Network::builder().deny_all().build().unwrap())
        .build()
        .unwrap();
    let taken = host.instance().await.unwrap();
    let error = host.acquire_token_for_client(&application(), &request()).await.unwrap_err();
    assert_eq!(error, HostError::Busy(1));
    drop(taken);
    assert!(host.instance().await.is_ok());
}

#[tokio::test]
async fn a_call_that_waits_for_a_server_leaves_its_turn_to_others() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let network = Network::builder().resolve(format!("login.microsoftonline.com:443:{address}"));
    let host = Host::builder().network(network.build().unwrap()).build().unwrap();
    let turns = &host.0.code.runtime.turns;
    let kept = host.instance().await.unwrap();
    assert!(turns.are_all_free());
    let (application, request) = (application(), request());
    let call = host.acquire_token_for_client(&application, &request);
    // The server is silent. Connecting is a task of its own: on a loaded machine it can be ahead of the call, which
    // ends its turn only when it waits for the answer.
    let freed = async {
        let _connection = listener.accept().await.unwrap();
        while !turns.are_all_free() {
            sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        answer = call => panic!("the call kept its turn until it ended: {answer:?}"),
        () = freed => (),
    }
    drop(kept);
}

fn application() -> Application {
    Application {
        client_id: "11111111-aaaa-4000-8000-000000000011".to_owned(),
        authority: "c0970500-0000-4000-8000-000000000001".to_owned(),
        credentials: vec![Credential::Secret("an unused secret".to_owned())],
        options: Vec::new(),
    }
}

fn request() -> TokenRequest {
    TokenRequest::new("https://graph.microsoft.com/.default")
}
