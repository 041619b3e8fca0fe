//! Answers of the token endpoint: section C of the fault catalogue.

use std::fmt::Debug;
use std::time::Duration;
use std::time::Instant;

use msal_emulator::Scripted;
use msal_emulator::demo;
use msal_host::contract::AcquireError;
use msal_host::contract::Application;
use msal_host::contract::ApplicationOption;
use msal_host::contract::AuthenticationResult;
use msal_host::contract::CacheRefreshReason;
use msal_host::contract::ErrorCause;
use msal_host::contract::RequestOption;
use msal_host::contract::TokenRequest;
use msal_host::contract::TokenSource;
use msal_host_tests::World;
use msal_host_tests::options;
use msal_host_tests::refusal;
use msal_host_tests::request_options;
use msal_host_tests::secret;
use msal_host_tests::throttle;
use msal_host_tests::unexpected;
use serde_json::Value;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn c01_a_normal_answer_is_a_token_whose_lifetime_starts_at_the_request() {
    let body = r#"{"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,"access_token":"eyJ0eXAi.eyJhdWQi.c2ln"}"#;
    let result = token(answer(body)).await;
    assert_eq!(result.access_token, "eyJ0eXAi.eyJhdWQi.c2ln");
    assert_eq!(result.token_type, "Bearer");
    assert_eq!(result.expires_on, NOW + 3_599);
    assert_eq!(result.refresh_on, None);
    assert_eq!(result.scopes, [demo::API_SCOPE]);
    assert_eq!(result.tenant_id, demo::TENANT);
    assert_eq!(result.metadata.token_source, TokenSource::IdentityProvider);
    assert_eq!(result.metadata.cache_refresh_reason, CacheRefreshReason::NoCachedAccessToken);
    assert_eq!(result.metadata.token_requests, 1);
    assert!(result.metadata.warnings.is_empty(), "{:?}", result.metadata.warnings);

    let world = World::new();
    let slow = answer(body).delay_before_headers(Duration::from_millis(2_100));
    world.emulator.script_any(vec![slow]);
    let before = unix_seconds();
    let result = world.acquire_demo().await.unwrap();
    assert!((before..=before + 1).contains(&(result.expires_on - 3_599)), "from the start");
}

#[tokio::test(flavor = "multi_thread")]
async fn c02_a_lifetime_is_read_from_every_notation_of_a_number() {
    for expires_in in ["3599", "\"3599\"", "3599.0", "3599.9", "3.599e3", "\"3599.9\""] {
        let (world, result) = given(answer(&token_with("expires_in", expires_in))).await;
        assert_eq!(result.unwrap().expires_on, NOW + 3_599, "{expires_in}");
        assert_eq!(world.store.entries().len(), 1, "{expires_in}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c03_a_token_with_a_lifetime_of_zero_is_returned_and_not_cached() {
    for expires_in in ["0", "-1", "-3599", "-0", "\"-1\"", "-1e300", "0.9"] {
        let (world, result) = given(answer(&token_with("expires_in", expires_in))).await;
        let result = result.unwrap();
        assert_eq!((&*result.access_token, result.expires_on), (TOKEN, NOW), "{expires_in}");
        world.assert_no_token_is_cached(expires_in).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c04_a_huge_lifetime_is_capped_at_a_day_or_refused() {
    let digits = format!("\"{}\"", "9".repeat(32));
    for expires_in in ["1e18", "9223372036854775808", "18446744073709551616", "86401", &digits] {
        let result = token(answer(&token_with("expires_in", expires_in))).await;
        assert_eq!(result.expires_on, NOW + 86_400, "{expires_in}");
        let warnings = &result.metadata.warnings;
        assert!(warnings.iter().any(|it| it.contains("24 hours")), "{expires_in}: {warnings:?}");
    }
    let digits = format!("\"{}\"", "9".repeat(400));
    for expires_in in ["1e400", "-1e400", &digits, &"9".repeat(400)] {
        is_unexpected(answer(&token_with("expires_in", expires_in)), expires_in).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c05_a_missing_lifetime_is_legal_and_a_non_numeric_one_is_an_error() {
    let absent = json!({"token_type": "Bearer", "access_token": TOKEN}).to_string();
    let (world, result) = given(answer(&absent)).await;
    let result = result.unwrap();
    assert_eq!((&*result.access_token, result.expires_on), (TOKEN, NOW));
    assert!(!result.metadata.warnings.is_empty());
    world.assert_no_token_is_cached("no lifetime").await;
    for expires_in in ["null", "true", "[]", "{}", "\"\"", "\"abc\"", "\"inf\"", "\" 3599\""] {
        is_unexpected(answer(&token_with("expires_in", expires_in)), expires_in).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c06_an_access_token_that_is_not_a_string_is_an_error() {
    let absent = json!({"token_type": "Bearer", "expires_in": 3599}).to_string();
    is_unexpected(answer(&absent), "absent").await;
    for token in ["null", "\"\"", "1", "true", "{}", "[]", "[\"token\"]"] {
        is_unexpected(answer(&token_with("access_token", token)), token).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c07_a_token_with_characters_that_a_header_forbids_is_an_error() {
    for token in [
        r"a\rb",
        r"a\nX-Injected: b",
        r"a\r\nb",
        r"a\u0000b",
        "a b",
        " a",
        "a ",
        r"a\tb",
        "aé",
        r"a\u00e9",
        "a,b",
        "a;b",
        r#"a\"b"#,
        "a=b",
        "=",
        "a%0d%0a",
        r"a\u007f",
        "a\u{202e}b",
    ] {
        is_unexpected(answer(&token_with("access_token", &format!("\"{token}\""))), token).await;
    }
    let every_character = "AZaz09-._~+/==";
    let quoted = format!("\"{every_character}\"");
    let result = token(answer(&token_with("access_token", &quoted))).await;
    assert_eq!(result.access_token, every_character);
}

#[tokio::test(flavor = "multi_thread")]
async fn c08_a_token_of_200_kib_is_accepted_and_cached() {
    let long = "a".repeat(200 << 10);
    let (world, result) = given(answer(&token_with("access_token", &format!("\"{long}\"")))).await;
    assert!(result.unwrap().access_token == long);
    let again = world.acquire_demo().await.unwrap();
    assert_eq!(again.metadata.token_source, TokenSource::Cache);
    assert!(again.access_token == long);
}

#[tokio::test(flavor = "multi_thread")]
async fn c09_the_token_type_is_compared_without_case() {
    for kind in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        let result = token(answer(&token_with("token_type", &format!("\"{kind}\"")))).await;
        assert_eq!(result.token_type, "Bearer", "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c10_a_token_of_another_type_is_an_error() {
    let absent = json!({"access_token": TOKEN, "expires_in": 3599}).to_string();
    is_unexpected(answer(&absent), "absent").await;
    for kind in [
        "\"mac\"",
        "\"DPoP\"",
        "\"pop\"",
        "\"Bearer \"",
        "\" Bearer\"",
        "\"\"",
        "1",
        "null",
        "[\"Bearer\"]",
        "\"Bearer\\u0000\"",
        "\"Вearer\"",
    ] {
        is_unexpected(answer(&token_with("token_type", kind)), kind).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c11_granted_scopes_are_reported_and_the_cache_is_keyed_by_requested_scopes() {
    for (scope, granted) in [
        ("\"api://demo/Read\"", vec!["api://demo/Read"]),
        ("\"api://demo/Read  api://elsewhere/x\"", vec!["api://demo/Read", "api://elsewhere/x"]),
        ("\"\"", vec![demo::API_SCOPE]),
        ("\" \"", vec![demo::API_SCOPE]),
        ("null", vec![demo::API_SCOPE]),
    ] {
        let (world, result) = given(answer(&token_with("scope", scope))).await;
        assert_eq!(result.unwrap().scopes, granted, "{scope}");
        let again = world.acquire_demo().await.unwrap();
        assert_eq!(again.metadata.token_source, TokenSource::Cache, "{scope}");
        assert_eq!(again.scopes, granted, "{scope}");
    }
    for scope in ["1", "[]", "\"api://demo/é\"", "\"a\\nb\""] {
        is_unexpected(answer(&token_with("scope", scope)), scope).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c12_unknown_members_are_neither_used_nor_stored() {
    let (plain, result) = given(answer(&token_with("unknown", "1"))).await;
    result.unwrap();
    let long = "r".repeat(20_000);
    let body = json!({
        "token_type": "Bearer", "expires_in": 3599, "access_token": TOKEN,
        "refresh_token": long, "id_token": "e30.e30.", "client_info": "e30", "foci": "1",
        "unknown": {"access_token": "another", "error": "x"}, "not_before": "0", "expires_on": "1",
    });
    let (world, result) = given(answer(&body.to_string())).await;
    let result = result.unwrap();
    assert_eq!((&*result.access_token, result.expires_on), (TOKEN, NOW + 3_599));
    let stored = world.store.only_entry().1.len();
    assert_eq!(stored, plain.store.only_entry().1.len(), "nothing else is in the entry");
}

#[tokio::test(flavor = "multi_thread")]
async fn c13_a_duplicate_member_is_an_error() {
    for body in [
        r#"{"access_token":"a","access_token":"b","token_type":"Bearer","expires_in":3599}"#,
        r#"{"access_token":"a","access_token":"a","token_type":"Bearer","expires_in":3599}"#,
        r#"{"access_token":"a","access\u005ftoken":"b","token_type":"Bearer","expires_in":3599}"#,
        r#"{"access_token":"a","token_type":"Bearer","token_type":"pop","expires_in":3599}"#,
        r#"{"access_token":"a","token_type":"Bearer","expires_in":3599,"expires_in":9}"#,
        r#"{"access_token":"a","token_type":"Bearer","expires_in":3599,"x":1,"x":2}"#,
    ] {
        is_unexpected(answer(body), body).await;
    }
    // What is not read is not kept, so it is not compared.
    token(answer(
        r#"{"access_token":"a","token_type":"Bearer","expires_in":3599,"x":{"y":1,"y":2}}"#,
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c14_a_body_that_is_not_an_object_is_an_error() {
    for body in ["[]", "[{}]", "\"token\"", "1", "null", "true", "", " \r\n\t ", "{}", "token"] {
        is_unexpected(answer(body), body).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c15_anything_after_the_object_is_an_error() {
    let body = token_with("unknown", "1");
    for trailing in [",", "x", "{}", "\0", "]", "}", "null", &body, "\n{\"access_token\":\"b\"}"] {
        is_unexpected(answer(&format!("{body}{trailing}")), trailing).await;
    }
    token(answer(&format!(" \r\n{body}\r\n\t "))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c16_a_truncated_body_is_an_error() {
    let world = World::new();
    let application = options(&world.application(), [ApplicationOption::DisableRetry]);
    let body = token_with("unknown", "1");
    for length in 0..body.len() {
        let part = &body[..length];
        let broken_off = answer(part).header("Content-Length", body.len().to_string());
        let mut chunked = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
            Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
            .to_vec();
        chunked.extend_from_slice(format!("{:x}\r\n{part}", body.len()).as_bytes());
        let unframed = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{part}"
        );
        for (way, scripted) in [
            ("a whole body that is shorter", answer(part)),
            ("an end before the length", broken_off.clone()),
            ("a broken connection", broken_off.cut_after(usize::MAX)),
            ("an unfinished chunk", Scripted::raw(chunked)),
            ("no framing at all", Scripted::raw(unframed)),
        ] {
            world.emulator.script_any(vec![scripted]);
            let result = world.acquire(&application, &world.request()).await;
            world.let_time_pass();
            let error = result.expect_err(&format!("{way} at {length}"));
            assert!(!format!("{error:?}").contains(TOKEN), "{way} at {length}");
            match way {
                "a whole body that is shorter" | "no framing at all" => {
                    assert_eq!(unexpected(&error).status, Some(200), "{way} at {length}");
                }
                // Hosts differ in whether they detect a truncated answer.
                _ => assert!(
                    matches!(
                        error.cause,
                        ErrorCause::UnexpectedResponse(_) | ErrorCause::Unreachable(_)
                    ),
                    "{way} at {length}: {error:?}"
                ),
            }
        }
    }
    assert_eq!(world.token_requests(), 5 * body.len());
    assert_eq!(world.emulator.scripted_answers_left(), 0);
    world.assert_no_token_is_cached("all of them").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c17_deep_nesting_is_an_error_and_not_a_trap() {
    let arrays = "[".repeat(100_000);
    let objects = "{\"a\":".repeat(100_000);
    let inside = |member: &str| token_with("unknown", member);
    let closed = format!("{arrays}{}", "]".repeat(100_000));
    for body in [arrays.clone(), objects.clone(), inside(&arrays), inside(&closed), closed.clone()]
    {
        is_unexpected(answer(&body), &body[..40]).await;
    }
    for body in [arrays, objects, format!("{{\"error\":\"x\",\"claims\":{closed}}}")] {
        let world = World::new();
        world.emulator.script_any(vec![answer(&body).with_status(400)]);
        let error = world.acquire_demo().await.unwrap_err();
        assert_eq!((refusal(&error).status, &*refusal(&error).error), (400, "unknown"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c18_encodings_other_than_plain_utf_8_are_errors() {
    let body = token_with("unknown", "1");
    let utf_16_le: Vec<u8> = body.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf_16_be: Vec<u8> = body.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let with_byte = |name: &str, byte: u8| {
        let mut bytes = token_with(name, "\"a#b\"").into_bytes();
        let at = bytes.iter().position(|&it| it == b'#').unwrap();
        bytes[at] = byte;
        bytes
    };
    for (what, bytes) in [
        ("a byte order mark", [b"\xef\xbb\xbf", body.as_bytes()].concat()),
        ("UTF-16, little end first", utf_16_le.clone()),
        ("UTF-16, big end first", utf_16_be.clone()),
        ("UTF-16 with a mark, little end first", [b"\xff\xfe", &*utf_16_le].concat()),
        ("UTF-16 with a mark, big end first", [b"\xfe\xff", &*utf_16_be].concat()),
        ("a stray byte in the token", with_byte("access_token", 0xff)),
        ("a stray byte in an unknown member", with_byte("unknown", 0x80)),
        (
            "an overlong form",
            token_with("unknown", "\"#\"")
                .replace('#', "\u{7f}")
                .into_bytes()
                .iter()
                .flat_map(|&it| if it == 0x7f { vec![0xc0, 0xaf] } else { vec![it] })
                .collect(),
        ),
        ("a raw NUL in a text", with_byte("unknown", 0)),
        ("a lone surrogate in the token", token_with("access_token", r#""\ud800""#).into_bytes()),
        ("a lone surrogate in a member", token_with("unknown", r#""\ud800""#).into_bytes()),
        ("a NUL in the token", token_with("access_token", r#""a\u0000""#).into_bytes()),
        ("a NUL in the type", token_with("token_type", r#""Bearer\u0000""#).into_bytes()),
        ("a NUL in the scope", token_with("scope", r#""a\u0000b""#).into_bytes()),
    ] {
        is_unexpected(json_answer(bytes), what).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c19_an_error_member_in_a_200_answer_takes_precedence_over_a_token() {
    for (body, error) in [
        (
            json!({"error": "invalid_client", "error_description": "AADSTS7000215: x"}),
            "invalid_client",
        ),
        (token_and("error", json!("invalid_grant")), "invalid_grant"),
        (token_and("error", json!("temporarily_unavailable")), "temporarily_unavailable"),
        (token_and("error", json!("")), "unknown"),
        (token_and("error", json!(null)), "unknown"),
        (token_and("error", json!({})), "unknown"),
    ] {
        let (world, result) = given(Scripted::json(200, body.clone())).await;
        let failure = result.expect_err(&body.to_string());
        let refusal = refusal(&failure);
        assert_eq!((refusal.status, &*refusal.error), (200, error), "{body}");
        assert_eq!(world.token_requests(), 1, "{body}");
        world.assert_no_token_is_cached(body).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c20_the_content_decides_and_a_wrong_content_type_is_a_warning() {
    let body = token_with("unknown", "1");
    for content_type in [
        Some("application/json"),
        Some("application/json; charset=utf-8"),
        Some("Application/JSON"),
    ] {
        let result = token(labelled(content_type, &body)).await;
        assert!(result.metadata.warnings.is_empty(), "{content_type:?}");
    }
    for content_type in [
        None,
        Some("text/html"),
        Some("application/jwt"),
        Some("text/json; charset=latin1"),
        Some(""),
    ] {
        let result = token(labelled(content_type, &body)).await;
        assert_eq!(result.access_token, TOKEN, "{content_type:?}");
        let warnings = &result.metadata.warnings;
        assert!(warnings.iter().any(|it| it.contains("JSON")), "{content_type:?}: {warnings:?}");
    }
    let page = "<!DOCTYPE html><html><body>Sign in to hotel wireless \u{1b}[31m</body></html>";
    for content_type in [Some("text/html; charset=utf-8"), Some("application/json"), None] {
        let error = is_unexpected(labelled(content_type, page), page).await;
        let reason = &unexpected(&error).reason;
        assert!(reason.len() <= 200 && !reason.contains('\u{1b}'), "{reason}");
        assert!(error.remedy.is_some_and(|remedy| remedy.contains("portal")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c20_a_content_type_that_only_begins_like_json_is_a_warning() {
    for content_type in ["application/json-seq", "application/jsonp", "application/json5"] {
        let result = token(labelled(Some(content_type), &token_with("unknown", "1"))).await;
        assert!(!result.metadata.warnings.is_empty(), "{content_type}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c21_an_unrequested_content_encoding_is_an_error() {
    let body = token_with("unknown", "1");
    for coding in ["gzip", "br", "deflate", "zstd", "x-unknown", "identity, gzip", "gzip\u{e9}"] {
        is_unexpected(answer(&body).header("Content-Encoding", coding), coding).await;
        let refused = answer(&body).with_status(400).header("Content-Encoding", coding);
        is_unexpected(refused, coding).await;
    }
    token(answer(&body).header("Content-Encoding", "Identity")).await;

    let world = World::new();
    world.acquire_demo().await.unwrap();
    assert_eq!(world.emulator.token_requests()[0].header("accept-encoding"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn c21_a_repeated_content_encoding_is_an_error() {
    let body = token_with("unknown", "1");
    let twice = answer(&body).header("Content-Encoding", "gzip").header("Content-Encoding", "gzip");
    is_unexpected(twice, "gzip, named twice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c21_a_content_encoding_that_is_not_text_is_an_error() {
    let body = token_with("unknown", "1");
    is_unexpected(answer(&body).header("Content-Encoding", b"gzip\xff"), "no text").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c22_a_refusal_is_reported_in_full_and_not_retried() {
    for error in [
        "invalid_scope",
        "invalid_request",
        "unauthorized_client",
        "invalid_grant",
        "invalid_resource",
        "access_denied",
    ] {
        let world = World::new();
        let body = json!({
            "error": error,
            "error_description": "AADSTS500011: The resource principal was not found.\r\nTrace ID: t",
            "error_codes": [500_011, 9_002_313],
            "timestamp": "2026-01-02 03:04:05Z",
            "trace_id": "a0a0a0a0-0000-4000-8000-000000000001",
            "correlation_id": "b0b0b0b0-0000-4000-8000-000000000002",
            "suberror": "basic_action",
            "claims": "{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"1\"}}}",
            "error_uri": "https://login.microsoftonline.com/error?code=500011",
        });
        world.emulator.script_any(vec![Scripted::json(400, body.clone())]);
        let failure = world.acquire_demo().await.unwrap_err();
        let refusal = refusal(&failure);
        assert_eq!((refusal.status, &*refusal.error), (400, error));
        assert_eq!(refusal.error_codes, [500_011, 9_002_313]);
        assert_eq!(
            refusal.description.as_deref(),
            Some("AADSTS500011: The resource principal was not found. Trace ID: t")
        );
        assert_eq!(refusal.timestamp.as_deref(), body["timestamp"].as_str());
        assert_eq!(refusal.trace_id.as_deref(), body["trace_id"].as_str());
        assert_eq!(refusal.correlation_id.as_deref(), body["correlation_id"].as_str());
        assert_eq!(refusal.suberror.as_deref(), Some("basic_action"));
        assert_eq!(refusal.claims.as_deref(), body["claims"].as_str());
        assert_eq!(refusal.retry_after_seconds, None);
        assert!(!refusal.retryable);
        assert_eq!(world.token_requests(), 1, "{error}");
        world.assert_no_token_is_cached(error).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c23_a_failed_refresh_keeps_the_cached_token() {
    let world = World::new();
    let first = world.acquire_demo().await.unwrap();
    let refused =
        Scripted::error(401, "invalid_client", 7_000_215, "Invalid client secret provided.");
    world.emulator.script_any(vec![refused]);
    let refresh = request_options(&world.request(), [RequestOption::ForceRefresh]);
    let failure = world.acquire(&world.application(), &refresh).await.unwrap_err();
    let words = refusal(&failure);
    assert_eq!((words.status, &*words.error), (401, "invalid_client"));
    assert_eq!(words.error_codes, [7_000_215]);
    assert!(words.trace_id.is_some() && words.timestamp.is_some());
    assert!(failure.remedy.is_some_and(|remedy| remedy.contains("secret")));
    assert_eq!(world.token_requests(), 2);

    let again = world.acquire_demo().await.unwrap();
    assert_eq!(again.metadata.token_source, TokenSource::Cache);
    assert_eq!(again.access_token, first.access_token);
}

#[tokio::test(flavor = "multi_thread")]
async fn c24_a_403_with_an_empty_body_is_a_refusal_with_its_status() {
    let (world, result) = given(Scripted::status(403)).await;
    let failure = result.unwrap_err();
    let refusal = refusal(&failure);
    assert_eq!((refusal.status, &*refusal.error), (403, "unknown"));
    assert!(failure.remedy.as_ref().is_some_and(|remedy| remedy.contains("firewall")));
    assert_eq!(refusal.description, None);
    assert!(!refusal.retryable);
    assert_eq!(world.token_requests(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn c25_other_4xx_answers_keep_their_status_regardless_of_the_body() {
    for status in [404, 405, 406, 413, 415, 418, 451] {
        let page = labelled(Some("text/html"), "<html>\u{1b}[31mNot here</html>");
        let (world, result) = given(page.with_status(status)).await;
        let failure = result.unwrap_err();
        assert_eq!(refusal(&failure).status, status);
        assert_eq!(refusal(&failure).description, None, "an HTML page is not a description");
        assert_eq!(world.token_requests(), 1, "{status}");
        world.assert_no_token_is_cached(status).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c26_only_200_carries_a_token() {
    let body = token_with("unknown", "1");
    for status in [201, 202, 203, 204, 205, 206, 207, 226, 299] {
        let error = is_unexpected(answer(&body).with_status(status), status).await;
        assert_eq!(unexpected(&error).status, Some(status));
        is_unexpected(Scripted::status(status), status).await;
    }
    is_unexpected(Scripted::status(200), "no body").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c27_a_redirect_is_never_followed() {
    for status in [300, 301, 302, 303, 304, 305, 307, 308] {
        let world = World::new();
        let path = format!("/{}/oauth2/v2.0/token", demo::TENANT);
        let places = [
            path.clone(),
            format!("https://login.microsoftonline.com{path}"),
            format!("https://login.microsoftonline.us{path}"),
            format!("{}{path}", world.emulator.https_url()),
            format!("{}{path}", world.emulator.http_url()),
            "//evil.example/".to_owned(),
        ];
        for (count, place) in places.iter().enumerate() {
            let away = answer(&token_with("unknown", "1")).with_status(status);
            world.emulator.script_any(vec![away.header("Location", place)]);
            world.let_time_pass();
            let error = world.acquire_demo().await.expect_err(place);
            assert_eq!(unexpected(&error).status, Some(status), "{place}");
            assert!(!format!("{error:?}").contains("evil"), "the location is quoted");
            assert_eq!(world.emulator.requests().len(), count + 1, "{status} to {place}");
            assert_eq!(world.emulator.connections(), u64::try_from(count + 1).unwrap());
            let with_secret = |request: &&msal_emulator::RecordedRequest| {
                request.parameter("client_secret") == Some(demo::client_secret())
            };
            let requests = world.emulator.requests();
            assert_eq!(requests.iter().filter(with_secret).count(), count + 1, "{place}");
        }
        world.assert_no_token_is_cached(status).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c28_interim_answers_are_skipped() {
    let body = token_with("unknown", "1");
    let last = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    for interim in [
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n",
        "HTTP/1.1 102 Processing\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n",
    ] {
        let result = token(Scripted::raw(format!("{interim}{last}"))).await;
        assert_eq!(result.access_token, TOKEN, "{interim}");
    }
    let world = World::new();
    let application = options(&world.application(), [ApplicationOption::DisableRetry]);
    for interim in ["HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n"] {
        world.emulator.script_any(vec![Scripted::raw(interim)]);
        world.acquire(&application, &world.request()).await.expect_err(interim);
        world.let_time_pass();
    }
    world.assert_no_token_is_cached("interim answers alone").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c29_a_server_error_is_retried_once_after_a_second() {
    let calls = [500, 502, 503, 504].map(|status| tokio::spawn(recovers_from(status)));
    for call in calls {
        call.await.unwrap();
    }
}

async fn recovers_from(status: u16) {
    let world = World::new();
    let fault = Scripted::error(status, "server_error", 90_033, "A transient error has occurred.");
    world.emulator.script_any(vec![fault]);
    let result = world.acquire_demo().await.unwrap();
    assert!(world.emulator.was_issued(&result.access_token));
    assert_eq!(result.metadata.token_requests, 2, "{status}");
    assert_eq!(world.token_requests(), 2, "{status}");
    assert!((1_000..2_500).contains(&pause_in_milliseconds(&world)), "{status}");
    let requests = world.emulator.token_requests();
    let ids: Vec<_> = requests.iter().map(|it| it.header("client-request-id")).collect();
    assert_eq!(ids[0], ids[1], "one correlation id for a call");
    assert_eq!(world.store.entries().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn c30_a_persistent_server_error_fails_after_two_requests() {
    let world = World::new();
    let fault = |status| Scripted::error(status, "server_error", 90_033, "A transient error.");
    world.emulator.script_any(vec![fault(500), fault(503), fault(504), fault(504)]);
    let started = Instant::now();
    let error = world.acquire_demo().await.unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    assert_eq!(refusal(&error).status, 503, "the last answer is returned");
    assert!(refusal(&error).retryable);
    assert_eq!(error.metadata.unwrap().token_requests, 2);
    assert_eq!(world.token_requests(), 2);
    assert!(pause_in_milliseconds(&world) >= 1_000);

    let waiting = world.acquire_demo().await.unwrap_err();
    let words = throttle(&waiting);
    assert!((1..=5).contains(&words.retry_after_seconds), "{waiting:?}");
    assert_eq!((words.refusal.status, &*words.refusal.error), (503, "server_error"));
    assert_eq!(waiting.metadata.unwrap().token_requests, 0);
    assert_eq!(world.token_requests(), 2, "the failure is remembered for 5 seconds");
    world.set_clock_offset(6);
    world.acquire_demo().await.unwrap_err();
    assert_eq!(world.token_requests(), 3, "the next one is a probe, which is not retried");
}

#[tokio::test(flavor = "multi_thread")]
async fn c31_retry_after_of_a_server_error_binds_every_instance() {
    let world = World::new();
    let fault = Scripted::error(503, "temporarily_unavailable", 90_033, "A transient error.");
    world.emulator.script_any(vec![fault.header("Retry-After", "5")]);
    let error = world.acquire_demo().await.unwrap_err();
    assert_eq!(throttle(&error).retry_after_seconds, 5);
    assert_eq!(error.metadata.unwrap().token_requests, 1, "it is not tried again at once");
    for seconds in [1, 4] {
        world.set_clock_offset(seconds);
        // Each call runs in its own instance.
        let error = world.acquire_demo().await.unwrap_err();
        let left = throttle(&error).retry_after_seconds;
        assert!(i64::from(left) <= 5 - seconds && left >= 1, "{left} after {seconds}");
        assert_eq!(throttle(&error).refusal.error, "temporarily_unavailable");
        assert_eq!(throttle(&error).refusal.error_codes, [90_033]);
        assert_eq!(error.metadata.unwrap().token_requests, 0);
    }
    let forced = request_options(&world.request(), [RequestOption::ForceRefresh]);
    let error = world.acquire(&world.application(), &forced).await.unwrap_err();
    throttle(&error);
    assert_eq!(world.token_requests(), 1, "no call sends a request, not even with force-refresh");
    world.set_clock_offset(6);
    world.acquire_demo().await.unwrap();
    assert_eq!(world.token_requests(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn c31_retry_after_binds_one_application_tenant_and_scope() {
    let world = World::new();
    world.emulator.script_any(vec![Scripted::status(503).header("Retry-After", "60")]);
    throttle(&world.acquire_demo().await.unwrap_err());
    let graph = TokenRequest::new(demo::GRAPH_SCOPE);
    world.acquire(&world.application(), &graph).await.unwrap();
    let other = Application {
        client_id: demo::OTHER_CLIENT_ID.to_owned(),
        ..world.application_with(secret(demo::other_client_secret()))
    };
    world.acquire(&other, &world.request()).await.unwrap();
    throttle(&world.acquire_demo().await.unwrap_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn c31_without_a_store_every_call_sends_a_request() {
    let world = World::new();
    let application = options(&world.application(), [ApplicationOption::DisableCache]);
    let fault = Scripted::status(503).header("Retry-After", "60");
    world.emulator.script_any(vec![fault.clone(), fault]);
    for requests in 1..=2 {
        let error = world.acquire(&application, &world.request()).await.unwrap_err();
        assert_eq!(throttle(&error).retry_after_seconds, 60);
        assert_eq!(world.token_requests(), requests);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c32_a_429_in_plain_text_is_throttled() {
    let world = World::new();
    let answer = Scripted::status(429).header("Content-Type", "text/plain");
    let answer = answer.header("Retry-After", "60").body("Too Many Requests");
    world.emulator.script_any(vec![answer]);
    let error = world.acquire_demo().await.unwrap_err();
    let words = throttle(&error);
    assert_eq!(words.retry_after_seconds, 60);
    assert_eq!((words.refusal.status, &*words.refusal.error), (429, "unknown"));
    assert_eq!(words.refusal.description.as_deref(), Some("Too Many Requests"));
    assert!(words.refusal.retryable);
    assert_eq!(world.token_requests(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn c33_a_429_during_a_refresh_does_not_affect_the_cached_token() {
    let world = World::new();
    world.emulator.set_token_lifetime(Some(86_400));
    let first = world.acquire_demo().await.unwrap();
    assert!(first.refresh_on.is_some());
    world.emulator.script_any(vec![Scripted::status(429).header("Retry-After", "600")]);
    world.set_clock_offset(50_000);
    let served = world.acquire_demo().await.unwrap();
    assert_eq!(served.access_token, first.access_token);
    assert_eq!(served.metadata.token_source, TokenSource::Cache);
    assert_eq!(served.metadata.token_requests, 1);
    let warnings = &served.metadata.warnings;
    assert!(warnings.iter().any(|it| it.contains("not refreshed")), "{warnings:?}");
    // The next call that would refresh it finds the throttle, and returns the token, too.
    world.set_clock_offset(50_100);
    let next = world.acquire_demo().await.unwrap();
    assert_eq!(next.access_token, first.access_token);
    assert_eq!(next.metadata.token_requests, 0);
    assert_eq!(world.token_requests(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn c34_retry_after_counts_on_any_error() {
    for status in [400, 401, 403, 404, 408, 500] {
        let world = World::new();
        let answer = Scripted::error(status, "invalid_request", 90_055, "Too busy.");
        world.emulator.script_any(vec![answer.header("Retry-After", "30")]);
        let error = world.acquire_demo().await.unwrap_err();
        assert_eq!(throttle(&error).retry_after_seconds, 30, "{status}");
        assert_eq!(throttle(&error).refusal.status, status);
        throttle(&world.acquire_demo().await.unwrap_err());
        assert_eq!(world.token_requests(), 1, "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c35_a_retry_after_date_in_any_form_is_relative_to_the_servers_date() {
    for date in [
        "Sun, 06 Nov 1994 08:50:37 GMT",
        "Sunday, 06-Nov-94 08:50:37 GMT",
        "Sun Nov  6 08:50:37 1994",
    ] {
        let answer = Scripted::status(503).header("Retry-After", date);
        let own = answer.header("Date", "Sun, 06 Nov 1994 08:50:07 GMT");
        let (_, result) = given(own).await;
        assert_eq!(throttle(&result.unwrap_err()).retry_after_seconds, 30, "{date}");
    }
    // 45 seconds after NOW, for a server without a `Date` header.
    for date in [
        "Fri, 15 Jan 2027 08:00:45 GMT",
        "Friday, 15-Jan-27 08:00:45 GMT",
        "Fri Jan 15 08:00:45 2027",
    ] {
        let answer = Scripted::status(503).header("Retry-After", date).header("Date", "");
        let (_, result) = given(answer).await;
        assert_eq!(throttle(&result.unwrap_err()).retry_after_seconds, 45, "{date}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c36_a_past_retry_after_is_a_second_and_an_invalid_one_is_ignored() {
    let past = "Sun, 06 Nov 1994 08:49:37 GMT";
    for value in ["0", "00", past, " 5 ", "5\t"] {
        let seconds = if value.contains('5') { 5 } else { 1 };
        let (world, result) = given(Scripted::status(429).header("Retry-After", value)).await;
        let error = result.unwrap_err();
        assert_eq!(throttle(&error).retry_after_seconds, seconds, "{value:?}");
        assert_eq!(world.token_requests(), 1);
    }
    let long = "1 ".repeat(5 << 10);
    let malformed: [&[u8]; 13] = [
        b"-5",
        b"1.5",
        b"+5",
        b"5;x",
        b"5, 6",
        b"",
        b"NaN",
        b"0x10",
        b"soon",
        "\u{665}".as_bytes(),
        b"\xff5",
        b"Sun, 99 Nov 1994 08:49:37 GMT",
        long.as_bytes(),
    ];
    for value in malformed {
        let value_text = String::from_utf8_lossy(&value[..value.len().min(40)]).into_owned();
        let (_, result) = given(Scripted::status(429).header("Retry-After", value)).await;
        assert_eq!(throttle(&result.unwrap_err()).retry_after_seconds, 60, "{value_text}");
    }
    let twice = Scripted::status(429).header("Retry-After", "5").header("Retry-After", "6");
    let (_, result) = given(twice).await;
    assert_eq!(throttle(&result.unwrap_err()).retry_after_seconds, 60, "two values are ignored");
    // A server error without `Retry-After` is retried.
    let (world, result) = given(Scripted::status(503).header("Retry-After", "1.5")).await;
    assert_eq!(result.unwrap().metadata.token_requests, 2);
    assert_eq!(world.token_requests(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn c37_a_huge_retry_after_is_capped_at_an_hour() {
    let for_ever = "9".repeat(400);
    for value in ["3601", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT", &for_ever] {
        let world = World::new();
        world.emulator.script_any(vec![Scripted::status(429).header("Retry-After", value)]);
        let error = world.acquire_demo().await.unwrap_err();
        assert_eq!(throttle(&error).retry_after_seconds, 3_600, "{value:.30}");
        assert_eq!(throttle(&error).refusal.retry_after_seconds, Some(3_600));
        world.set_clock_offset(3_590);
        assert!(throttle(&world.acquire_demo().await.unwrap_err()).retry_after_seconds <= 10);
        world.set_clock_offset(3_601);
        world.acquire_demo().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c38_a_429_without_retry_after_is_a_minute() {
    let world = World::new();
    world.emulator.script_any(vec![Scripted::status(429)]);
    let error = world.acquire_demo().await.unwrap_err();
    assert_eq!(throttle(&error).retry_after_seconds, 60);
    world.set_clock_offset(58);
    assert!(throttle(&world.acquire_demo().await.unwrap_err()).retry_after_seconds <= 2);
    assert_eq!(world.token_requests(), 1);
    world.set_clock_offset(61);
    world.acquire_demo().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn c39_a_detected_loop_is_throttled_for_a_minute() {
    let world = World::new();
    let text = "The server terminated an operation because it encountered a client request loop.";
    world.emulator.script_any(vec![Scripted::error(400, "invalid_grant", 50_196, text)]);
    let error = world.acquire_demo().await.unwrap_err();
    let words = throttle(&error);
    assert_eq!(words.retry_after_seconds, 60);
    assert_eq!((words.refusal.status, &*words.refusal.error), (400, "invalid_grant"));
    assert_eq!(words.refusal.error_codes, [50_196]);
    throttle(&world.acquire_demo().await.unwrap_err());
    assert_eq!(world.token_requests(), 1, "nothing is repeated");
}

#[tokio::test(flavor = "multi_thread")]
async fn c40_a_description_is_short_printable_and_without_the_secret() {
    let own = demo::client_secret();
    let long = "x".repeat(1 << 19);
    for (description, part) in [
        (long.clone(), "xxxx"),
        (format!("\u{1b}[31mred\r\nSet-Cookie: a=b\0 {long}"), "\\u{1b}[31mred Set-Cookie"),
        (format!("\u{202e}gnorts{long}"), "\\u{202e}gnorts"),
        (format!("You sent {own}, and {own}!"), "You sent "),
        ("\u{1f4a3}".repeat(10_000), "\u{1f4a3}"),
    ] {
        let world = World::new();
        let body = json!({"error": "invalid_request", "error_description": description});
        world.emulator.script_any(vec![Scripted::json(400, body)]);
        let error = world.acquire_demo().await.unwrap_err();
        let text = refusal(&error).description.clone().unwrap();
        assert!(text.len() <= 4 << 10 && text.contains(part), "{text:.100}");
        assert!(!text.contains(|it: char| it.is_control() || it == '\u{202e}'), "{text:.100}");
        let shown = format!("{error:?}");
        assert!(!shown.contains(own), "{shown:.300}");
        assert!(error.message.len() < 8 << 10, "{}", error.message.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c41_an_odd_error_code_is_unknown_or_truncated_and_never_mistaken_for_another() {
    for (error, expected) in [
        (json!(1), "unknown"),
        (json!(null), "unknown"),
        (json!(["invalid_client"]), "unknown"),
        (json!({"a": 1}), "unknown"),
        (json!(""), "unknown"),
        (json!("brand_new_error"), "brand_new_error"),
        (json!("Invalid_Client"), "Invalid_Client"),
        (json!("invalid_client "), "invalid_client "),
        (json!("a\r\nb"), "a b"),
    ] {
        let world = World::new();
        world.emulator.script_any(vec![Scripted::json(400, json!({"error": error}))]);
        let failure = world.acquire_demo().await.unwrap_err();
        assert_eq!(refusal(&failure).error, expected);
        world.set_clock_offset(6);
        world.acquire_demo().await.expect("only invalid_client itself is remembered for longer");
    }
    let body = json!({"error": "e".repeat(10 << 10)});
    let (_, result) = given(Scripted::json(400, body)).await;
    assert_eq!(refusal(&result.unwrap_err()).error, "e".repeat(128));
}

#[tokio::test(flavor = "multi_thread")]
async fn c42_error_codes_are_read_leniently_and_never_cause_a_failure() {
    let many: Vec<u32> = (0..100_000).collect();
    for (codes, expected) in [
        (json!("[500011]"), vec![500_011]),
        (json!(["500011", 7]), vec![500_011, 7]),
        (json!([1e9]), vec![]),
        (json!([-1, 1.5, "x", null, {}, []]), vec![]),
        (json!({"a": 1}), vec![]),
        (json!(null), vec![]),
        (json!([u32::MAX, u64::MAX]), vec![u32::MAX]),
        (json!(many), (0..16).collect()),
    ] {
        let body = json!({"error": "invalid_scope", "error_codes": codes});
        let (world, result) = given(Scripted::json(400, body)).await;
        let error = result.unwrap_err();
        assert_eq!(refusal(&error).error, "invalid_scope");
        assert_eq!(refusal(&error).error_codes, expected);
        assert_eq!(world.token_requests(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c43_claims_of_an_error_are_passed_on_up_to_16_kib_and_not_interpreted() {
    let claims = |claims: Value| async move {
        let body = json!({"error": "interaction_required", "claims": claims});
        let (world, result) = given(Scripted::json(400, body)).await;
        let error = result.unwrap_err();
        assert_eq!(world.token_requests(), 1);
        refusal(&error).claims.clone()
    };
    for text in ["not json", "{\"access_token\":{}}", "[[[[", &"c".repeat(16 << 10)] {
        assert_eq!(claims(json!(text)).await.as_deref(), Some(text));
    }
    assert_eq!(claims(json!("c".repeat((16 << 10) + 1))).await, None);
    assert_eq!(claims(json!("c".repeat(1 << 19))).await, None);
    assert_eq!(claims(json!({"access_token": {}})).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn c44_cookies_are_dropped() {
    let world = World::new();
    let answer = Scripted::normal()
        .header("Set-Cookie", "fpc=planted-1; path=/; secure; HttpOnly; SameSite=None")
        .header("Set-Cookie", "esctx=planted-2; domain=.login.microsoftonline.com; path=/")
        .header("Set-Cookie", "x-ms-gateway-slice=planted-3; path=/");
    world.emulator.script_any(vec![answer.clone(), answer.with_status(500)]);
    let forced = request_options(&world.request(), [RequestOption::ForceRefresh]);
    let mut instance = world.host.instance().await.unwrap();
    for _ in 0..2 {
        let result = instance.acquire_token_for_client(&world.application(), &forced).await;
        let result = result.unwrap().unwrap();
        assert!(!format!("{result:?}").contains("planted"));
    }
    let requests = world.emulator.token_requests();
    assert_eq!(requests.len(), 3, "two calls, one of which was tried again");
    for request in requests {
        assert_eq!(request.header("cookie"), None);
        assert!(!String::from_utf8_lossy(&request.raw_head).contains("planted"));
        assert!(!String::from_utf8_lossy(&request.body).contains("planted"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c45_the_servers_date_does_not_move_an_expiry() {
    for date in ["Sun, 06 Nov 1994 08:49:37 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "yesterday", ""]
    {
        let (world, result) = given(answer(&token_with("unknown", "1")).header("Date", date)).await;
        let result = result.unwrap();
        assert_eq!(result.expires_on, NOW + 3_599, "{date}");
        assert!(result.metadata.warnings.is_empty(), "{date}: {:?}", result.metadata.warnings);
        let again = world.acquire_demo().await.unwrap();
        assert_eq!(again.metadata.token_source, TokenSource::Cache, "{date}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c46_a_head_of_1_mib_or_100_000_headers_is_a_clean_error() {
    let body = token_with("unknown", "1");
    let long = answer(&body).header("X-Long", "x".repeat(1 << 20));
    let mut many = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n", body.len());
    for number in 0..100_000 {
        many.push_str(&format!("X-{number}: x\r\n"));
    }
    many.push_str(&format!("\r\n{body}"));
    for (name, scripted) in [("1 MiB", long), ("100,000 headers", Scripted::raw(many))] {
        let world = World::new();
        let application = options(&world.application(), [ApplicationOption::DisableRetry]);
        world.emulator.script_any(vec![scripted]);
        let error = world.acquire(&application, &world.request()).await.expect_err(name);
        assert!(
            matches!(error.cause, ErrorCause::UnexpectedResponse(_) | ErrorCause::Unreachable(_)),
            "{name}: {error:?}"
        );
        assert!(!format!("{error:?}").contains(TOKEN), "{name}");
        assert!(world.host.statistics().peak_memory <= 16 << 20, "{name}");
        world.assert_no_token_is_cached(name).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c47_a_shared_token_is_stored_separately_for_each_caller() {
    let world = World::new();
    let body = token_with("unknown", "1");
    let tenant =
        request_options(&world.request(), [RequestOption::Tenant(demo::OTHER_TENANT.to_owned())]);
    let graph = TokenRequest::new(demo::GRAPH_SCOPE);
    let requests = [world.request(), tenant, graph];
    for (count, request) in requests.iter().enumerate() {
        world.emulator.script_any(vec![answer(&body)]);
        let result = world.acquire(&world.application(), request).await.unwrap();
        assert_eq!(result.access_token, TOKEN);
        assert_eq!(result.metadata.token_source, TokenSource::IdentityProvider);
        assert_eq!(world.store.entries().len(), count + 1);
    }
    world.host.remove_token_for_client(&world.application(), &requests[0]).await.unwrap().unwrap();
    for request in &requests[1..] {
        let result = world.acquire(&world.application(), request).await.unwrap();
        assert_eq!(result.metadata.token_source, TokenSource::Cache);
    }
    let renewed = world.acquire_demo().await.unwrap();
    assert_ne!(renewed.access_token, TOKEN);
}

/// Makes a call with this answer, in a new world whose component's clock shows [`NOW`].
async fn given(answer: Scripted) -> (World, Result<AuthenticationResult, AcquireError>) {
    let world = World::new();
    world.stop_clock(NOW);
    world.emulator.script_any(vec![answer]);
    let result = world.acquire_demo().await;
    (world, result)
}

/// Makes a call with this answer, which must return a token.
async fn token(answer: Scripted) -> AuthenticationResult {
    given(answer).await.1.unwrap_or_else(|error| panic!("{error:?}"))
}

/// Asserts that an answer is a clean error that caches no token and is not retried.
async fn is_unexpected(answer: Scripted, what: impl Debug) -> AcquireError {
    let (world, result) = given(answer).await;
    let error = result.expect_err(&format!("{what:?}"));
    unexpected(&error);
    assert!(error.metadata.is_some(), "{what:?}");
    assert!(!format!("{error:?}").contains(TOKEN), "{what:?}");
    assert_eq!(world.token_requests(), 1, "{what:?}");
    world.assert_no_token_is_cached(what).await;
    error
}

fn answer(body: &str) -> Scripted {
    json_answer(body.as_bytes().to_vec())
}

fn json_answer(body: Vec<u8>) -> Scripted {
    Scripted::status(200).header("Content-Type", "application/json; charset=utf-8").body(body)
}

fn labelled(content_type: Option<&str>, body: &str) -> Scripted {
    let answer = Scripted::status(200).body(body);
    match content_type {
        Some(content_type) => answer.header("Content-Type", content_type),
        None => answer,
    }
}

/// The JSON of a token, with this text as the value of one member.
fn token_with(name: &str, value: &str) -> String {
    let body = token_and(name, json!("#value#"));
    body.to_string().replace("\"#value#\"", value)
}

fn token_and(name: &str, value: Value) -> Value {
    let mut body = json!({"token_type": "Bearer", "expires_in": 3599, "access_token": TOKEN});
    body[name] = value;
    body
}

fn pause_in_milliseconds(world: &World) -> u64 {
    let requests = world.emulator.token_requests();
    (requests[1].arrival_ns - requests[0].arrival_ns) / 1_000_000
}

fn unix_seconds() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.unwrap().as_secs()
}

const NOW: u64 = 1_800_000_000;
const TOKEN: &str = "planted-access-token";
