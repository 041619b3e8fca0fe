//! Servers and networks that fail at every stage, over real sockets: section D of the fault catalogue.
//!
//! The host decides about name resolution and TLS; these are tested with the host of this repository.

use std::fmt::Debug;
use std::net::SocketAddr;
use std::time::Duration;
use std::time::Instant;

use msal_emulator::ConnectionFault;
use msal_emulator::Scripted;
use msal_emulator::ServerCertificate;
use msal_emulator::demo;
use msal_host::Network;
use msal_host::contract::AcquireError;
use msal_host::contract::Application;
use msal_host::contract::ApplicationOption;
use msal_host::contract::AuthenticationResult;
use msal_host::contract::Credential;
use msal_host::contract::ErrorCause;
use msal_host::contract::RequestOption;
use msal_host::contract::TokenRequest;
use msal_host::contract::TokenSource;
use msal_host_tests::BlackHole;
use msal_host_tests::World;
use msal_host_tests::options;
use msal_host_tests::refusal;
use msal_host_tests::request_options;
use msal_host_tests::unexpected;
use msal_host_tests::unreachable_reason;

#[tokio::test(flavor = "multi_thread")]
async fn d01_a_closed_port_fails_quickly_after_one_retry() {
    let mut world = World::new();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    world.host = world.host.with_network(leading_to(closed));
    let started = Instant::now();
    let error = world.acquire(&once(&world), &world.request()).await.unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    assert!(unreachable_reason(&error).contains("refused"), "{error:?}");
    is_clean(&error);
    // The next call follows a failure, so it makes one attempt; without one before it, a call makes two.
    let error = world.acquire_demo().await.unwrap_err();
    assert_eq!(error.metadata.unwrap().token_requests, 1);
    world.host = World::new().host.with_network(leading_to(closed));
    let error = world.acquire_demo().await.unwrap_err();
    assert_eq!(error.metadata.unwrap().token_requests, 2);
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn d02_a_black_hole_ends_after_the_connect_timeout() {
    let black_hole = BlackHole::open().await.unwrap();
    let address = black_hole.address().unwrap();
    let mut world = World::new();
    world.host = world.host.with_network(leading_to(address));
    let started = Instant::now();
    let error = world.acquire(&once(&world), &world.request()).await.unwrap_err();
    let elapsed = started.elapsed().as_millis();
    assert!((2_900..5_000).contains(&elapsed), "{elapsed} ms");
    assert!(unreachable_reason(&error).contains("connecting timed out"), "{error:?}");
    is_clean(&error);
}

#[tokio::test(flavor = "multi_thread")]
async fn d03_a_name_without_an_address_is_a_clean_error() {
    let world = World::new();
    let application =
        Application { authority: "https://sts.invalid/contoso".into(), ..once(&world) };
    let request = request_options(&TokenRequest::new("x"), [RequestOption::DeadlineMs(20_000)]);
    let error = world.acquire(&application, &request).await.unwrap_err();
    unreachable_reason(&error);
    is_clean(&error);
    assert_eq!(world.emulator.connections(), 0);
}

/// As in DNS rebinding: the name resolves to a server whose certificate is for another name.
#[tokio::test(flavor = "multi_thread")]
async fn d03_a_name_that_resolves_to_another_server_gets_no_credential() {
    let mut world = World::new();
    let network = Network::builder()
        .ca_certificate_pem(world.emulator.ca_certificate_pem())
        .resolve(format!("sts.example:443:{}", world.emulator.https_address()));
    world.host = world.host.with_network(network.build().unwrap());
    let application =
        Application { authority: "https://sts.example/contoso".into(), ..once(&world) };
    let error = world.acquire(&application, &world.request()).await.unwrap_err();
    assert!(unreachable_reason(&error).contains("certificate"), "{error:?}");
    is_clean(&error);
    assert!(world.emulator.connections() > 0 && world.emulator.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn d04_a_server_that_never_answers_ends_after_the_timeout() {
    let in_the_handshake = async {
        let world = World::new();
        world.emulator.script_connections(vec![ConnectionFault::Hang]);
        let started = Instant::now();
        let error = world.acquire(&once(&world), &world.request()).await.unwrap_err();
        let elapsed = started.elapsed().as_millis();
        // 3 seconds to connect, TLS included.
        assert!((2_900..6_000).contains(&elapsed), "{elapsed} ms");
        unreachable_reason(&error);
        is_clean(&error);
    };
    let after_the_request = async {
        let world = World::new();
        world.emulator.script_any(vec![Scripted::hang()]);
        let started = Instant::now();
        let error = world.acquire(&once(&world), &world.request()).await.unwrap_err();
        let elapsed = started.elapsed().as_millis();
        assert!((9_900..13_000).contains(&elapsed), "{elapsed} ms");
        unreachable_reason(&error);
        is_clean(&error);
        assert_eq!(world.token_requests(), 1);
    };
    tokio::join!(in_the_handshake, after_the_request);
}

#[tokio::test(flavor = "multi_thread")]
async fn d05_a_connection_closed_before_an_answer_is_retried_once() {
    let mut calls = Vec::new();
    for fault in [
        ConnectionFault::Close,
        ConnectionFault::Reset,
        ConnectionFault::CloseAfterFirstBytes,
        ConnectionFault::CloseAfterRequestBytes(1),
        ConnectionFault::ResetAfterRequestBytes(200),
        ConnectionFault::CloseAfterRequestBytes(600),
        ConnectionFault::ResetAfterRequestBytes(600),
    ] {
        calls.push(tokio::spawn(async move {
            let world = World::new();
            world.emulator.script_connections(vec![fault.clone()]);
            let result = world.acquire_demo().await.unwrap();
            assert!(world.emulator.was_issued(&result.access_token), "{fault:?}");
            assert_eq!(result.metadata.token_requests, 2, "{fault:?}");
            assert_eq!(world.emulator.connections(), 2, "{fault:?}");

            world.emulator.script_connections(vec![fault.clone(), fault.clone()]);
            let forced = request_options(&world.request(), [RequestOption::ForceRefresh]);
            let error = world.acquire(&world.application(), &forced).await.unwrap_err();
            is_clean(&error);
            unreachable_reason(&error);
            assert_eq!(world.emulator.connections(), 4, "{fault:?}: no second retry");
        }));
    }
    for call in calls {
        call.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d05_an_answer_truncated_at_any_byte_is_an_error() {
    let whole = format!("{OK_HEAD}Content-Length: {}\r\n\r\n{}", BODY.len(), BODY);
    let head = whole.find("\r\n\r\n").unwrap() + 4;
    let chunked =
        format!("{OK_HEAD}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{BODY}\r\n", BODY.len());
    for (stage, bytes) in [
        ("status line", &whole[..17]),
        ("half the headers", &whole[..40]),
        ("headers", &whole[..head]),
        ("half the body", &whole[..head + BODY.len() / 2]),
        ("all but a byte", &whole[..whole.len() - 1]),
        ("a chunk without the last one", &chunked),
    ] {
        for way in [Scripted::raw(bytes), Scripted::raw(bytes).cut_after(bytes.len())] {
            let world = World::new();
            world.emulator.script_any(vec![way]);
            let error = world.acquire(&once(&world), &world.request()).await.expect_err(stage);
            is_clean(&error);
            assert_eq!(world.token_requests(), 1, "{stage}");
            world.assert_no_token_is_cached(stage).await;
        }
    }
    // Once a byte of the answer arrived, the server has processed the request, so it is not sent again.
    for bytes in [
        &whole[..1],
        &whole[..17],
        &whole[..40],
        &whole[..head],
        &whole[..head + BODY.len() / 2],
        &chunked,
    ] {
        for way in [Scripted::raw(bytes), Scripted::raw(bytes).cut_after(bytes.len())] {
            let world = World::new();
            world.emulator.script_any(vec![way]);
            let error = world.acquire_demo().await.unwrap_err();
            unexpected(&error);
            is_clean(&error);
            assert_eq!(world.token_requests(), 1, "{bytes:?}");
            assert_eq!(world.emulator.connections(), 1, "{bytes:?}");
            assert_eq!(error.metadata.unwrap().token_requests, 1, "{bytes:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d06_a_server_that_trickles_is_ended_by_the_deadline() {
    let whole = format!("{OK_HEAD}Content-Length: {}\r\n\r\n{}", BODY.len(), BODY);
    let pause = Duration::from_millis(200);
    for (name, trickle) in [
        ("head", Scripted::raw(whole).chunk_size(1).delay_per_chunk(pause)),
        ("body", answer(BODY).chunk_size(1).delay_per_chunk(pause)),
        ("chunks", answer(BODY).chunked(true).chunk_size(1).delay_per_chunk(pause)),
        ("for ever", answer(" ").chunked(true).chunk_size(1).delay_per_chunk(pause).endless()),
    ] {
        let world = World::new();
        world.emulator.script_any(vec![trickle]);
        let request = request_options(&world.request(), [RequestOption::DeadlineMs(1_000)]);
        let started = Instant::now();
        let error = world.acquire(&world.application(), &request).await.expect_err(name);
        let elapsed = started.elapsed().as_millis();
        assert!((900..2_500).contains(&elapsed), "{name}: {elapsed} ms");
        assert!(unreachable_reason(&error).contains("deadline"), "{name}: {error:?}");
        assert_eq!(world.token_requests(), 1, "{name}");
        world.assert_no_token_is_cached(name).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d07_an_endless_body_is_stopped_at_a_mebibyte() {
    let piece = vec![b' '; 64 << 10];
    let large = answer("").body(vec![b' '; (1 << 20) + 1]);
    for (name, scripted) in [
        ("endless chunks", answer("").body(piece.clone()).chunked(true).endless()),
        (
            "a length of 10^9",
            answer("").body(piece).header("Content-Length", "1000000000").endless(),
        ),
        ("1 MiB and a byte", large),
    ] {
        let world = World::new();
        world.emulator.script_any(vec![scripted]);
        let started = Instant::now();
        let error = world.acquire_demo().await.expect_err(name);
        assert!(unexpected(&error).reason.contains("1 MiB"), "{name}: {error:?}");
        assert!(started.elapsed() < Duration::from_secs(10), "{name}");
        let peak = world.host.statistics().peak_memory;
        assert!(peak <= 16 << 20, "{name}: {peak} bytes");
        assert_eq!(world.token_requests(), 1, "{name}");
        world.assert_no_token_is_cached(name).await;
    }
    // A body of exactly that length is accepted.
    let padded = format!("{BODY}{}", " ".repeat((1 << 20) - BODY.len()));
    let world = World::new();
    world.emulator.script_any(vec![answer(&padded)]);
    assert_eq!(world.acquire_demo().await.unwrap().access_token, TOKEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn d08_a_wrong_content_length_is_a_clean_error() {
    let length = BODY.len();
    for (name, scripted) in [
        ("shorter", answer(BODY).header("Content-Length", (length - 1).to_string())),
        ("a length of zero", answer(BODY).header("Content-Length", "0")),
        ("longer", answer(BODY).header("Content-Length", (length + 1).to_string())),
        ("negative", answer(BODY).header("Content-Length", "-1")),
        ("plus", answer(BODY).header("Content-Length", format!("+{length}"))),
        ("hexadecimal", answer(BODY).header("Content-Length", format!("0x{length:x}"))),
        ("too long for 64 bits", answer(BODY).header("Content-Length", "9".repeat(30))),
        (
            "two that differ",
            answer(BODY)
                .header("Content-Length", length.to_string())
                .header("Content-Length", (length - 1).to_string()),
        ),
        ("two in one", answer(BODY).header("Content-Length", format!("{length}, {}", length - 1))),
    ] {
        is_no_token(scripted, name).await;
    }
}

/// RFC 9112, section 6.3: the two contradict each other, which may be an attempt at response splitting.
#[tokio::test(flavor = "multi_thread")]
async fn d08_a_content_length_beside_a_transfer_encoding_is_a_clean_error() {
    let chunks = format!("{:x}\r\n{BODY}\r\n0\r\n\r\n", BODY.len());
    for (name, length, rest) in [
        ("another length", 5, chunks.as_str()),
        ("the length of the body", BODY.len(), &chunks),
        ("the length of the chunks", chunks.len(), &chunks),
        ("a length, and no chunks", BODY.len(), BODY),
    ] {
        let answer = format!(
            "{OK_HEAD}Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n\r\n{rest}"
        );
        let (_, result) = given(Scripted::raw(answer.clone())).await;
        assert!(unexpected(&result.unwrap_err()).reason.contains("coding"), "{name}");
        is_no_token(Scripted::raw(answer), name).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d09_malformed_chunks_are_a_clean_error() {
    let length = BODY.len();
    let of = |chunks: String| {
        Scripted::raw(format!("{OK_HEAD}Transfer-Encoding: chunked\r\n\r\n{chunks}"))
    };
    for (name, chunks) in [
        ("no number", format!("zz\r\n{BODY}\r\n0\r\n\r\n")),
        ("negative", format!("-{length:x}\r\n{BODY}\r\n0\r\n\r\n")),
        ("no size", format!("\r\n{BODY}\r\n0\r\n\r\n")),
        ("a size beyond 64 bits", format!("1{}\r\n{BODY}\r\n0\r\n\r\n", "0".repeat(16))),
        ("no line end behind a chunk", format!("{length:x}\r\n{BODY}0\r\n\r\n")),
        (
            "an endless extension",
            format!("{length:x};{}\r\n{BODY}\r\n0\r\n\r\n", "x".repeat(1 << 20)),
        ),
        ("no last chunk", format!("{length:x}\r\n{BODY}\r\n")),
    ] {
        is_no_token(of(chunks), name).await;
    }
    for (name, chunks) in [
        ("an extension", format!("{length:x};a=b\r\n{BODY}\r\n0\r\n\r\n")),
        (
            "trailers",
            format!("{length:x}\r\n{BODY}\r\n0\r\nX-Trailer: evil\r\nRetry-After: 9\r\n\r\n"),
        ),
    ] {
        let (_, result) = given(of(chunks)).await;
        assert_eq!(result.expect(name).access_token, TOKEN, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d10_an_answer_that_is_not_http_1_is_a_clean_error() {
    let rest = format!("Content-Length: {}\r\n\r\n{BODY}", BODY.len());
    for start in [
        BODY.to_owned(),
        format!("\r\n\r\n\r\n{BODY}"),
        format!("HTTP/1.1 99 OK\r\n{rest}"),
        format!("HTTP/1.1 2000 OK\r\n{rest}"),
        format!("HTTP/1.1 20 OK\r\n{rest}"),
        format!("HTTP/1.1 -200 OK\r\n{rest}"),
        format!("HTTP/1.1 abc OK\r\n{rest}"),
        format!("HTTP/3.1 200 OK\r\n{rest}"),
        format!("HTTP/1.1\r\n{rest}"),
        format!("garbage\r\nHTTP/1.1 200 OK\r\n{rest}"),
        format!("{OK_HEAD}no colon\r\n{rest}"),
        format!("{OK_HEAD}bad name: x\r\n{rest}"),
        "\0\u{1}\u{2}".repeat(100),
    ] {
        is_no_token(Scripted::raw(start.clone()), &start).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d11_a_server_that_cannot_be_trusted_gets_no_request() {
    for certificate in [
        ServerCertificate::UnknownAuthority,
        ServerCertificate::Expired,
        ServerCertificate::WrongHost,
    ] {
        let world = World::with(|emulator| emulator.server_certificate(certificate));
        let error = world.acquire(&once(&world), &world.request()).await.unwrap_err();
        let reason = unreachable_reason(&error);
        assert!(reason.contains("certificate"), "{certificate:?}: {reason}");
        has_remedy(&error, "let the host trust");
        is_clean(&error);
        assert_eq!(world.emulator.connections(), 1, "{certificate:?}");
        assert!(world.emulator.requests().is_empty(), "{certificate:?}");
    }
    // The emulator's CA is not trusted.
    let mut world = World::new();
    world.host = world.host.with_network(leading_to(world.emulator.https_address()));
    let error = world.acquire(&once(&world), &world.request()).await.unwrap_err();
    assert!(unreachable_reason(&error).contains("certificate"), "{error:?}");
    has_remedy(&error, "let the host trust");
    assert!(world.emulator.requests().is_empty());
    // Entra's certificates are trusted everywhere, so something between has answered.
    let entra = Application { authority: demo::TENANT.to_owned(), ..world.application() };
    let error = world.acquire(&entra, &world.request()).await.unwrap_err();
    has_remedy(&error, "inspects TLS");
    assert_eq!(error.metadata.unwrap().token_requests, 1, "a retry would not help");
}

#[tokio::test(flavor = "multi_thread")]
async fn d12_an_old_version_of_tls_and_an_alert_are_clean_errors() {
    let mut old_hello = vec![0x16, 3, 1, 0, 0x2a, 2, 0, 0, 0x26, 3, 1];
    old_hello.extend([7; 32]);
    old_hello.extend([0, 0, 0x2f, 0]);
    for (name, bytes) in [
        ("a hello of TLS 1.0", old_hello),
        ("protocol_version", vec![0x15, 3, 1, 0, 2, 2, 70]),
        ("handshake_failure", vec![0x15, 3, 3, 0, 2, 2, 40]),
        ("internal_error", vec![0x15, 3, 3, 0, 2, 2, 80]),
        ("close_notify", vec![0x15, 3, 3, 0, 2, 1, 0]),
        ("HTTP", b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()),
    ] {
        let world = World::new();
        world.emulator.script_connections(vec![ConnectionFault::Garbage(bytes)]);
        let error = world.acquire(&once(&world), &world.request()).await.expect_err(name);
        assert!(!unreachable_reason(&error).is_empty(), "{name}");
        is_clean(&error);
        assert!(world.emulator.requests().is_empty(), "{name}");
        world.assert_no_token_is_cached(name).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d13_a_trusted_certificate_for_another_name_is_refused() {
    let mut world = World::new();
    let network = Network::builder()
        .ca_certificate_pem(world.emulator.ca_certificate_pem())
        .resolve(format!("login.contoso.example:443:{}", world.emulator.https_address()));
    world.host = world.host.with_network(network.build().unwrap());
    let authority = format!("https://login.contoso.example/{}", demo::TENANT);
    let application = Application { authority, ..once(&world) };
    let error = world.acquire(&application, &world.request()).await.unwrap_err();
    assert!(unreachable_reason(&error).contains("certificate"), "{error:?}");
    assert!(world.emulator.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn d14_an_answer_before_the_whole_request_was_read_is_returned() {
    let long = format!("a.b.{}", "c".repeat(60 << 10));
    for status in [413, 400] {
        for credential in [None, Some(Credential::Assertion(long.clone()))] {
            let world = World::new();
            let early =
                format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            world.emulator.script_connections(vec![ConnectionFault::AnswerAfterHead(early.into())]);
            let mut application = once(&world);
            if let Some(credential) = credential {
                application.credentials = vec![credential];
            }
            let error = world.acquire(&application, &world.request()).await.unwrap_err();
            assert_eq!(refusal(&error).status, status);
            assert_eq!(error.metadata.unwrap().token_requests, 1);
        }
    }
}

/// Connections are not reused, so none can have been closed in the meantime. B33 covers the new assertion of a retry.
#[tokio::test(flavor = "multi_thread")]
async fn d15_every_request_has_its_own_connection() {
    let world = World::new();
    let mut instance = world.host.instance().await.unwrap();
    let forced = request_options(&world.request(), [RequestOption::ForceRefresh]);
    for count in 1..=3 {
        let result = instance.acquire_token_for_client(&world.application(), &forced).await;
        result.unwrap().unwrap();
        assert_eq!(world.emulator.connections(), count);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d16_a_host_that_denies_the_network_is_reported_and_the_cache_still_serves() {
    let world = World::new();
    let cached = world.acquire_demo().await.unwrap();
    for network in [Network::builder().deny_all(), Network::builder().allow(["other.example"])] {
        let host = world.host.with_network(network.build().unwrap());
        let served = host.acquire_token_for_client(&world.application(), &world.request()).await;
        assert_eq!(served.unwrap().unwrap().access_token, cached.access_token);
        let forced = request_options(&world.request(), [RequestOption::ForceRefresh]);
        let denied = host.acquire_token_for_client(&world.application(), &forced).await;
        let error = denied.unwrap().unwrap_err();
        assert!(matches!(error.cause, ErrorCause::NotPermitted(_)), "{error:?}");
        is_clean(&error);
        assert_eq!(error.metadata.unwrap().token_requests, 1, "it is not retried");
    }
    assert_eq!(world.token_requests(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn d17_a_cached_token_needs_no_network() {
    let world = World::new();
    let cached = world.acquire_demo().await.unwrap();
    let nothing = Network::function(|_| panic!("a request was sent"));
    let host = world.host.with_network(nothing);
    let served = host.acquire_token_for_client(&world.application(), &world.request()).await;
    let served = served.unwrap().unwrap();
    assert_eq!(served.access_token, cached.access_token);
    assert_eq!(served.metadata.token_source, TokenSource::Cache);
}

#[tokio::test(flavor = "multi_thread")]
async fn d18_a_second_answer_is_discarded() {
    let of = |token: &str| {
        let body = BODY.replace(TOKEN, token);
        format!("{OK_HEAD}Content-Length: {}\r\n\r\n{body}", body.len())
    };
    let world = World::new();
    world.emulator.script_any(vec![Scripted::raw(format!("{}{}", of("one"), of("two")))]);
    let mut instance = world.host.instance().await.unwrap();
    let forced = request_options(&world.request(), [RequestOption::ForceRefresh]);
    let first = instance.acquire_token_for_client(&world.application(), &forced).await;
    assert_eq!(first.unwrap().unwrap().access_token, "one");
    let second = instance.acquire_token_for_client(&world.application(), &forced).await;
    let second = second.unwrap().unwrap();
    assert!(world.emulator.was_issued(&second.access_token), "{}", second.access_token);
}

#[tokio::test(flavor = "multi_thread")]
async fn d18_an_answer_before_the_request_reaches_no_other_call() {
    let world = World::new();
    let authority = format!("{}/{}", world.emulator.http_url(), demo::TENANT);
    let application = Application { authority, ..once(&world) };
    let application = options(&application, [ApplicationOption::AllowInsecureLoopback]);
    let early = format!("{OK_HEAD}Content-Length: {}\r\n\r\n{BODY}", BODY.len());
    world.emulator.script_connections(vec![ConnectionFault::Garbage(early.into())]);
    if let Err(error) = world.acquire(&application, &world.request()).await {
        is_clean(&error);
    }
    world.let_time_pass();
    let forced = request_options(&world.request(), [RequestOption::ForceRefresh]);
    let next = world.acquire(&application, &forced).await.unwrap();
    assert!(world.emulator.was_issued(&next.access_token));
}

/// The emulator listens only on 127.0.0.1, while on most machines `localhost` resolves to an IPv6 address first.
#[tokio::test(flavor = "multi_thread")]
async fn d20_all_addresses_of_a_name_are_tried() {
    let mut world = World::new();
    let port = world.emulator.https_address().port();
    let authority = format!("https://localhost:{port}/{}", demo::TENANT);
    let application = Application { authority, ..world.application() };
    world.acquire(&application, &world.request()).await.unwrap();

    let only_ipv6 = SocketAddr::new("::1".parse().unwrap(), port);
    world.host = world.host.with_network(leading_to(only_ipv6));
    let error = world.acquire(&once(&world), &world.request()).await.unwrap_err();
    unreachable_reason(&error);
    is_clean(&error);
}

/// Asserts that an answer leads to a clean error, and that the next call gets a token.
async fn is_no_token(scripted: Scripted, what: impl Debug) {
    let (world, result) = given(scripted).await;
    let error = result.expect_err(&format!("{what:?}"));
    is_clean(&error);
    assert!(
        matches!(error.cause, ErrorCause::UnexpectedResponse(_) | ErrorCause::Unreachable(_)),
        "{what:?}: {error:?}"
    );
    assert_eq!(world.token_requests(), 1, "{what:?}");
    assert!(world.host.statistics().peak_memory <= 16 << 20, "{what:?}");
    world.assert_no_token_is_cached(what).await;
}

/// Makes a call with this answer, without a retry.
async fn given(scripted: Scripted) -> (World, Result<AuthenticationResult, AcquireError>) {
    let world = World::new();
    world.emulator.script_any(vec![scripted]);
    let result = world.acquire(&once(&world), &world.request()).await;
    (world, result)
}

/// The demo application without retries.
fn once(world: &World) -> Application {
    options(&world.application(), [ApplicationOption::DisableRetry])
}

/// A network in which Entra has this address and only the platform's CAs are trusted.
fn leading_to(address: SocketAddr) -> Network {
    let network = Network::builder().resolve(format!("login.microsoftonline.com:443:{address}"));
    network.build().unwrap()
}

fn has_remedy(error: &AcquireError, part: &str) {
    assert!(error.remedy.as_ref().is_some_and(|remedy| remedy.contains(part)), "{error:?}");
}

/// Asserts that an error contains neither the secret nor the token, and only printable text.
fn is_clean(error: &AcquireError) {
    let shown = format!("{error:?}");
    assert!(!shown.contains(demo::client_secret()) && !shown.contains(TOKEN), "{shown}");
    assert!(!error.message.contains(char::is_control), "{shown}");
    assert!(error.metadata.is_some(), "{shown}");
}

fn answer(body: &str) -> Scripted {
    Scripted::status(200).header("Content-Type", "application/json").body(body)
}

const OK_HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";
const BODY: &str =
    r#"{"token_type":"Bearer","expires_in":3599,"access_token":"planted-access-token"}"#;
const TOKEN: &str = "planted-access-token";
