//! Every kind of error through the real stack, with the details that an operator needs.

use std::time::Duration;
use std::time::Instant;

use msal_emulator::Application as RegisteredApplication;
use msal_emulator::ClientSecret;
use msal_emulator::ConnectionFault;
use msal_emulator::Scripted;
use msal_emulator::demo;
use msal_host::Network;
use msal_host::contract::AcquireError;
use msal_host::contract::Application;
use msal_host::contract::ApplicationOption;
use msal_host::contract::CacheRefreshReason;
use msal_host::contract::Certificate;
use msal_host::contract::CertificateSource;
use msal_host::contract::Credential;
use msal_host::contract::ErrorCause;
use msal_host::contract::Metadata;
use msal_host::contract::RejectionCode;
use msal_host::contract::RequestOption;
use msal_host::contract::TokenRequest;
use msal_host::contract::TokenSource;
use msal_host_tests::World;
use msal_host_tests::key_text;
use msal_host_tests::options;
use msal_host_tests::refusal;
use msal_host_tests::rejection;
use msal_host_tests::request_options;
use msal_host_tests::secret;
use msal_host_tests::throttle;
use msal_host_tests::unexpected;
use msal_host_tests::unreachable_reason;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_request_names_its_field_before_anything_happens() {
    let world = World::new();
    let common = Application { authority: "common".to_owned(), ..world.application() };
    let unnamed = Application { client_id: String::new(), ..world.application() };
    let nothing = TokenRequest { scopes: Vec::new(), options: Vec::new() };
    for (application, request, field, code) in [
        (common, world.request(), "authority", RejectionCode::NotAllowed),
        (unnamed, world.request(), "client-id", RejectionCode::Missing),
        (world.application(), nothing, "scopes", RejectionCode::Missing),
    ] {
        let error = world.refused_locally(&application, &request).await;
        assert!(matches!(error.cause, ErrorCause::InvalidRequest(_)), "{error:?}");
        let rejection = rejection(&error);
        assert!(rejection.field.ends_with(field), "{}", rejection.field);
        assert_eq!(rejection.code, code, "{field}");
        assert!(!rejection.reason.is_empty() && error.message.contains(&rejection.reason));
        assert!(error.metadata.is_none(), "the call did not begin");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_credential_names_its_field_and_nothing_is_sent() {
    let world = World::new();
    let certificate =
        |text: String| Credential::Certificate(Certificate::new(CertificateSource::Pem(text)));
    for (credential, field, code) in [
        (secret(""), "secret", RejectionCode::Missing),
        (secret("line\n"), "secret", RejectionCode::Malformed),
        (Credential::Assertion("a.b".to_owned()), "assertion", RejectionCode::Malformed),
        (certificate("nonsense".to_owned()), "certificate.source", RejectionCode::Malformed),
        (certificate(key_text("rsa1024.pem")), "certificate.source", RejectionCode::TooWeak),
        (
            certificate(key_text("rsa2048.encrypted.pem")),
            "certificate.options.passphrase",
            RejectionCode::Missing,
        ),
    ] {
        let application = world.application_with(credential);
        let error = world.acquire(&application, &world.request()).await.unwrap_err();
        assert!(matches!(error.cause, ErrorCause::InvalidCredential(_)), "{error:?}");
        let rejection = rejection(&error);
        assert!(rejection.field.contains(field), "{field}: {}", rejection.field);
        assert_eq!(rejection.code, code, "{field}: {}", rejection.reason);
        assert_eq!(world.emulator.connections(), 0, "{field}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_allows_no_requests_is_not_permitted() {
    let world = World::new();
    let host = world.host.with_network(Network::builder().deny_all().build().unwrap());
    let result = host.acquire_token_for_client(&world.application(), &world.request()).await;
    let error = result.unwrap().unwrap_err();
    let ErrorCause::NotPermitted(reason) = &error.cause else { panic!("{error:?}") };
    assert!(reason.contains("does not allow"), "{reason}");
    assert!(error.remedy.as_ref().is_some_and(|it| it.contains("allow")), "{error:?}");
    let metadata = metadata_of(&error);
    assert_eq!(metadata.token_requests, 1, "a host's policy does not change within a second");
    assert_eq!(world.emulator.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_requests_are_throttled_for_the_authoritys_retry_after() {
    for (header, seconds) in [(Some("60"), 60), (Some("7"), 7), (Some("0"), 1), (None, 60)] {
        let world = World::new();
        let text = Scripted::status(429).header("Content-Type", "text/plain");
        let text = text.body("Too Many Requests");
        let answer = header.map_or(text.clone(), |value| text.header("Retry-After", value));
        world.emulator.script_any(vec![answer]);
        let error = world.acquire_demo().await.unwrap_err();
        let throttle = throttle(&error);
        assert_eq!(throttle.retry_after_seconds, seconds);
        assert_eq!(throttle.refusal.retry_after_seconds, Some(seconds));
        assert_eq!((throttle.refusal.status, &*throttle.refusal.error), (429, "unknown"));
        assert_eq!(throttle.refusal.description.as_deref(), Some("Too Many Requests"));
        assert!(throttle.refusal.retryable);
        assert!(error.remedy.as_ref().is_some_and(|it| it.contains("wait")), "{error:?}");
        assert_eq!(metadata_of(&error).token_requests, 1);
        assert_eq!(world.token_requests(), 1, "nothing is repeated");

        let waiting = world.acquire_demo().await.unwrap_err();
        let words = self::throttle(&waiting);
        let left = words.retry_after_seconds;
        assert!((1..=seconds).contains(&left) && left + 2 >= seconds, "{waiting:?}");
        assert_eq!(words.refusal.description.as_deref(), Some("Too Many Requests"));
        assert_eq!(waiting.metadata.unwrap().token_requests, 0);
        assert_eq!(
            world.token_requests(),
            1,
            "no call sends a request before `Retry-After` has passed"
        );
        world.set_clock_offset(i64::from(seconds) + 1);
        world.acquire_demo().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_refused() {
    let world = World::new();
    let application = world.application_with(secret("a-secret-that-is-not-the-one"));
    let error = is_refused(&world, application, Refused(401, "invalid_client", 7_000_215)).await;
    has_remedy(&error, "secret's value");
    assert!(!format!("{error:?}").contains("a-secret-that-is-not-the-one"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_secret_is_refused() {
    let world = World::new();
    let application = with_unusable_secret(&world, demo::EXPIRED_CLIENT_ID);
    let error = is_refused(&world, application, Refused(401, "invalid_client", 7_000_222)).await;
    has_remedy(&error, "expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_application_is_refused() {
    let world = World::new();
    let application = with_unusable_secret(&world, "99999999-aaaa-4000-8000-000000000099");
    let expected = Refused(400, "unauthorized_client", 700_016);
    let error = is_refused(&world, application, expected).await;
    has_remedy(&error, "client-id and tenant");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_tenant_is_refused() {
    for tenant in ["99999999-0000-4000-8000-000000000009", "unknown.onmicrosoft.com"] {
        let world = World::new();
        let application = Application { authority: tenant.to_owned(), ..world.application() };
        let error = is_refused(&world, application, Refused(400, "invalid_request", 90_002)).await;
        has_remedy(&error, "tenant");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_application_is_refused() {
    let world = World::new();
    let application = with_unusable_secret(&world, demo::DISABLED_CLIENT_ID);
    let expected = Refused(400, "unauthorized_client", 7_000_112);
    let error = is_refused(&world, application, expected).await;
    has_remedy(&error, "enable the application");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_client_is_refused() {
    let world = World::new();
    let application = with_unusable_secret(&world, demo::PUBLIC_CLIENT_ID);
    let error = is_refused(&world, application, Refused(401, "invalid_client", 700_025)).await;
    has_remedy(&error, "confidential");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_resource_is_refused() {
    let world = World::new();
    let request = TokenRequest::new("api://nowhere/.default");
    let error = world.acquire(&world.application(), &request).await.unwrap_err();
    is_entras(&world, &error, Refused(400, "invalid_resource", 500_011));
    has_remedy(&error, "resource");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_without_a_role_is_refused() {
    let world = World::new();
    let application = Application {
        client_id: demo::OTHER_CLIENT_ID.to_owned(),
        ..world.application_with(secret(demo::other_client_secret()))
    };
    let request = TokenRequest::new(demo::ASSIGNED_API_SCOPE);
    let error = world.acquire(&application, &request).await.unwrap_err();
    is_entras(&world, &error, Refused(400, "invalid_grant", 501_051));
    has_remedy(&error, "role");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unregistered_certificate_is_refused() {
    let world = World::new();
    let certificate = Certificate::new(CertificateSource::Pem(key_text("rsa2048.pem")));
    let application = world.application_with(Credential::Certificate(certificate));
    let error = is_refused(&world, application, Refused(401, "invalid_client", 700_027)).await;
    has_remedy(&error, "register this certificate");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_conditional_access_blocks_is_refused() {
    let world = World::new();
    let mut blocked = RegisteredApplication::new("88888888-aaaa-4000-8000-000000000088")
        .in_tenant(demo::TENANT)
        .with_secret(ClientSecret::new(demo::unusable_client_secret()));
    blocked.conditional_access_blocked = true;
    let application = with_unusable_secret(&world, &blocked.client_id);
    world.emulator.add_application(blocked).unwrap();
    let error = is_refused(&world, application, Refused(400, "invalid_grant", 53_003)).await;
    has_remedy(&error, "Conditional Access");
}

/// Public reports had these codes and no advice.
#[tokio::test(flavor = "multi_thread")]
async fn an_aadsts_code_has_its_remedy() {
    for (status, name, code, part) in [
        (401, "invalid_client", 7_000_214, "revoked"),
        (401, "invalid_client", 7_000_213, "issuer and subject name"),
        (401, "invalid_client", 1_000_502, "renew the certificate"),
        (401, "invalid_client", 7_002_131, "add a federated credential"),
        (401, "invalid_client", 700_222, "another issuer"),
        (401, "invalid_client", 5_000_811, "issuer publishes"),
        (401, "invalid_client", 70_023, "look the code up"),
        (400, "invalid_request", 501_661, "discovery document"),
        (401, "unauthorized_client", 7_000_229, "consent"),
        (400, "invalid_resource", 500_014, "enable the resource"),
        (400, "invalid_resource", 650_057, "permissions"),
    ] {
        let world = World::new();
        let description = format!("AADSTS{code}: Something is not right.\r\nTrace ID: x");
        let body = json!({
            "error": name,
            "error_description": description,
            "error_codes": [code],
        });
        let answer = Scripted::status(status).header("Content-Type", "application/json");
        world.emulator.script_any(vec![answer.body(body.to_string())]);
        let error = world.acquire_demo().await.unwrap_err();
        assert_eq!(refusal(&error).error_codes, [code]);
        has_remedy(&error, part);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_port_is_unreachable() {
    let world = World::new();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let network = Network::builder().resolve(format!("login.microsoftonline.com:443:{closed}"));
    let host = world.host.with_network(network.build().unwrap());
    let started = Instant::now();
    let result = host.acquire_token_for_client(&world.application(), &world.request()).await;
    let error = result.unwrap().unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    assert!(unreachable_reason(&error).contains("refused"), "{error:?}");
    assert_eq!(metadata_of(&error).token_requests, 2, "one retry after a second");
    has_remedy(&error, "try again later");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_ends_without_an_answer_is_unreachable() {
    for answer in [Scripted::close_without_answer(), Scripted::reset()] {
        let world = World::new();
        world.emulator.script_any(vec![answer.clone(), answer.clone()]);
        let error = world.acquire_demo().await.unwrap_err();
        assert!(unreachable_reason(&error).contains("connection"), "{answer:?}: {error:?}");
        assert_eq!(metadata_of(&error).token_requests, 2);
        assert_eq!(world.token_requests(), 2);
        has_remedy(&error, "try again later");

        world.let_time_pass();
        world.emulator.script_any(vec![answer]);
        let application = options(&world.application(), [ApplicationOption::DisableRetry]);
        let error = world.acquire(&application, &world.request()).await.unwrap_err();
        unreachable_reason(&error);
        assert_eq!(metadata_of(&error).token_requests, 1);
        world.assert_no_token_is_cached(()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_ends_before_a_request_is_unreachable() {
    for fault in [
        ConnectionFault::Close,
        ConnectionFault::Reset,
        ConnectionFault::CloseAfterFirstBytes,
        ConnectionFault::Garbage(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()),
        ConnectionFault::CloseAfterRequestBytes(100),
        ConnectionFault::ResetAfterRequestBytes(100),
    ] {
        let world = World::new();
        let application = options(&world.application(), [ApplicationOption::DisableRetry]);
        world.emulator.script_connections(vec![fault.clone()]);
        let error = world.acquire(&application, &world.request()).await.unwrap_err();
        assert!(!unreachable_reason(&error).is_empty(), "{fault:?}");
        assert_eq!(world.token_requests(), 0, "{fault:?}");
        assert!(metadata_of(&error).correlation_id.is_some(), "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_that_is_silent_is_unreachable_within_the_deadline() {
    for is_silent_at_once in [false, true] {
        let world = World::new();
        let request = request_options(&world.request(), [RequestOption::DeadlineMs(700)]);
        if is_silent_at_once {
            world.emulator.script_connections(vec![ConnectionFault::Hang; 2]);
        } else {
            world.emulator.script_any(vec![Scripted::hang(), Scripted::hang()]);
        }
        let started = Instant::now();
        let error = world.acquire(&world.application(), &request).await.unwrap_err();
        let elapsed = started.elapsed();
        assert!((600..1_500).contains(&elapsed.as_millis()), "{elapsed:?}");
        unreachable_reason(&error);
        let metadata = metadata_of(&error);
        assert_eq!(metadata.token_requests, 1, "no time is left for a retry");
        assert!(metadata.duration_in_http_us >= 600_000, "{metadata:?}");
        assert!(metadata.duration_total_us >= metadata.duration_in_http_us, "{metadata:?}");
        world.emulator.clear_scripts();
        world.assert_no_token_is_cached(is_silent_at_once).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_200_answer_without_a_token_is_an_unexpected_response() {
    let world = World::new();
    let garbage = Scripted::status(200).header("Content-Type", "application/json");
    world.emulator.script_any(vec![garbage.body("\u{1b}[31m garbage")]);
    let error = world.acquire_demo().await.unwrap_err();
    let response = unexpected(&error);
    assert_eq!(response.status, Some(200));
    assert!(!response.reason.contains("garbage"), "{}", response.reason);
    assert!(error.message.contains("200") && error.message.contains(&response.reason));
    assert_eq!(metadata_of(&error).token_requests, 1);
    assert_eq!(world.token_requests(), 1);

    world.let_time_pass();
    world.emulator.script_any(vec![Scripted::raw("SSH-2.0-OpenSSH_9.9\r\n")]);
    let error = world.acquire_demo().await.unwrap_err();
    assert_eq!(unexpected(&error).status, None, "{error:?}");
    world.assert_no_token_is_cached("both of them").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_reports_the_requested_correlation_id() {
    let world = World::new();
    let id = "0f0f0f0f-0000-4000-8000-00000000000f";
    let request = request_options(&world.request(), [RequestOption::CorrelationId(id.to_owned())]);
    let application = world.application_with(secret("wrong"));
    let error = world.acquire(&application, &request).await.unwrap_err();
    assert_eq!(metadata_of(&error).correlation_id.as_deref(), Some(id));
    assert_eq!(refusal(&error).correlation_id.as_deref(), Some(id));
    assert_eq!(world.emulator.token_requests()[0].header("client-request-id"), Some(id));
}

/// Status, `error` and AADSTS number.
#[derive(Clone, Copy)]
struct Refused(u16, &'static str, u32);

async fn is_refused(world: &World, application: Application, expected: Refused) -> AcquireError {
    world.emulator.clear_requests();
    let error = world.acquire(&application, &world.request()).await.unwrap_err();
    is_entras(world, &error, expected);
    // While the failure is remembered, no instance sends the request again, and all return the same failure.
    let again = world.acquire(&application, &world.request()).await.unwrap_err();
    assert_eq!(again.message, error.message);
    assert_eq!(format!("{:?}", again.cause), format!("{:?}", error.cause));
    assert_eq!(again.metadata.unwrap().token_requests, 0);
    assert_eq!(world.token_requests(), 1);
    world.let_time_pass();
    world.acquire(&application, &world.request()).await.unwrap_err();
    assert_eq!(world.token_requests(), 2);
    world.let_time_pass();
    error
}

/// Asserts that an error contains all of Entra's answer, was returned after one request, and is remembered.
fn is_entras(world: &World, error: &AcquireError, Refused(status, name, code): Refused) {
    let refusal = refusal(error);
    assert_eq!((refusal.status, &*refusal.error), (status, name), "{error:?}");
    assert_eq!(refusal.error_codes, [code]);
    let description = refusal.description.as_deref().unwrap();
    assert!(description.starts_with(&format!("AADSTS{code}: ")), "{description}");
    assert!(!description.contains(char::is_control), "{description}");
    assert!(error.message.contains(&format!("AADSTS{code}")), "{}", error.message);
    assert!(!refusal.retryable);
    assert_eq!((refusal.retry_after_seconds, &refusal.claims), (None, &None));

    let requests = world.emulator.token_requests();
    assert_eq!(requests.len(), 1);
    let sent = requests[0].header("client-request-id");
    assert_eq!(refusal.correlation_id.as_deref(), sent);
    assert!(refusal.trace_id.as_ref().is_some_and(|id| is_guid(id)), "{refusal:?}");
    assert!(refusal.timestamp.as_ref().is_some_and(|it| it.ends_with('Z')), "{refusal:?}");
    let metadata = metadata_of(error);
    assert_eq!(metadata.correlation_id.as_deref(), sent);
    assert_eq!(metadata.token_requests, 1);
    assert_eq!(world.store.entries().len(), 1);
}

fn has_remedy(error: &AcquireError, part: &str) {
    let remedy = error.remedy.as_deref().unwrap_or_default();
    assert!(remedy.contains(part), "{part:?} in {remedy:?}");
}

/// The metadata of a call that failed after it began.
fn metadata_of(error: &AcquireError) -> &Metadata {
    let metadata = error.metadata.as_ref().expect("the call began");
    assert_eq!(metadata.token_source, TokenSource::IdentityProvider);
    assert_eq!(metadata.cache_refresh_reason, CacheRefreshReason::NoCachedAccessToken);
    assert!(metadata.correlation_id.as_ref().is_some_and(|id| is_guid(id)), "{metadata:?}");
    assert!(metadata.token_endpoint.ends_with("/oauth2/v2.0/token"), "{metadata:?}");
    assert!(metadata.duration_total_us > 0 && !metadata.refresh_due, "{metadata:?}");
    metadata
}

fn with_unusable_secret(world: &World, client_id: &str) -> Application {
    let application = world.application_with(secret(demo::unusable_client_secret()));
    Application { client_id: client_id.to_owned(), ..application }
}

fn is_guid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    let is_hex = |byte: u8| byte == b'-' || byte.is_ascii_hexdigit();
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(is_hex)
}
