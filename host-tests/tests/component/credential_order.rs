//! Several credentials, and failures that a second token request may recover from: a refused credential, an unsupported
//! algorithm, a wrong clock.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use msal_emulator::RecordedRequest;
use msal_emulator::Scripted;
use msal_emulator::Strictness;
use msal_emulator::demo;
use msal_host::contract::Application;
use msal_host::contract::AuthenticationResult;
use msal_host::contract::Certificate;
use msal_host::contract::CertificateOption;
use msal_host::contract::CertificateSource;
use msal_host::contract::Credential;
use msal_host::contract::ErrorCause;
use msal_host::contract::RejectionCode;
use msal_host::contract::RequestOption;
use msal_host::contract::SigningAlgorithm;
use msal_host::contract::TokenRequest;
use msal_host::contract::TokenSource;
use msal_host_tests::World;
use msal_host_tests::certificate_der;
use msal_host_tests::key_text;
use msal_host_tests::refusal;
use msal_host_tests::rejection;
use msal_host_tests::request_options;
use msal_host_tests::secret;
use msal_host_tests::throttle;
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn after_an_expired_secret_the_next_credential_is_tried() {
    let world = World::new();
    let expired = "emulator-only~an-expired-one";
    let expire = |directory: &mut msal_emulator::Directory| {
        let application = directory.application_mut(demo::CLIENT_ID).unwrap();
        application.secrets.push(msal_emulator::ClientSecret::expired(expired));
    };
    world.emulator.update(expire).unwrap();
    let application = with(&world, vec![secret(expired), secret(demo::client_secret())]);
    is_served_by(&world, &application, 1, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_unknown_secret_the_next_credential_is_tried() {
    let world = World::new();
    let application = with(&world, vec![secret(UNKNOWN), secret(demo::client_secret())]);
    is_served_by(&world, &application, 1, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_unregistered_certificate_the_registered_one_is_tried() {
    let world = World::new();
    world.emulator.register_certificate(demo::CLIENT_ID, &certificate_der()).unwrap();
    let application = with(&world, vec![certificate("rsa3072.pem"), certificate("rsa2048.pem")]);
    is_served_by(&world, &application, 1, 2).await;
    let jti = |request: &RecordedRequest| assertion_of(request).1["jti"].clone();
    let requests = world.emulator.token_requests();
    assert_ne!(jti(&requests[0]), jti(&requests[1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_and_certificates_can_be_mixed_and_each_request_has_one() {
    let world = World::new();
    world.emulator.register_certificate(demo::CLIENT_ID, &certificate_der()).unwrap();
    let credentials = vec![secret(UNKNOWN), certificate("rsa3072.pem"), certificate("rsa2048.pem")];
    is_served_by(&world, &with(&world, credentials), 2, 3).await;
    for request in world.emulator.token_requests() {
        let has = |name| request.parameter(name).is_some();
        assert!(has("client_secret") != has("client_assertion"), "one method per request");
    }
    let reversed = vec![certificate("rsa3072.pem"), secret(demo::client_secret())];
    let other = World::new();
    is_served_by(&other, &with(&other, reversed), 1, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_credential_that_worked_is_tried_first_by_other_instances() {
    let world = World::new();
    let application = with(&world, vec![secret(UNKNOWN), secret(demo::client_secret())]);
    world.acquire(&application, &world.request()).await.unwrap();
    let elsewhere = TokenRequest::new(demo::OTHER_API_SCOPE);
    let result = world.acquire(&application, &elsewhere).await.unwrap();
    assert_eq!(result.metadata.credential_index, Some(1));
    assert_eq!(result.metadata.token_requests, 1, "the refused credential is not tried again");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_remembered_credential_is_sealed() {
    let world = World::new();
    let application = with(&world, vec![secret(UNKNOWN), secret(demo::client_secret())]);
    world.acquire(&application, &world.request()).await.unwrap();
    let entries = world.store.entries();
    assert_eq!(entries.len(), 2, "the token and the remembered credential");
    for key in entries.keys() {
        world.store.plant(key, b"1".to_vec()).await;
    }
    let result = world.acquire(&application, &world.request()).await.unwrap();
    assert_eq!(result.metadata.token_requests, 2, "a forged entry is ignored");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_remembered_credential_is_refused_the_next_is_tried() {
    let world = World::new();
    let application = with(&world, vec![secret(UNKNOWN), secret(demo::client_secret())]);
    world.acquire(&application, &world.request()).await.unwrap();
    let swap = |directory: &mut msal_emulator::Directory| {
        let registered = directory.application_mut(demo::CLIENT_ID).unwrap();
        registered.secrets = vec![msal_emulator::ClientSecret::new(UNKNOWN)];
    };
    world.emulator.update(swap).unwrap();
    let again = forced(&world);
    let result = world.acquire(&application, &again).await.unwrap();
    assert_eq!(result.metadata.credential_index, Some(0));
    assert_eq!(result.metadata.token_requests, 2);
    let result = world.acquire(&application, &again).await.unwrap();
    assert_eq!(result.metadata.token_requests, 1, "the other credential is now the remembered one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hit_reports_no_credential() {
    let world = World::new();
    let application = with(&world, vec![secret(UNKNOWN), secret(demo::client_secret())]);
    world.acquire(&application, &world.request()).await.unwrap();
    let hit = world.acquire(&application, &world.request()).await.unwrap();
    assert_eq!(hit.metadata.token_source, TokenSource::Cache);
    assert_eq!((hit.metadata.credential_index, hit.metadata.token_requests), (None, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn when_all_are_refused_the_last_refusal_is_returned_and_cached_for_ten_seconds() {
    let world = World::new();
    let unknown = ["emulator-only~1", "emulator-only~2", "emulator-only~3"];
    let application = with(&world, unknown.map(secret).to_vec());
    let error = world.acquire(&application, &world.request()).await.unwrap_err();
    assert_eq!(refusal(&error).error, "invalid_client");
    let metadata = error.metadata.unwrap();
    assert_eq!((metadata.credential_index, metadata.token_requests), (Some(2), 3));

    let error = world.acquire(&application, &world.request()).await.unwrap_err();
    assert_eq!(refusal(&error).error, "invalid_client");
    assert_eq!(world.token_requests(), 3, "no instance sends another request");
    world.set_clock_offset(11);
    world.acquire(&application, &world.request()).await.unwrap_err();
    assert_eq!(world.token_requests(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_added_credential_is_tried_at_once_after_the_others_were_refused() {
    let world = World::new();
    let refused = with(&world, vec![secret(UNKNOWN)]);
    world.acquire(&refused, &world.request()).await.unwrap_err();
    let extended = with(&world, vec![secret(UNKNOWN), secret(demo::client_secret())]);
    is_served_by(&world, &extended, 1, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_refused_credential_makes_the_next_one_be_tried() {
    let credentials = || vec![secret(demo::client_secret()), secret(UNKNOWN)];
    let scope = TokenRequest::new("api://unknown/.default");
    let world = World::new();
    let application = with(&world, credentials());
    let error = world.acquire(&application, &scope).await.unwrap_err();
    assert_ne!(refusal(&error).error, "invalid_client");
    assert_eq!(world.token_requests(), 1);

    for (status, error) in [
        (400, "unauthorized_client"),
        (400, "invalid_request"),
        (400, "invalid_grant"),
        (403, "access_denied"),
    ] {
        let world = World::new();
        world.emulator.script_any(vec![Scripted::error(status, error, 1, "No.")]);
        let failure =
            world.acquire(&with(&world, credentials()), &world.request()).await.unwrap_err();
        assert_eq!(refusal(&failure).error, error);
        assert_eq!(world.token_requests(), 1, "{error}");
    }

    let world = World::new();
    let busy = Scripted::status(429).header("Retry-After", "60");
    world.emulator.script_any(vec![busy]);
    let error = world.acquire(&with(&world, credentials()), &world.request()).await.unwrap_err();
    assert_eq!(throttle(&error).retry_after_seconds, 60);
    assert_eq!(world.token_requests(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_fault_is_retried_with_the_same_credential() {
    let world = World::new();
    world.emulator.script_any(vec![Scripted::error(503, "temporarily_unavailable", 90_033, "A.")]);
    let application = with(&world, vec![secret(demo::client_secret()), secret(UNKNOWN)]);
    is_served_by(&world, &application, 0, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn b04_an_unreadable_credential_is_skipped_with_a_warning() {
    for name in ["p256.pem", "rsa1024.pem", "mismatched.pem", "rsa2048.encrypted.pem"] {
        let world = World::new();
        let application = with(&world, vec![certificate(name), secret(demo::client_secret())]);
        let result = is_served_by(&world, &application, 1, 1).await;
        let warnings = &result.metadata.warnings;
        assert!(warnings.iter().any(|it| it.contains("credential 0")), "{name}: {warnings:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_no_credential_can_be_read_nothing_is_sent() {
    let world = World::new();
    let application = with(&world, vec![certificate("p256.pem"), certificate("rsa1024.pem")]);
    let error = world.acquire(&application, &world.request()).await.unwrap_err();
    assert!(matches!(error.cause, ErrorCause::InvalidCredential(_)), "{error:?}");
    assert_eq!(
        rejection(&error).code,
        RejectionCode::TooWeak,
        "the error is that of the last credential"
    );
    assert_eq!(world.emulator.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a23_more_than_eight_credentials_or_none_are_refused_before_anything_is_sent() {
    let world = World::new();
    let error = world.refused_locally(&with(&world, Vec::new()), &world.request()).await;
    assert_eq!(rejection(&error).code, RejectionCode::Missing);
    let nine = vec![secret(demo::client_secret()); 9];
    let error = world.refused_locally(&with(&world, nine), &world.request()).await;
    assert_eq!(rejection(&error).code, RejectionCode::TooLong);
    is_served_by(&world, &with(&world, vec![secret(demo::client_secret()); 8]), 0, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callers_assertion_is_tried_once_and_then_the_next_credential() {
    let world = World::new();
    let assertion = Credential::Assertion("e30.e30.c2ln".to_owned());
    let application = with(&world, vec![assertion, secret(demo::client_secret())]);
    let result = world.acquire(&application, &world.request()).await.unwrap();
    assert_eq!(result.metadata.credential_index, Some(1));
    let times = |name: &str| {
        let requests = world.emulator.token_requests();
        requests.iter().filter(|request| request.parameter(name).is_some()).count()
    };
    assert_eq!((times("client_assertion"), times("client_secret")), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn b34_a_token_sealed_with_the_older_credential_of_a_list_is_still_served() {
    let world = World::new();
    let old = world.acquire_demo().await.unwrap();
    let rotated = with(&world, vec![secret("emulator-only~new"), secret(demo::client_secret())]);
    let hit = world.acquire(&rotated, &world.request()).await.unwrap();
    assert_eq!(hit.metadata.token_source, TokenSource::Cache);
    assert_eq!(hit.access_token, old.access_token);
    assert_eq!(world.token_requests(), 1);

    let only_new = with(&world, vec![secret("emulator-only~new")]);
    world.acquire(&only_new, &world.request()).await.unwrap_err();
    assert_eq!(world.token_requests(), 2, "without the old credential it cannot be opened");
}

#[tokio::test(flavor = "multi_thread")]
async fn b34_a_removal_during_a_rotation_also_removes_the_older_credentials_token() {
    let world = World::new();
    world.acquire_demo().await.unwrap();
    let rotated = with(&world, vec![secret("emulator-only~new"), secret(demo::client_secret())]);
    let removal = world.host.remove_token_for_client(&rotated, &world.request()).await;
    removal.unwrap().unwrap();
    let result = world.acquire_demo().await.unwrap();
    assert_eq!(result.metadata.token_source, TokenSource::IdentityProvider);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_cannot_do_ps256_signs_with_rs256_instead() {
    let world = rs256_only_world();
    let application = with(&world, vec![certificate("rsa2048.pem")]);
    is_served_by(&world, &application, 0, 2).await;
    let requests = world.emulator.token_requests();
    let [first, second] = [&requests[0], &requests[1]].map(assertion_of);
    assert_eq!((&first.0["alg"], &second.0["alg"]), (&"PS256".into(), &"RS256".into()));
    assert!(second.0.get("x5t").is_some() && second.0.get("x5t#S256").is_none());
    assert_ne!(first.1["jti"], second.1["jti"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_algorithm_that_was_set_is_not_replaced() {
    let world = rs256_only_world();
    let Credential::Certificate(plain) = certificate("rsa2048.pem") else { unreachable!() };
    let ps256 = plain.with(CertificateOption::Algorithm(SigningAlgorithm::Ps256));
    let application = with(&world, vec![Credential::Certificate(ps256)]);
    let error = world.acquire(&application, &world.request()).await.unwrap_err();
    assert_eq!(refusal(&error).error_codes, [5_002_730]);
    assert!(error.remedy.is_some_and(|it| it.contains("rs256")));
    assert_eq!(world.token_requests(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn b29_a_wrong_clock_is_corrected_once_with_the_authoritys_date() {
    for offset in [-86_000, -1_200, 600, 86_000] {
        let world = World::new();
        world.emulator.register_certificate(demo::CLIENT_ID, &certificate_der()).unwrap();
        world.emulator.set_clock_offset(offset);
        let application = with(&world, vec![certificate("rsa2048.pem")]);
        // Entra tolerates 5 minutes, and an assertion is valid for 10.
        let is_off = !(-300..=900).contains(&offset);
        let sent = if is_off { 2 } else { 1 };
        let result = is_served_by(&world, &application, 0, sent).await;
        let warnings = &result.metadata.warnings;
        assert_eq!(warnings.iter().any(|it| it.contains("clock")), is_off, "{warnings:?}");
        let now = std::time::SystemTime::now();
        let now = now.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let life = result.expires_on - now;
        assert!(life < 86_400, "the expiry is relative to the local clock: {life}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b29_a_date_years_away_is_not_believed() {
    let world = World::with(|emulator| emulator.strictness(Strictness::strict()));
    world.emulator.register_certificate(demo::CLIENT_ID, &certificate_der()).unwrap();
    world.emulator.set_clock_offset(4_000);
    let wrong = || Scripted::normal().header("Date", "Tue, 01 Jan 2030 00:00:00 GMT");
    world.emulator.script_any(vec![wrong(), wrong()]);
    let application = with(&world, vec![certificate("rsa2048.pem")]);
    let error = world.acquire(&application, &world.request()).await.unwrap_err();
    assert_eq!(refusal(&error).error_codes, [700_024]);
    assert_eq!(world.token_requests(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn b29_a_callers_assertion_is_not_corrected() {
    let world = World::new();
    let refusal_answer = Scripted::error(401, "invalid_client", 700_024, "Not in its time range.")
        .header("Date", "Tue, 01 Jan 2030 00:00:00 GMT");
    world.emulator.script_any(vec![refusal_answer]);
    let assertion = Credential::Assertion("e30.e30.c2ln".to_owned());
    world.acquire(&with(&world, vec![assertion]), &world.request()).await.unwrap_err();
    assert_eq!(world.token_requests(), 1);
}

/// Asserts that a call gets a token with this credential after this number of requests, and that the next call is a hit.
async fn is_served_by(
    world: &World,
    application: &Application,
    index: u32,
    requests: u32,
) -> AuthenticationResult {
    world.emulator.clear_requests();
    let result = world.acquire(application, &world.request()).await.unwrap();
    assert!(world.emulator.was_issued(&result.access_token));
    assert_eq!(result.metadata.credential_index, Some(index));
    assert_eq!(result.metadata.token_requests, requests);
    assert_eq!(world.token_requests(), usize::try_from(requests).unwrap());
    let hit = world.acquire(application, &world.request()).await.unwrap();
    assert_eq!(hit.access_token, result.access_token);
    result
}

fn rs256_only_world() -> World {
    let world = World::new();
    world.emulator.register_certificate(demo::CLIENT_ID, &certificate_der()).unwrap();
    let weaken = |directory: &mut msal_emulator::Directory| {
        let registered = directory.application_mut(demo::CLIENT_ID).unwrap();
        *registered = registered.clone().rs256_only();
    };
    world.emulator.update(weaken).unwrap();
    world
}

fn with(world: &World, credentials: Vec<Credential>) -> Application {
    Application { credentials, ..world.application() }
}

fn forced(world: &World) -> TokenRequest {
    request_options(&world.request(), [RequestOption::ForceRefresh])
}

fn certificate(name: &str) -> Credential {
    Credential::Certificate(Certificate::new(CertificateSource::Pem(key_text(name))))
}

/// Header and claims of the assertion in a token request.
fn assertion_of(request: &RecordedRequest) -> (Value, Value) {
    let assertion = request.parameter("client_assertion").expect("an assertion was sent");
    let mut parts = assertion.split('.');
    let mut object =
        || serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts.next().unwrap()).unwrap()).unwrap();
    (object(), object())
}

const UNKNOWN: &str = "emulator-only~unknown";
