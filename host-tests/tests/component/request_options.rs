//! The options of a request: what is sent, what is cached separately, and what is refused.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use msal_emulator::RecordedRequest;
use msal_emulator::Scripted;
use msal_emulator::demo;
use msal_host::contract::Application;
use msal_host::contract::ApplicationOption;
use msal_host::contract::AuthenticationResult;
use msal_host::contract::CacheRefreshReason;
use msal_host::contract::Certificate;
use msal_host::contract::CertificateOption;
use msal_host::contract::CertificateSource;
use msal_host::contract::Credential;
use msal_host::contract::RejectionCode;
use msal_host::contract::RequestOption;
use msal_host::contract::TokenRequest;
use msal_host::contract::TokenSource;
use msal_host_tests::World;
use msal_host_tests::certificate_der;
use msal_host_tests::key_text;
use msal_host_tests::options;
use msal_host_tests::rejection;
use msal_host_tests::request_options;
use serde_json::Value;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn client_claims_are_sent_and_do_not_bypass_the_cache() {
    let world = World::new();
    let claims = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;
    let request = with(&world, [RequestOption::ClaimsFromClient(claims.to_owned())]);
    world.acquire_demo().await.unwrap();
    is_cached_apart(&world, &request).await;
    let sent = last_token_request(&world);
    let sent: Value = serde_json::from_str(sent.parameter("claims").unwrap()).unwrap();
    assert_eq!(sent, serde_json::from_str::<Value>(claims).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn client_claims_are_merged_with_a_challenge_and_the_capabilities() {
    let world = World::new();
    let application = options(
        &world.application(),
        [ApplicationOption::ClientCapabilities(vec!["cp1".to_owned()])],
    );
    let own = with(
        &world,
        [RequestOption::ClaimsFromClient(r#"{"access_token":{"own":null}}"#.to_owned())],
    );
    let first = world.acquire(&application, &own).await.unwrap();
    let challenged = request_options(
        &own,
        [RequestOption::Claims(r#"{"access_token":{"nbf":{"value":"1"}}}"#.to_owned())],
    );
    let second = world.acquire(&application, &challenged).await.unwrap();
    let sent = last_token_request(&world);
    let sent: Value = serde_json::from_str(sent.parameter("claims").unwrap()).unwrap();
    let merged = json!({"own": null, "nbf": {"value": "1"}, "xms_cc": {"values": ["cp1"]}});
    assert_eq!(sent, json!({ "access_token": merged }));
    let hit = world.acquire(&application, &own).await.unwrap();
    assert_ne!(second.access_token, first.access_token);
    assert_eq!(hit.access_token, second.access_token, "the challenge's token replaced it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a33_client_claims_that_are_not_a_json_object_are_refused_and_not_quoted() {
    let world = World::new();
    let deep = "[".repeat(10_000);
    let long = format!(r#"{{"marked":"{}"}}"#, "x".repeat(16_384));
    let no_objects =
        ["", "null", "[]", "1", "\"marked\"", "{\"marked\":1,\"marked\":2}", "{marked}"];
    for text in no_objects.into_iter().chain([deep.as_str(), &long]) {
        type Option = fn(String) -> RequestOption;
        let options: [(&str, Option); 3] = [
            ("claims-from-client", RequestOption::ClaimsFromClient),
            ("attributes", RequestOption::Attributes),
            ("extra-assertion-claims", RequestOption::ExtraAssertionClaims),
        ];
        for (field, option) in options {
            let request = with(&world, [option(text.to_owned())]);
            let error = world.refused_locally(&world.application(), &request).await;
            assert_eq!(rejection(&error).field, format!("request.options.{field}"), "{text:.40}");
            assert!(!format!("{error:?}").contains("marked"), "{error:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_federated_managed_identity_paths_have_two_tokens() {
    let world = World::new();
    let mut tokens = Vec::new();
    for path in ["/workload/one", "/workload/two", "a&b=c%20"] {
        let request = with(&world, [RequestOption::FmiPath(path.to_owned())]);
        let result = is_cached_apart(&world, &request).await;
        assert_eq!(claims_of(&result.access_token)["xms_fmi_path"], path);
        assert_eq!(last_token_request(&world).parameter("fmi_path"), Some(path));
        tokens.push(result.access_token);
    }
    let plain = world.acquire_demo().await.unwrap();
    assert_eq!(plain.metadata.token_source, TokenSource::IdentityProvider);
    assert_eq!(claims_of(&plain.access_token).get("xms_fmi_path"), None);
    tokens.push(plain.access_token);
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_federated_managed_identity_path_of_another_form_is_refused() {
    let world = World::new();
    for path in ["", "a b", "a\nb", "ä", &"a".repeat(1_025)] {
        let request = with(&world, [RequestOption::FmiPath(path.to_owned())]);
        let error = world.refused_locally(&world.application(), &request).await;
        assert_eq!(rejection(&error).field, "request.options.fmi-path", "{path:.20}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attributes_are_sent_and_their_order_does_not_affect_the_cache() {
    let world = World::new();
    let request = |text: &str| with(&world, [RequestOption::Attributes(text.to_owned())]);
    let result = is_cached_apart(&world, &request(r#"{"b": 1, "a": {"x": "y"}}"#)).await;
    let sent = last_token_request(&world);
    let sent: Value = serde_json::from_str(sent.parameter("attributes").unwrap()).unwrap();
    assert_eq!(sent, json!({"a": {"x": "y"}, "b": 1}));
    let reordered = request(r#"{"a":{"x":"y"},"b":1}"#);
    let hit = world.acquire(&world.application(), &reordered).await.unwrap();
    assert_eq!(hit.access_token, result.access_token);
    is_cached_apart(&world, &request(r#"{"a":{"x":"z"},"b":1}"#)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attribute_tokens_are_sent_and_their_order_does_not_affect_the_cache() {
    let world = World::new();
    let request = |tokens: &[&str]| {
        let tokens = tokens.iter().map(|&token| token.to_owned()).collect();
        with(&world, [RequestOption::AttributeTokens(tokens)])
    };
    let result = is_cached_apart(&world, &request(&["e30.b.c2ln", "e30.a.c2ln"])).await;
    assert_eq!(
        last_token_request(&world).parameter("attribute_tokens"),
        Some("e30.a.c2ln e30.b.c2ln")
    );
    let reordered = request(&["e30.a.c2ln", "e30.b.c2ln"]);
    let hit = world.acquire(&world.application(), &reordered).await.unwrap();
    assert_eq!(hit.access_token, result.access_token);
    is_cached_apart(&world, &request(&["e30.a.c2ln"])).await;

    let seventeen: Vec<String> = (0..17).map(|number| format!("e30.{number}.c2ln")).collect();
    let seventeen: Vec<&str> = seventeen.iter().map(String::as_str).collect();
    for tokens in [&["a b"][..], &[""], &["a\n"], &seventeen] {
        let error = world.refused_locally(&world.application(), &request(tokens)).await;
        assert_eq!(rejection(&error).field, "request.options.attribute-tokens");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn extra_body_parameters_are_sent_unaltered_and_cached_separately() {
    let world = World::new();
    let request = |pairs| with(&world, [RequestOption::ExtraBodyParameters(pairs)]);
    let odd = pairs(&[("x-mode", "a&client_secret=b +%41ä"), ("empty", "")]);
    is_cached_apart(&world, &request(odd.clone())).await;
    let sent = last_token_request(&world);
    for pair in &odd {
        assert!(sent.form.contains(pair), "{pair:?} in {:?}", sent.form);
    }
    let secrets = sent.form.iter().filter(|(name, _)| name == "client_secret");
    assert_eq!(secrets.count(), 1);
    assert!(sent.query.is_empty());
    is_cached_apart(&world, &request(pairs(&[("x-mode", "b")]))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a35_a_repeated_extra_parameter_is_refused() {
    let world = World::new();
    let twice = || pairs(&[("own", "1"), ("own", "2")]);
    for request in [
        with(&world, [RequestOption::ExtraBodyParameters(twice())]),
        with(&world, [RequestOption::ExtraQueryParameters(twice())]),
    ] {
        world.refused_locally(&world.application(), &request).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn extra_query_parameters_are_sent_unaltered_cached_separately_and_not_in_the_audience() {
    let world = certified_world();
    let request = |pairs| with(&world, [RequestOption::ExtraQueryParameters(pairs)]);
    let application = certified(&world, pem("rsa2048.pem"));
    let odd = pairs(&[("slice", "test&x=y#z ä+"), ("dc", "ESTS-PUB")]);
    let result = world.acquire(&application, &request(odd.clone())).await.unwrap();
    let sent = last_token_request(&world);
    assert_eq!(sent.query, odd);
    assert!(!sent.target.contains([' ', '#']), "{}", sent.target);
    assert!(!sent.form.iter().any(|(name, _)| name == "slice"));
    let (_, claims) = assertion_of(&sent);
    assert_eq!(claims["aud"], result.metadata.token_endpoint);
    assert!(!result.metadata.token_endpoint.contains('?'));
    let other = request(pairs(&[("slice", "other")]));
    let other = world.acquire(&application, &other).await.unwrap();
    assert_eq!(other.metadata.token_source, TokenSource::IdentityProvider);
    let hit = world.acquire(&application, &request(odd)).await.unwrap();
    assert_eq!(hit.access_token, result.access_token);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_pair_in_body_and_query_makes_two_tokens() {
    let world = World::new();
    let pair = || pairs(&[("slice", "test")]);
    is_cached_apart(&world, &with(&world, [RequestOption::ExtraBodyParameters(pair())])).await;
    is_cached_apart(&world, &with(&world, [RequestOption::ExtraQueryParameters(pair())])).await;
    let split = with(
        &world,
        [RequestOption::ExtraBodyParameters(pairs(&[("slice", "testquery"), ("a", "")]))],
    );
    is_cached_apart(&world, &split).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn extra_headers_are_sent_the_last_of_a_name_wins_and_they_share_the_cache() {
    let world = World::new();
    let headers = pairs(&[("X-Own", "first"), ("x-other", "a, b"), ("x-OWN", "last")]);
    let request = with(&world, [RequestOption::ExtraHeaders(headers)]);
    let result = world.acquire(&world.application(), &request).await.unwrap();
    let sent = last_token_request(&world);
    assert_eq!(sent.header("x-own"), Some("last"));
    assert_eq!(sent.header("x-other"), Some("a, b"));
    let times = sent.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("x-own")).count();
    assert_eq!(times, 1);
    let plain = world.acquire_demo().await.unwrap();
    assert_eq!(plain.access_token, result.access_token);
}

#[tokio::test(flavor = "multi_thread")]
async fn a35_no_extra_parameter_overrides_the_protocol() {
    let world = World::new();
    for name in [
        "client_id",
        "client_secret",
        "CLIENT_SECRET",
        "client_assertion",
        "client_assertion_type",
        "grant_type",
        "scope",
        "claims",
        "fmi_path",
        "attributes",
        "attribute_tokens",
        "resource",
        "refresh_token",
        "password",
    ] {
        let pair = || pairs(&[(name, "x")]);
        let in_body = with(&world, [RequestOption::ExtraBodyParameters(pair())]);
        let in_query = with(&world, [RequestOption::ExtraQueryParameters(pair())]);
        for request in [in_body, in_query] {
            let error = world.refused_locally(&world.application(), &request).await;
            assert_eq!(rejection(&error).code, RejectionCode::NotAllowed, "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a35_an_extra_parameter_with_a_line_end_an_empty_name_or_too_many_are_refused() {
    let world = World::new();
    let many: Vec<_> = (0..33).map(|number| (format!("n{number}"), String::new())).collect();
    for bad in [
        pairs(&[("", "x")]),
        pairs(&[("a\r\nb", "x")]),
        pairs(&[("a", "x\r\ny")]),
        pairs(&[("a", "x\0")]),
        pairs(&[("a", &"x".repeat(1 << 20))]),
        many,
    ] {
        let in_body = with(&world, [RequestOption::ExtraBodyParameters(bad.clone())]);
        let in_query = with(&world, [RequestOption::ExtraQueryParameters(bad.clone())]);
        let in_headers = with(&world, [RequestOption::ExtraHeaders(bad.clone())]);
        for request in [in_body, in_query, in_headers] {
            world.refused_locally(&world.application(), &request).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a37_no_extra_header_overrides_those_of_the_connection_or_ours() {
    let world = World::new();
    for name in [
        "host",
        "Host",
        "connection",
        "transfer-encoding",
        "content-length",
        "content-type",
        "authorization",
        "cookie",
        "accept",
        "client-request-id",
        "x-client-SKU",
        "x-app-name",
        "upgrade",
        "te",
        "a:b",
        "a b",
        "ä",
        "(a)",
    ] {
        let request = with(&world, [RequestOption::ExtraHeaders(pairs(&[(name, "x")]))]);
        let error = world.refused_locally(&world.application(), &request).await;
        assert_eq!(rejection(&error).field, "request.options.extra-headers", "{name}");
    }
    let request = with(&world, [RequestOption::ExtraHeaders(pairs(&[("x-own", "ä")]))]);
    world.refused_locally(&world.application(), &request).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn b26_a_request_decides_whether_the_chain_is_sent() {
    for (of_certificate, of_request, is_sent) in [
        (false, None, false),
        (true, None, true),
        (false, Some(true), true),
        (true, Some(false), false),
    ] {
        let world = certified_world();
        let mut certificate = pem("rsa2048.pem");
        if of_certificate {
            certificate.options.push(CertificateOption::SendX5c);
        }
        let request = with(&world, of_request.map(RequestOption::SendX5c));
        world.acquire(&certified(&world, certificate), &request).await.unwrap();
        let (header, _) = assertion_of(&last_token_request(&world));
        assert_eq!(header.get("x5c").is_some(), is_sent, "{of_certificate} {of_request:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chain_is_not_part_of_the_cache_key() {
    let world = certified_world();
    let application = certified(&world, pem("rsa2048.pem"));
    let first = world.acquire(&application, &world.request()).await.unwrap();
    let with_chain = with(&world, [RequestOption::SendX5c(true)]);
    let hit = world.acquire(&application, &with_chain).await.unwrap();
    assert_eq!(hit.access_token, first.access_token);
}

#[tokio::test(flavor = "multi_thread")]
async fn extra_claims_of_certificate_and_request_are_signed_and_the_requests_come_first() {
    let world = certified_world();
    let extra_claims = r#"{"xms_az":{"a":1},"own":"certificate","only":true}"#.to_owned();
    let extra_claims = CertificateOption::ExtraClaims(extra_claims);
    let application = certified(&world, pem("rsa2048.pem").with(extra_claims));
    world.acquire(&application, &world.request()).await.unwrap();
    let (_, claims) = assertion_of(&last_token_request(&world));
    assert_eq!((&claims["own"], &claims["only"]), (&json!("certificate"), &json!(true)));
    is_complete(&claims);

    let request = with(
        &world,
        [RequestOption::ExtraAssertionClaims(r#"{"own":"request","more":[1]}"#.to_owned())],
    );
    let result = world.acquire(&application, &request).await.unwrap();
    assert_eq!(result.metadata.token_source, TokenSource::IdentityProvider, "cached separately");
    let (_, claims) = assertion_of(&last_token_request(&world));
    assert_eq!((&claims["own"], &claims["more"]), (&json!("request"), &json!([1])));
    assert_eq!((&claims["only"], &claims["xms_az"]), (&json!(true), &json!({"a": 1})));
    is_complete(&claims);
    let hit = world.acquire(&application, &request).await.unwrap();
    assert_eq!(hit.access_token, result.access_token);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_extra_claim_overrides_the_protocol() {
    let world = certified_world();
    for name in ["aud", "iss", "sub", "jti", "exp", "nbf", "iat"] {
        let text = json!({ name: "x" }).to_string();
        let plain = certified(&world, pem("rsa2048.pem"));
        let request = with(&world, [RequestOption::ExtraAssertionClaims(text.clone())]);
        let error = world.refused_locally(&plain, &request).await;
        assert_eq!(rejection(&error).code, RejectionCode::NotAllowed, "{name}");

        let certificate = pem("rsa2048.pem").with(CertificateOption::ExtraClaims(text));
        let application = certified(&world, certificate);
        let error = world.acquire(&application, &world.request()).await.unwrap_err();
        assert_eq!(rejection(&error).code, RejectionCode::NotAllowed, "{name}");
        assert_eq!(
            rejection(&error).field,
            "application.credentials.certificate.options.extra-claims"
        );
    }
    assert_eq!(world.emulator.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn extra_assertion_claims_need_a_certificate() {
    let world = World::new();
    let request = with(&world, [RequestOption::ExtraAssertionClaims("{}".to_owned())]);
    let error = world.refused_locally(&world.application(), &request).await;
    assert_eq!(rejection(&error).field, "request.options.extra-assertion-claims");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chosen_caller_refreshes_inline_before_the_token_expires() {
    let world = refreshing_world();
    let first = world.acquire_demo().await.unwrap();
    assert!(first.refresh_on.is_some());
    world.set_clock_offset(LONG_BEFORE_REFRESH);
    let early = world.acquire_demo().await.unwrap();
    assert_eq!(early.access_token, first.access_token);
    assert_eq!(world.token_requests(), 1);

    world.set_clock_offset(PAST_REFRESH);
    let second = world.acquire_demo().await.unwrap();
    assert_ne!(second.access_token, first.access_token);
    assert_eq!(second.metadata.cache_refresh_reason, CacheRefreshReason::ProactivelyRefreshed);
    assert_eq!(second.metadata.token_source, TokenSource::IdentityProvider);
    assert!(!second.metadata.refresh_due);
    let third = world.acquire_demo().await.unwrap();
    assert_eq!(third.access_token, second.access_token);
    assert_eq!(world.token_requests(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn f18_an_inline_refresh_that_fails_serves_the_cached_token_with_a_warning() {
    for fault in [
        Scripted::error(503, "temporarily_unavailable", 90_033, "A transient error."),
        Scripted::error(401, "invalid_client", 7_000_222, "Expired."),
        Scripted::status(429).header("Retry-After", "60"),
        Scripted::status(200).body("<html>"),
        Scripted::reset(),
    ] {
        let world = refreshing_world();
        let first = world.acquire_demo().await.unwrap();
        world.set_clock_offset(PAST_REFRESH);
        world.emulator.script_any(vec![fault]);
        let served = world.acquire_demo().await.unwrap();
        assert_eq!(served.access_token, first.access_token);
        assert_eq!(served.metadata.token_source, TokenSource::Cache);
        let warnings = &served.metadata.warnings;
        assert!(warnings.iter().any(|it| it.contains("not refreshed")), "{warnings:?}");
        assert_eq!(served.metadata.token_requests, 1, "it is not retried");

        let next = world.acquire_demo().await.unwrap();
        assert_eq!(next.access_token, first.access_token);
        assert!(next.metadata.warnings.is_empty(), "only the call that failed has a warning");
        assert_eq!(world.token_requests(), 2);

        world.set_clock_offset(PAST_REFRESH + 61);
        let refreshed = world.acquire_demo().await.unwrap();
        assert_ne!(refreshed.access_token, first.access_token, "a later call tries again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inline_refresh_that_hangs_serves_the_cached_token_after_five_seconds() {
    let world = refreshing_world();
    let first = world.acquire_demo().await.unwrap();
    world.set_clock_offset(PAST_REFRESH);
    world.emulator.script_any(vec![Scripted::hang()]);
    let served = world.acquire_demo().await.unwrap();
    assert_eq!(served.access_token, first.access_token);
    let took = Duration::from_micros(served.metadata.duration_total_us.into());
    assert!((Duration::from_secs(4)..Duration::from_secs(7)).contains(&took), "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deferred_refresh_is_left_to_one_caller_and_all_get_the_cached_token_at_once() {
    let world = refreshing_world();
    let first = world.acquire_demo().await.unwrap();
    world.set_clock_offset(PAST_REFRESH);
    let deferred = with(&world, [RequestOption::DeferRefresh]);
    let mut due = Vec::new();
    for _ in 0..3 {
        let served = world.acquire(&world.application(), &deferred).await.unwrap();
        assert_eq!(served.access_token, first.access_token);
        assert_eq!(served.metadata.token_source, TokenSource::Cache);
        assert_eq!(served.metadata.cache_refresh_reason, CacheRefreshReason::NotApplicable);
        due.push(served.metadata.refresh_due);
    }
    assert_eq!(due, [true, false, false]);
    assert_eq!(world.token_requests(), 1);

    let refresh = request_options(&deferred, [RequestOption::ForceRefresh]);
    let fresh = world.acquire(&world.application(), &refresh).await.unwrap();
    let served = world.acquire(&world.application(), &deferred).await.unwrap();
    assert_eq!(served.access_token, fresh.access_token);
    assert!(!served.metadata.refresh_due);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deferred_refresh_that_was_not_done_is_due_again_after_half_a_minute() {
    let world = refreshing_world();
    world.acquire_demo().await.unwrap();
    let deferred = with(&world, [RequestOption::DeferRefresh]);
    for (offset, is_due) in [(0, true), (20, false), (40, true), (50, false)] {
        world.set_clock_offset(PAST_REFRESH + offset);
        let served = world.acquire(&world.application(), &deferred).await.unwrap();
        assert_eq!(served.metadata.refresh_due, is_due, "after {offset} seconds");
    }
    assert_eq!(world.token_requests(), 1);
}

/// Asserts that a request has its own token in the cache, and returns the token request that got it.
async fn is_cached_apart(world: &World, request: &TokenRequest) -> AuthenticationResult {
    let first = world.acquire(&world.application(), request).await.unwrap();
    assert_eq!(first.metadata.token_source, TokenSource::IdentityProvider);
    assert_eq!(first.metadata.cache_refresh_reason, CacheRefreshReason::NoCachedAccessToken);
    let hit = world.acquire(&world.application(), request).await.unwrap();
    assert_eq!(hit.metadata.token_source, TokenSource::Cache);
    assert_eq!(hit.access_token, first.access_token);
    first
}

/// Asserts that the claims of the protocol are present and correct.
fn is_complete(claims: &Value) {
    let endpoint = format!("https://login.microsoftonline.com/{}/oauth2/v2.0/token", demo::TENANT);
    assert_eq!(claims["aud"], endpoint);
    assert_eq!((&claims["iss"], &claims["sub"]), (&json!(demo::CLIENT_ID), &claims["iss"]));
    assert!(["exp", "nbf", "iat"].iter().all(|name| claims[name].is_u64()), "{claims}");
    assert!(claims["jti"].is_string());
}

/// A world whose tokens have a lifetime of two hours and a refresh time of one.
fn refreshing_world() -> World {
    World::with(|emulator| emulator.token_lifetime(Some(7_200)))
}

fn certified_world() -> World {
    let world = World::new();
    world.emulator.register_certificate(demo::CLIENT_ID, &certificate_der()).unwrap();
    world
}

fn certified(world: &World, certificate: Certificate) -> Application {
    world.application_with(Credential::Certificate(certificate))
}

fn pem(name: &str) -> Certificate {
    Certificate::new(CertificateSource::Pem(key_text(name)))
}

fn with(world: &World, options: impl IntoIterator<Item = RequestOption>) -> TokenRequest {
    request_options(&world.request(), options)
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn last_token_request(world: &World) -> RecordedRequest {
    world.emulator.token_requests().pop().expect("a token request was sent")
}

/// Header and claims of the assertion in a token request.
fn assertion_of(request: &RecordedRequest) -> (Value, Value) {
    let assertion = request.parameter("client_assertion").expect("an assertion was sent");
    (part_of(assertion, 0), part_of(assertion, 1))
}

fn claims_of(access_token: &str) -> Value {
    part_of(access_token, 1)
}

fn part_of(jwt: &str, index: usize) -> Value {
    let part = jwt.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// The jitter of refresh times is up to 5 minutes.
const LONG_BEFORE_REFRESH: i64 = 3_200;
const PAST_REFRESH: i64 = 4_000;
