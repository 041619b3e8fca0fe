//! A host that returns nonsense within the types: every call ends, without a trap.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http::Response;
use msal_emulator::demo;
use msal_host::contract::AcquireError;
use msal_host::contract::Application;
use msal_host::contract::AuthenticationResult;
use msal_host::contract::Certificate;
use msal_host::contract::CertificateSource;
use msal_host::contract::Credential;
use msal_host::contract::RequestOption;
use msal_host_tests::key_text;
use msal_host_tests::secret;
use wasmtime::StoreContextMut;
use wasmtime::component::Linker;
use wasmtime::component::Resource;
use wasmtime_wasi::p2::DynInputStream;
use wasmtime_wasi::p2::DynOutputStream;
use wasmtime_wasi::p2::DynPollable;
use wasmtime_wasi::p2::bindings::clocks::wall_clock::Datetime;
use wasmtime_wasi::p2::bindings::io::streams::StreamError;

use crate::own_host::ATOMICS;
use crate::own_host::Bucket;
use crate::own_host::Guest;
use crate::own_host::KEY_VALUE;
use crate::own_host::OwnHost;
use crate::own_host::StoreError;
use crate::own_host::request;
use crate::own_host::wasi;

type Outcome = Result<AuthenticationResult, AcquireError>;

/// Hosts differ in the size of their buffers, down to one byte.
#[tokio::test]
async fn h09_a_body_that_the_host_accepts_a_byte_at_a_time_is_sent_whole() {
    for application in applications() {
        let checks = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&checks);
        let answer = |request: &Request<Bytes>| {
            let length: usize =
                request.headers()["content-length"].to_str().unwrap().parse().unwrap();
            assert_eq!(request.body().len(), length);
            let body = String::from_utf8(request.body().to_vec()).unwrap();
            assert!(body.contains("grant_type=client_credentials"), "the form is whole");
            token(request)
        };
        let mut host = OwnHost::new(answer, |linker| {
            replace_check_write(linker, move |room| {
                counted.fetch_add(1, Ordering::Relaxed);
                room.min(1)
            })
        })
        .await;
        let result = bounded(host.acquire(&application, &request())).await.unwrap();
        assert_eq!(result.access_token, TOKEN);
        assert!(checks.load(Ordering::Relaxed) > 100, "the body was sent byte by byte");
    }
}

#[tokio::test]
async fn h07_a_host_that_never_accepts_a_byte_of_the_body_ends_the_call_at_its_deadline() {
    for application in applications() {
        let mut host = OwnHost::new(token, |linker| replace_check_write(linker, |_| 0)).await;
        let request = request().with(RequestOption::DeadlineMs(500));
        let error = bounded(host.acquire(&application, &request)).await.unwrap_err();
        assert_eq!(error.kind, "unreachable", "{error:?}");
    }
}

#[tokio::test]
async fn h07_clocks_that_jump_end_no_call_in_a_trap_or_a_loop() {
    // Small steps, an hour back and forth, and the ends of the range.
    let times: [[u64; 4]; 3] = [
        [1_800_000_000, 1_799_999_999, 1_800_000_001, 1_800_000_000],
        [1_800_000_000, 1_800_003_600, 1_799_996_400, 1_800_000_000],
        [0, u64::MAX, 1_800_000_000, 253_402_300_800],
    ];
    for seconds in times {
        for application in applications() {
            let mut host = OwnHost::new(token, |linker| {
                let (wall, monotonic) = (AtomicUsize::new(0), AtomicU64::new(0));
                linker.instance(&wasi("clocks/wall-clock"))?.func_wrap(
                    "now",
                    move |_, (): ()| {
                        let call = wall.fetch_add(1, Ordering::Relaxed);
                        let seconds = seconds[call % seconds.len()];
                        Ok((Datetime { seconds, nanoseconds: 999_999_999 },))
                    },
                )?;
                linker.instance(&wasi("clocks/monotonic-clock"))?.func_wrap(
                    "now",
                    move |_, (): ()| {
                        // Jumps through the whole range, in an order without a pattern.
                        let call = monotonic.fetch_add(1, Ordering::Relaxed);
                        Ok((call.wrapping_mul(0x9e37_79b9_7f4a_7c15),))
                    },
                )
            })
            .await;
            for _ in 0..3 {
                is_clean(&bounded(host.acquire(&application, &request())).await);
            }
        }
    }
}

#[tokio::test]
async fn h07_random_bytes_of_any_value_are_used() {
    for byte in [0, 255] {
        for application in applications() {
            let mut host = with_random_bytes(move |wanted| vec![byte; wanted], token).await;
            let result = bounded(host.acquire(&application, &request())).await;
            assert_eq!(result.unwrap().access_token, TOKEN);
        }
    }
}

/// Zeros in place of missing bytes would repeat a nonce or the ID of an assertion.
#[tokio::test]
async fn h07_a_host_that_returns_another_number_of_random_bytes_gets_no_request() {
    for length in [0, 1, 1 << 20] {
        for application in applications() {
            let nothing = |_: &Request<Bytes>| panic!("no request is sent");
            let mut host = with_random_bytes(move |_| vec![7; length], nothing).await;
            let error = bounded(host.acquire(&application, &request())).await.unwrap_err();
            let named = format!("the host returned {length} random bytes, not ");
            assert!(error.message.contains(&named), "{error:?}");
        }
    }
}

async fn with_random_bytes(
    bytes: impl Fn(usize) -> Vec<u8> + Send + Sync + 'static,
    answer: impl Fn(&Request<Bytes>) -> Response<Bytes> + Send + Sync + 'static,
) -> OwnHost {
    OwnHost::new(answer, |linker| {
        linker
            .instance(&wasi("random/random"))?
            .func_wrap("get-random-bytes", move |_, (wanted,): (u64,)| {
                Ok((bytes(usize::try_from(wanted)?),))
            })
    })
    .await
}

#[tokio::test]
async fn h07_values_of_every_length_in_the_store_are_misses() {
    let lengths = (0..1_500).chain([4_095, 65_536, 1 << 20, 3 << 20]);
    let length = Arc::new(AtomicUsize::new(0));
    let returned = Arc::clone(&length);
    let mut host = OwnHost::new(token, |linker| {
        linker.instance(KEY_VALUE)?.func_wrap(
            "[method]bucket.get",
            move |_, (_, key): (Resource<Bucket>, String)| {
                let byte = key.bytes().next_back().unwrap_or_default();
                let value = vec![byte; returned.load(Ordering::Relaxed)];
                Ok((Ok::<_, StoreError>(Some(value)),))
            },
        )
    })
    .await;
    let [application, _] = applications();
    for tried in lengths {
        length.store(tried, Ordering::Relaxed);
        let result = bounded(host.acquire(&application, &request())).await;
        let result = result.unwrap_or_else(|error| panic!("{tried} bytes: {error:?}"));
        assert_eq!(result.access_token, TOKEN, "{tried} bytes");
    }
}

#[tokio::test]
async fn h07_a_counter_of_any_value_leads_to_a_token() {
    for value in [i64::MIN, -1, 0, 1, 1_000, i64::MAX] {
        let [application, _] = applications();
        let mut host = OwnHost::new(token, |linker| {
            linker.instance(ATOMICS)?.func_wrap(
                "increment",
                move |_, (_, _key, _delta): (Resource<Bucket>, String, i64)| {
                    Ok((Ok::<_, StoreError>(value),))
                },
            )
        })
        .await;
        let result = bounded(host.acquire(&application, &request())).await;
        let result = result.unwrap_or_else(|error| panic!("{value}: {error:?}"));
        assert_eq!(result.access_token, TOKEN, "{value}");
    }
}

#[tokio::test]
async fn h07_a_body_that_is_ready_and_empty_for_ever_ends_at_the_deadline() {
    let [application, _] = applications();
    let mut host = OwnHost::new(token, |linker| {
        linker.instance(&wasi("io/streams"))?.func_wrap(
            "[method]input-stream.read",
            |_, (_, _length): (Resource<DynInputStream>, u64)| {
                Ok((Ok::<_, StreamError>(Vec::<u8>::new()),))
            },
        )
    })
    .await;
    let request = request().with(RequestOption::DeadlineMs(500));
    let error = bounded(host.acquire(&application, &request)).await.unwrap_err();
    assert!(["unreachable", "unexpected-response"].contains(&&*error.kind), "{error:?}");
}

#[tokio::test]
async fn h07_a_body_whose_pieces_are_longer_than_asked_for_is_limited() {
    let [application, _] = applications();
    for length in [64 << 10, 2 << 20, 8 << 20] {
        let mut host = OwnHost::new(token, |linker| {
            linker.instance(&wasi("io/streams"))?.func_wrap(
                "[method]input-stream.read",
                move |_, (_, _length): (Resource<DynInputStream>, u64)| {
                    Ok((Ok::<_, StreamError>(vec![b'x'; length]),))
                },
            )
        })
        .await;
        let error = bounded(host.acquire(&application, &request())).await.unwrap_err();
        assert_eq!(error.kind, "unexpected-response", "{length} bytes: {error:?}");
    }
}

#[tokio::test]
async fn h07_a_poll_that_returns_with_nothing_ready_ends_the_call_without_a_trap() {
    for ready in [vec![], vec![7_u32], vec![0; 1_000]] {
        let [application, _] = applications();
        let mut host = OwnHost::new(token, |linker| {
            let mut poll = linker.instance(&wasi("io/poll"))?;
            poll.func_wrap("poll", move |_, (_,): (Vec<Resource<DynPollable>>,)| {
                Ok((ready.clone(),))
            })
        })
        .await;
        for _ in 0..3 {
            is_clean(&bounded(host.acquire(&application, &request())).await);
        }
    }
}

#[tokio::test]
async fn h07_an_answer_with_many_headers_or_with_a_status_that_is_none_is_judged() {
    let [application, _] = applications();
    let many = |request: &Request<Bytes>| {
        let mut response = token(request);
        for number in 0..20_000_u32 {
            let name = http::HeaderName::try_from(format!("x-{number}")).unwrap();
            response.headers_mut().append(name, "x".parse().unwrap());
        }
        response
    };
    let mut host = OwnHost::new(many, |_| Ok(())).await;
    is_clean(&bounded(host.acquire(&application, &request())).await);

    for status in [0, 99, 1_000, u16::MAX] {
        let mut host = OwnHost::new(token, |linker| {
            linker.instance(&wasi("http/types"))?.func_wrap(
                "[method]incoming-response.status",
                move |_, (_,): (Resource<IncomingResponse>,)| Ok((status,)),
            )
        })
        .await;
        let error = bounded(host.acquire(&application, &request())).await.unwrap_err();
        assert_eq!(error.kind, "unexpected-response", "{status}: {error:?}");
    }
}

type IncomingResponse = wasmtime_wasi_http::p2::types::HostIncomingResponse;

/// Changes how many bytes the host accepts.
fn replace_check_write(
    linker: &mut Linker<Guest>,
    change: impl Fn(u64) -> u64 + Send + Sync + 'static,
) -> wasmtime::Result<()> {
    linker.instance(&wasi("io/streams"))?.func_wrap(
        "[method]output-stream.check-write",
        move |mut guest: StoreContextMut<'_, Guest>, (stream,): (Resource<DynOutputStream>,)| {
            let stream = guest.data_mut().table.get_mut(&stream)?;
            let room =
                stream.check_write().map_err(|_| wasmtime::Error::msg("the stream failed"))?;
            let room = u64::try_from(room)?;
            Ok((Ok::<_, StreamError>(change(room)),))
        },
    )
}

/// The result of a call that must end, and not in a trap.
async fn bounded(call: impl Future<Output = wasmtime::Result<Outcome>>) -> Outcome {
    let outcome = tokio::time::timeout(Duration::from_secs(120), call).await;
    match outcome.expect("the call ends") {
        Ok(result) => result,
        Err(trap) => panic!("{trap:?}"),
    }
}

/// Asserts that a call got its token, or an error of the contract that says something.
fn is_clean(outcome: &Outcome) {
    match outcome {
        Ok(result) => assert_eq!(result.access_token, TOKEN),
        Err(error) => assert!(!error.message.is_empty(), "{error:?}"),
    }
}

/// An application with a secret, and one with a certificate.
fn applications() -> [Application; 2] {
    let pem = CertificateSource::Pem(key_text("rsa2048.pem"));
    let credentials =
        [secret(demo::client_secret()), Credential::Certificate(Certificate::new(pem))];
    credentials.map(|credential| Application {
        client_id: demo::CLIENT_ID.to_owned(),
        authority: demo::TENANT.to_owned(),
        credentials: vec![credential],
        options: Vec::new(),
    })
}

fn token(_request: &Request<Bytes>) -> Response<Bytes> {
    let body = format!(r#"{{"token_type":"Bearer","expires_in":3599,"access_token":"{TOKEN}"}}"#);
    Response::builder().header("content-type", "application/json").body(body.into()).unwrap()
}

const TOKEN: &str = "a-token-of-the-own-host";
