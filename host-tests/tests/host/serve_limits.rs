//! What a client or a slow app cannot do to the host that serves the app.

use std::time::Duration;

use msal_emulator::Emulator;
use msal_emulator::Scripted;
use msal_host::ServeOptions;

use super::served::APP;
use super::served::Client;
use super::served::Served;
use super::served::options;
use super::served::settings;

// The bug report of a slowloris attack: connections without a complete request stay open for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_without_a_complete_head_is_closed() {
    let options =
        ServeOptions { head_time_limit: Duration::from_secs(1), ..ServeOptions::default() };
    let served = Served::start_with(&APP, options).await;
    let silent = Client::connect(served.address).await;
    let mut idle = Client::connect(served.address).await;
    for _ in 0..2 {
        assert_eq!(idle.get().await.unwrap(), 500, "the app has no settings; the connection stays");
    }
    let mut slow = Client::connect(served.address).await;
    slow.send("GET / HTTP/1.1\r\nhost: app\r\nx: ").await.unwrap();
    let send_slowly = async {
        while slow.send("x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::join!(silent.closed(), idle.closed(), send_slowly);
    served.stop().await.unwrap();
}

// The bug report of an exhausted host: after one client's connections, nothing else is accepted.
#[tokio::test(flavor = "multi_thread")]
async fn at_the_limit_a_new_connection_replaces_the_one_that_has_waited_longest() {
    let emulator = Emulator::start().unwrap();
    emulator.script_any(vec![Scripted::normal().delay_before_headers(Duration::from_secs(2))]);
    let options = ServeOptions {
        max_connections: 1,
        head_time_limit: Duration::MAX,
        time_limit: Duration::MAX,
        ..options(&emulator, settings())
    };
    let served = Served::start_with(&APP, options).await;
    let idle = Client::connect(served.address).await;
    let mut busy = Client::connect(served.address).await;
    idle.closed().await;

    busy.send("GET / HTTP/1.1\r\nhost: app\r\n\r\n").await.unwrap();
    assert!(emulator.wait_for_requests(1, Duration::from_secs(60)));
    let mut waiting = Client::connect(served.address).await;
    let (answered, waited) = tokio::join!(busy.status(), waiting.get());
    assert_eq!((answered.unwrap(), waited.unwrap()), (200, 200), "no request is broken off");
    busy.closed().await;
    served.stop().await.unwrap();
}

// The bug report of a host that hangs under load: requests without an instance wait for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_waits_for_an_instance_as_long_as_the_time_limit() {
    let emulator = Emulator::start().unwrap();
    emulator.script_any(vec![Scripted::hang(), Scripted::hang()]);
    let options = ServeOptions {
        max_instances: 1,
        time_limit: Duration::from_secs(2),
        ..options(&emulator, settings())
    };
    let served = Served::start_with(&APP, options).await;
    let mut clients = Vec::new();
    for _ in 0..3 {
        clients.push(Client::connect(served.address).await);
    }
    // A body that never comes does not make the request longer.
    let get = "GET / HTTP/1.1\r\nhost: app\r\ncontent-length: 9\r\n\r\n";
    clients[0].send(get).await.unwrap();
    assert!(emulator.wait_for_requests(1, Duration::from_secs(60)));
    clients[1].send(get).await.unwrap();
    clients[2].send(get).await.unwrap();
    let mut statuses = Vec::new();
    for mut client in clients {
        statuses.push(client.status().await.unwrap());
        client.closed().await;
    }
    // The second request gets the instance of the first, and keeps it from the third.
    statuses[1..].sort();
    assert_eq!(statuses, [500, 500, 503]);
    served.stop().await.unwrap();
}
