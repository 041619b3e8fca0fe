use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;
use std::time::Instant;

use msal_emulator::ConnectionFault;
use msal_emulator::Emulator;
use msal_emulator::Scripted;
use msal_emulator::demo;
use serde_json::json;

use crate::client::FORM;
use crate::client::demo_form;
use crate::client::demo_form_with;
use crate::client::encode;
use crate::client::error;
use crate::client::exchange;
use crate::client::post;
use crate::client::to_request;

fn raw_post(emulator: &Emulator) -> Vec<u8> {
    let target = format!("/{}/oauth2/v2.0/token", demo::TENANT);
    let request = to_request("POST", &target, &[FORM], encode(&demo_form()).as_bytes());
    exchange(emulator.http_address(), &request)
}

#[test]
fn scripted_answers_come_in_order_and_then_normal_ones() {
    let emulator = Emulator::start().unwrap();
    let throttled = Scripted::status(429).header("Retry-After", "5").body("Too Many Requests");
    let refused = Scripted::json(400, json!({"error": "invalid_scope"}));
    emulator.script(demo::TENANT_DOMAIN, demo::CLIENT_ID, vec![throttled, refused]);
    let answer = post(&emulator, demo::TENANT, &demo_form());
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("5")));
    assert_eq!(post(&emulator, demo::TENANT, &demo_form()).json()["error"], "invalid_scope");
    assert_eq!(emulator.scripted_answers_left(), 0);
    post(&emulator, demo::TENANT, &demo_form()).token();
}

#[test]
fn a_script_applies_only_to_its_client() {
    let emulator = Emulator::start().unwrap();
    emulator.script(demo::TENANT, demo::OTHER_CLIENT_ID, vec![Scripted::status(500)]);
    post(&emulator, demo::TENANT, &demo_form()).token();
    emulator.script_any(vec![Scripted::status(502)]);
    assert_eq!(post(&emulator, demo::OTHER_TENANT, &demo_form()).status, 502);
}

#[test]
fn a_scripted_token_is_issued_without_checks() {
    let emulator = Emulator::start().unwrap();
    emulator.script_any(vec![Scripted::token(7), Scripted::normal().header("X-Extra", "1")]);
    let answer = post(&emulator, demo::TENANT, &demo_form_with("client_secret", "wrong"));
    assert!(emulator.was_issued(&answer.token()));
    assert_eq!(answer.json()["expires_in"], 7);
    assert_eq!(post(&emulator, demo::TENANT, &demo_form()).header("x-extra"), Some("1"));
}

#[test]
fn a_scripted_error_has_entras_format() {
    let emulator = Emulator::start().unwrap();
    let transient = Scripted::error(503, "temporarily_unavailable", 90_033, "A transient error.");
    emulator.script_any(vec![transient.header("Retry-After", "1")]);
    let answer = post(&emulator, demo::TENANT, &demo_form());
    assert_eq!(answer.error(), error(503, "temporarily_unavailable", 90_033));
    assert_eq!(answer.json()["trace_id"].as_str(), answer.header("x-ms-request-id"));
    assert_eq!(answer.header("retry-after"), Some("1"));
}

#[test]
fn raw_bytes_are_sent_unchanged() {
    let emulator = Emulator::start().unwrap();
    for bytes in [
        &b"HTTP/1.1 99 Odd\r\n\r\n"[..],
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
        b"",
    ] {
        emulator.script_any(vec![Scripted::raw(bytes)]);
        assert_eq!(raw_post(&emulator), bytes);
    }
}

#[test]
fn an_answer_may_be_cut_anywhere() {
    let emulator = Emulator::start().unwrap();
    let whole = {
        emulator.script_any(vec![Scripted::status(200).header("Date", "x").body("0123456789")]);
        raw_post(&emulator)
    };
    for bytes in [0, 1, 12, whole.len() - 1] {
        let answer = Scripted::status(200).header("Date", "x").body("0123456789").cut_after(bytes);
        emulator.script_any(vec![answer]);
        assert_eq!(raw_post(&emulator), &whole[..bytes]);
    }
}

#[test]
fn a_body_may_be_chunked_and_slow() {
    let emulator = Emulator::start().unwrap();
    let slow = Scripted::status(200)
        .body("abc")
        .chunked(true)
        .chunk_size(1)
        .delay_before_headers(Duration::from_millis(30))
        .delay_per_chunk(Duration::from_millis(20));
    emulator.script_any(vec![slow]);
    let started = Instant::now();
    let answer = raw_post(&emulator);
    assert!(started.elapsed() >= Duration::from_millis(90));
    assert!(answer.ends_with(b"1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n"));
}

#[test]
fn an_endless_body_ends_with_the_client() {
    let emulator = Emulator::start().unwrap();
    emulator.script_any(vec![Scripted::status(200).body("x".repeat(1000)).chunked(true).endless()]);
    let mut stream = TcpStream::connect(emulator.http_address()).unwrap();
    let target = format!("/{}/oauth2/v2.0/token", demo::TENANT);
    stream.write_all(&to_request("POST", &target, &[FORM], b"")).unwrap();
    let mut read = vec![0; 100_000];
    stream.read_exact(&mut read).unwrap();
    drop(stream);
    post(&emulator, demo::TENANT, &demo_form()).token();
}

#[test]
fn a_connection_may_close_without_an_answer() {
    let emulator = Emulator::start().unwrap();
    emulator.script_any(vec![Scripted::close_without_answer(), Scripted::reset()]);
    assert_eq!(raw_post(&emulator), b"");

    let mut stream = TcpStream::connect(emulator.http_address()).unwrap();
    let target = format!("/{}/oauth2/v2.0/token", demo::TENANT);
    stream.write_all(&to_request("POST", &target, &[FORM], b"")).unwrap();
    let ended = stream.read(&mut [0; 1]).unwrap_err();
    assert_eq!(ended.kind(), std::io::ErrorKind::ConnectionReset);
    assert_eq!(emulator.requests()[0].answer_status, None);
}

#[test]
fn a_hanging_connection_ends_with_the_emulator() {
    let emulator = Emulator::start().unwrap();
    emulator.script_any(vec![Scripted::hang()]);
    let mut stream = TcpStream::connect(emulator.http_address()).unwrap();
    let target = format!("/{}/oauth2/v2.0/token", demo::TENANT);
    stream.write_all(&to_request("POST", &target, &[FORM], b"")).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    assert!(stream.read(&mut [0; 1]).is_err());
    drop(emulator);
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    assert!(!matches!(stream.read(&mut [0; 1]), Ok(1)));
}

#[test]
fn connections_may_fail_before_any_request() {
    let emulator = Emulator::start().unwrap();
    emulator.script_connections(vec![
        ConnectionFault::Close,
        ConnectionFault::Reset,
        ConnectionFault::CloseAfterFirstBytes,
        ConnectionFault::Garbage(b"?".to_vec()),
        ConnectionFault::CloseAfterRequestBytes(20),
        ConnectionFault::ResetAfterRequestBytes(20),
        ConnectionFault::AnswerAfterHead(b"HTTP/1.1 413 X\r\n\r\n".to_vec()),
    ]);
    let answers: Vec<_> = (0..7).map(|_| raw_post(&emulator)).collect();
    let empty: &[u8] = b"";
    assert_eq!(answers[..3], [empty, empty, empty]);
    assert_eq!(answers[3], b"?");
    assert_eq!(answers[4..6], [empty, empty]);
    assert_eq!(emulator.requests().len(), 0);
    assert_eq!(emulator.connections(), 7);
    post(&emulator, demo::TENANT, &demo_form()).token();
}
