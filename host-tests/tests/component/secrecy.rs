//! Plants canary secrets in a call and searches everything that leaves the component and its host: section G of the fault
//! catalogue.
//!
//! A secret may be in the body of the request to the authority, and the token in the result. Nothing else may contain even
//! a part of either, in any encoding.

use std::fmt::Debug;
use std::fs;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use msal_emulator::Scripted;
use msal_emulator::demo;
use msal_host::Host;
use msal_host::Network;
use msal_host::contract::AcquireError;
use msal_host::contract::Application;
use msal_host::contract::ApplicationOption;
use msal_host::contract::AuthenticationResult;
use msal_host::contract::Certificate;
use msal_host::contract::CertificateOption;
use msal_host::contract::CertificateSource;
use msal_host::contract::Credential;
use msal_host::contract::RequestOption;
use msal_host::contract::TokenRequest;
use msal_host::store::StoreError;
use msal_host_tests::Canary;
use msal_host_tests::Fault;
use msal_host_tests::Operation;
use msal_host_tests::PASSPHRASE;
use msal_host_tests::World;
use msal_host_tests::certificate_der;
use msal_host_tests::command_line;
use msal_host_tests::encodings;
use msal_host_tests::key_file;
use msal_host_tests::key_text;
use msal_host_tests::options;
use msal_host_tests::request_options;
use msal_host_tests::secret;
use serde_json::json;

use crate::planted::ASSERTION;
use crate::planted::CACHE_KEY;
use crate::planted::Planted;
use crate::planted::SECRET;
use crate::planted::TOKEN;
use crate::planted::application_options;
use crate::planted::cache_key_canary;
use crate::planted::certificate;
use crate::planted::key_canaries;
use crate::planted::section;
use crate::planted::token_canary;
use crate::planted::with_assertion;
use crate::planted::with_encrypted_key;
use crate::planted::with_key;
use crate::planted::with_pfx;
use crate::planted::with_secret;

#[test]
fn g01_debug_of_an_argument_shows_no_secret() {
    for planted in [with_secret(), with_assertion(), with_key(), with_encrypted_key(), with_pfx()] {
        let credential = planted.credential;
        let application = Application {
            client_id: demo::CLIENT_ID.to_owned(),
            authority: demo::TENANT.to_owned(),
            credentials: vec![credential.clone()],
            options: application_options(),
        };
        let mut shown = shown(&application);
        shown.extend(self::shown(&credential));
        shown.extend(self::shown(&application.options));
        if let Credential::Certificate(certificate) = &credential {
            shown.extend(self::shown(certificate));
            shown.extend(self::shown(&certificate.source));
        }
        search(&planted.canaries, &shown);
    }
}

#[test]
fn g01_debug_of_a_request_shows_no_claims_or_parameters() {
    let value = || format!("{{\"a\":\"{SECRET}\"}}");
    let pair = || vec![(SECRET.to_owned(), SECRET.to_owned())];
    let options = vec![
        RequestOption::Claims(value()),
        RequestOption::ClaimsFromClient(value()),
        RequestOption::FmiPath(value()),
        RequestOption::Attributes(value()),
        RequestOption::AttributeTokens(vec![SECRET.to_owned()]),
        RequestOption::ExtraBodyParameters(pair()),
        RequestOption::ExtraQueryParameters(pair()),
        RequestOption::ExtraHeaders(pair()),
        RequestOption::ExtraAssertionClaims(value()),
    ];
    let request = TokenRequest { options, ..TokenRequest::new("scope") };
    search(&[Canary::new("private value", SECRET)], &shown(&request));
}

#[tokio::test(flavor = "multi_thread")]
async fn g01_neither_debug_nor_json_of_a_result_shows_the_token() {
    let world = World::new();
    world.emulator.script_any(vec![token_answer()]);
    let result = world.acquire_demo().await.unwrap();
    assert_eq!(result.access_token, TOKEN);
    let mut shown = shown(&result);
    shown.push(("JSON".to_owned(), serde_json::to_vec(&result).unwrap()));
    search(&[token_canary()], &shown);
}

#[tokio::test(flavor = "multi_thread")]
async fn g02_a_refused_argument_is_not_quoted() {
    for (name, application, canaries) in unusable_applications() {
        let world = World::new();
        let error = world.acquire(&application, &world.request()).await.unwrap_err();
        assert_eq!(world.emulator.connections(), 0, "{name}: {error:?}");
        search_as(name, &canaries, &shown_error(&error));
        search_as(name, &canaries, &traces(&world));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn g02_a_refused_option_of_a_request_is_not_quoted() {
    let text = || SECRET.to_owned();
    let pair = || vec![("name".to_owned(), format!("{SECRET}\r\n"))];
    let repeated = json!({"a": SECRET}).to_string().replace('}', ",\"a\":1}");
    let options = [
        ("tenant", RequestOption::Tenant(text())),
        ("claims", RequestOption::Claims(text())),
        ("repeated claims", RequestOption::Claims(repeated)),
        ("claims-from-client", RequestOption::ClaimsFromClient(text())),
        ("refresh-if-sha256", RequestOption::RefreshIfSha256(text())),
        ("correlation-id", RequestOption::CorrelationId(text())),
        ("fmi-path", RequestOption::FmiPath(format!("{SECRET}\n"))),
        ("attributes", RequestOption::Attributes(text())),
        ("attribute-tokens", RequestOption::AttributeTokens(vec![text()])),
        ("extra-body-parameters", RequestOption::ExtraBodyParameters(pair())),
        ("extra-query-parameters", RequestOption::ExtraQueryParameters(pair())),
        ("extra-headers", RequestOption::ExtraHeaders(pair())),
        ("extra-assertion-claims", RequestOption::ExtraAssertionClaims(text())),
    ];
    let canaries = [Canary::new("private value", SECRET)];
    for (name, option) in options {
        let world = World::new();
        let request = world.request().with(option);
        let error = world.refused_locally(&world.application(), &request).await;
        search_as(name, &canaries, &shown_error(&error));
        search_as(name, &canaries, &traces(&world));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn g02_no_answer_of_an_authority_makes_an_error_with_a_secret_of_the_secret_kind() {
    search_every_answer(with_secret()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn g02_no_answer_of_an_authority_makes_an_error_with_an_assertion() {
    search_every_answer(with_assertion()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn g02_no_answer_of_an_authority_makes_an_error_with_a_key() {
    search_every_answer(with_key()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn g02_no_fault_of_a_store_makes_a_warning_with_a_secret() {
    let faults = [
        Fault::Error(StoreError::NoSuchStore),
        Fault::Error(StoreError::AccessDenied),
        Fault::Error(StoreError::Other("it broke".to_owned())),
        Fault::Value(b"nonsense".to_vec()),
    ];
    for operation in [Operation::Open, Operation::Get, Operation::Set] {
        for fault in &faults {
            let planted = with_secret();
            let world = World::new();
            world.store.fail(operation, fault.clone());
            world.emulator.script_any(vec![token_answer(), token_answer()]);
            let application = planted.application(&world);
            for _ in 0..2 {
                let result = world.acquire(&application, &world.request()).await.unwrap();
                search(&planted.canaries, &shown_result(&result));
            }
            search(&planted.canaries, &traces(&world));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn g03_a_secret_is_in_the_body_of_the_token_request_and_nowhere_else() {
    for planted in [with_secret(), with_assertion(), with_key(), with_encrypted_key(), with_pfx()] {
        let world = World::new();
        world.emulator.script_any(vec![token_answer()]);
        let application = planted.application(&world);
        let result = world.acquire(&application, &world.request()).await.unwrap();
        assert_eq!(result.access_token, TOKEN);
        let cached = world.acquire(&application, &world.request()).await.unwrap();
        assert_eq!(cached.access_token, TOKEN);
        assert_eq!(world.store.entries().len(), 1, "the token is sealed in the store");

        let requests = world.emulator.requests();
        assert_eq!(requests.len(), 1);
        let mut canaries = planted.canaries;
        // A signed assertion is a secret, too.
        let proof = requests[0].parameter("client_assertion");
        let proof = proof.or(requests[0].parameter("client_secret")).unwrap().to_owned();
        canaries.push(Canary::new("proof", &proof));
        search(&canaries, &traces(&world));
        search(&canaries, &shown_result(&result));
        search(&canaries, &shown_result(&cached));

        let is_sent_whole =
            matches!(planted.credential, Credential::Secret(_) | Credential::Assertion(_));
        let mut unsent = vec![token_canary(), cache_key_canary()];
        if !is_sent_whole {
            unsent.extend(key_canaries());
            unsent.push(Canary::whole("passphrase", PASSPHRASE));
        }
        search(&unsent, &[("the body".to_owned(), requests[0].body.clone())]);
    }
}

/// Claims and attributes may contain personal data, and attribute tokens grant access to their bearer.
#[tokio::test(flavor = "multi_thread")]
async fn g03_the_options_of_a_request_are_in_its_body_and_nowhere_else() {
    let world = World::new();
    world.emulator.register_certificate(demo::CLIENT_ID, &certificate_der()).unwrap();
    let mut certificate = Certificate::new(CertificateSource::Pem(key_text("rsa2048.pem")));
    let claims = json!({"own": ASSERTION}).to_string();
    certificate.options.push(CertificateOption::ExtraClaims(claims));
    let application = world.application_with(Credential::Certificate(certificate));
    let request = request_options(
        &world.request(),
        [
            RequestOption::ClaimsFromClient(json!({"access_token": {"a": ASSERTION}}).to_string()),
            RequestOption::Attributes(json!({"a": ASSERTION}).to_string()),
            RequestOption::AttributeTokens(vec![ASSERTION.to_owned()]),
            RequestOption::ExtraBodyParameters(vec![("a".to_owned(), ASSERTION.to_owned())]),
            RequestOption::ExtraAssertionClaims(json!({"more": ASSERTION}).to_string()),
        ],
    );
    let canaries = [Canary::new("private value", ASSERTION)];
    let result = world.acquire(&application, &request).await.unwrap();
    let body = String::from_utf8(world.emulator.token_requests()[0].body.clone()).unwrap();
    assert!(body.matches(ASSERTION).count() >= 4, "{body}");
    search(&canaries, &shown_result(&result));
    let hit = world.acquire(&application, &request).await.unwrap();
    search(&canaries, &shown_result(&hit));

    // The authority's message about them is returned in the error and stored in the remembered failure.
    let refused = Scripted::status(429).header("Retry-After", "60");
    world.emulator.script_any(vec![refused]);
    let challenged = request_options(
        &request,
        [RequestOption::Claims(json!({"access_token": {"b": ASSERTION}}).to_string())],
    );
    for _ in 0..2 {
        let error = world.acquire(&application, &challenged).await.unwrap_err();
        search(&canaries, &shown_error(&error));
    }
    assert_eq!(world.store.entries().len(), 2, "a token and a remembered failure");
    search(&canaries, &traces(&world));
}

#[tokio::test(flavor = "multi_thread")]
async fn g03_a_remembered_failure_in_the_store_is_sealed() {
    let description = format!("AADSTS7000215: {ASSERTION}");
    let answer = json!({"error": "invalid_client", "error_description": description});
    let world = World::new();
    world.emulator.script_any(vec![Scripted::json(401, answer)]);
    let error = world.acquire_demo().await.unwrap_err();
    assert!(error.message.contains(ASSERTION), "the authority's message is returned");
    let (_, record) = world.store.only_entry();
    let canaries = [
        Canary::new("the authority's message", ASSERTION),
        Canary::whole("the client secret", demo::client_secret()),
        Canary::whole("the error", "invalid_client"),
    ];
    search(&canaries, &[("the remembered failure".to_owned(), record)]);
    let again = world.acquire_demo().await.unwrap_err();
    assert_eq!(again.message, error.message, "the remembered failure is opened again");
}

#[tokio::test(flavor = "multi_thread")]
async fn g03_a_store_sealed_with_the_credential_holds_neither_it_nor_the_token() {
    for planted in [with_secret(), with_key(), with_pfx()] {
        let world = World::new();
        world.emulator.script_any(vec![token_answer()]);
        let application = world.application_with(planted.credential.clone());
        world.acquire(&application, &world.request()).await.unwrap();
        assert_eq!(world.store.entries().len(), 1);
        search(&planted.canaries, &traces(&world));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn g03_the_command_line_prints_no_secret() {
    let world = World::new();
    world.emulator.register_certificate(demo::CLIENT_ID, &certificate_der()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path
    };
    let secret_file = file("secret", SECRET.as_bytes());
    let assertion_file = file("assertion", ASSERTION.as_bytes());
    let key = file("key.pem", key_text("rsa2048.pem").as_bytes());
    let encrypted_key = file("encrypted.pem", key_text("rsa2048.encrypted.pem").as_bytes());
    let pfx = file("key.pfx", &key_file("rsa2048.pfx"));
    let passphrase = file("passphrase", PASSPHRASE.as_bytes());
    let wrong_passphrase = file("wrong-passphrase", SECRET.as_bytes());
    let damaged_key = file("damaged.pem", damaged_key().as_bytes());
    let cache_key = file("cache-key", CACHE_KEY);
    let short_cache_key = file("short-cache-key", &CACHE_KEY[..24]);
    let two_lines = file("two-lines", format!("{SECRET}\n{SECRET}\n").as_bytes());
    let store = folder.path().join("store.db");

    let run = |flags: &[&str], files: &[(&str, &Path)], format: &str| -> Output {
        let address = world.emulator.https_address();
        let ca_file = file("ca.pem", world.emulator.ca_certificate_pem().as_bytes());
        let mut command = command_line();
        command
            .args(["acquire", "--authority", demo::TENANT, "--client-id", demo::CLIENT_ID])
            .args(["--scope", demo::API_SCOPE, "--output", format])
            .args(["--resolve", &format!("login.microsoftonline.com:443:{address}")])
            .arg("--ca-certificate")
            .arg(ca_file)
            .arg("--store")
            .arg(format!("sqlite:{}", store.display()))
            .args(flags)
            .env("RUST_BACKTRACE", "full")
            .env("RUST_LOG", "trace");
        for (flag, path) in files {
            command.arg(flag).arg(path);
        }
        command.output().unwrap()
    };

    let mut canaries = key_canaries();
    canaries.push(Canary::new("secret", SECRET));
    canaries.push(Canary::new("assertion", ASSERTION));
    canaries.push(Canary::whole("passphrase", PASSPHRASE));
    canaries.push(cache_key_canary());
    canaries.push(token_canary());
    let echo = Scripted::json(
        401,
        json!({"error": "invalid_client", "error_description": format!("no: {ASSERTION}.")}),
    );
    let cases: [Run; 11] = [
        ("a secret", &[("--client-secret-file", &secret_file)], Some(token_answer()), true),
        ("the cache", &[("--client-secret-file", &secret_file)], None, true),
        (
            "a cache key",
            &[("--client-secret-file", &secret_file), ("--cache-key-file", &cache_key)],
            Some(token_answer()),
            true,
        ),
        (
            "an assertion",
            &[("--assertion-file", &assertion_file), ("--cache-key-file", &cache_key)],
            None,
            true,
        ),
        ("a key", &[("--certificate", &key)], Some(token_answer()), true),
        (
            "a PKCS#12 file",
            &[("--certificate", &pfx), ("--passphrase-file", &passphrase)],
            Some(token_answer()),
            true,
        ),
        ("an echo", &[("--assertion-file", &assertion_file)], Some(echo), false),
        ("a damaged key", &[("--certificate", &damaged_key)], None, false),
        (
            "a wrong passphrase",
            &[("--certificate", &encrypted_key), ("--passphrase-file", &wrong_passphrase)],
            None,
            false,
        ),
        ("two lines", &[("--client-secret-file", &two_lines)], None, false),
        (
            "a short cache key",
            &[("--client-secret-file", &secret_file), ("--cache-key-file", &short_cache_key)],
            None,
            false,
        ),
    ];
    for (name, files, answer, is_success) in cases {
        // A token is printed in the same line in both formats, but errors are printed by different code.
        let formats: &[&str] = if is_success { &["json"] } else { &["text", "json"] };
        for format in formats {
            world.emulator.clear_scripts();
            world.emulator.script_any(answer.clone().into_iter().collect());
            let force: &[&str] = if answer.is_some() { &["--force-refresh"] } else { &[] };
            let output = run(force, files, format);
            let places = [
                ("standard output".to_owned(), output.stdout),
                ("standard error".to_owned(), output.stderr),
            ];
            search_as(name, &canaries, &places);
            let [(_, stdout), (_, stderr)] = &places;
            let text = String::from_utf8_lossy(stdout) + String::from_utf8_lossy(stderr);
            assert_eq!(output.status.success(), is_success, "{name}: {text}");
        }
    }
    for entry in fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("store.db") {
            search_as(&name, &canaries, &[("the file".to_owned(), fs::read(&path).unwrap())]);
        }
    }
    search(&canaries, &traces(&world));
}

#[tokio::test(flavor = "multi_thread")]
async fn g04_a_call_that_the_host_ends_reveals_nothing_of_its_arguments() {
    let world = World::new();
    let canaries = [Canary::new("secret", SECRET)];
    let long = SECRET.repeat((16 << 20) / SECRET.len());
    for credential in [secret(&long), Credential::Assertion(long.clone())] {
        let application = world.application_with(credential);
        let error = world.host.acquire_token_for_client(&application, &world.request()).await;
        search(&canaries, &shown_display(&error.unwrap_err()));
    }
    let application = world.application_with(secret(SECRET));
    let hasty = |builder: msal_host::HostBuilder| builder.network(network(&world)).build().unwrap();
    for (name, host) in [
        ("time", hasty(Host::builder().time_limit(Duration::from_millis(200)))),
        ("fuel", hasty(Host::builder().fuel(Some(10_000)))),
        ("memory", hasty(Host::builder().max_memory(64 << 10))),
    ] {
        world.emulator.script_any(vec![Scripted::hang()]);
        let answer = host.acquire_token_for_client(&application, &world.request()).await;
        let error = answer.map(|answer| answer.is_ok()).expect_err(name);
        search_as(name, &canaries, &shown_display(&error));
    }
    search(&canaries, &traces(&world));
}

#[tokio::test(flavor = "multi_thread")]
async fn g05_a_secret_that_the_server_echoes_is_redacted_in_every_encoding() {
    let mut leaks = Vec::new();
    for (planted, value) in [(with_secret(), SECRET), (with_assertion(), ASSERTION)] {
        for echo in encodings(value.as_bytes()) {
            let echo = String::from_utf8(echo).unwrap();
            leaks.extend(leaks_of_an_echo(&planted, &echo).await);
        }
    }
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn g05_an_echo_is_redacted_wherever_it_is_in_the_text() {
    let planted = with_secret();
    let mut leaks = Vec::new();
    for echo in [
        format!("{SECRET}{SECRET}"),
        format!("secret={SECRET}&x=1"),
        format!("{}{SECRET}", "x".repeat(4_080)),
        format!("{}{SECRET}", "x".repeat(190)),
        format!("\r\n{SECRET}\u{202e}{SECRET}"),
        format!("{}{SECRET}{}", "x".repeat(100_000), "y".repeat(100_000)),
    ] {
        leaks.extend(leaks_of_an_echo(&planted, &echo).await);
    }
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn g05_an_echo_of_the_signed_assertion_is_redacted() {
    let world = World::new();
    let planted = with_key();
    let application = options(&planted.application(&world), [ApplicationOption::DisableCache]);
    // Equal times and equal random bytes make equal assertions.
    let host = Host::builder()
        .network(network(&world))
        .random(|bytes| bytes.fill(7))
        .wall_clock(|| Duration::from_secs(1_800_000_000))
        .build()
        .unwrap();
    world.emulator.script_any(vec![token_answer()]);
    host.acquire_token_for_client(&application, &world.request()).await.unwrap().unwrap();
    let requests = world.emulator.token_requests();
    let assertion = requests[0].parameter("client_assertion").unwrap().to_owned();
    for echo in encodings(assertion.as_bytes()) {
        let echo = String::from_utf8(echo).unwrap();
        let body = json!({"error": "invalid_client", "error_description": format!("no: {echo}.")});
        world.emulator.script_any(vec![Scripted::json(401, body)]);
        let error = host.acquire_token_for_client(&application, &world.request()).await.unwrap();
        let sent = world.emulator.token_requests().pop().unwrap();
        assert_eq!(sent.parameter("client_assertion"), Some(assertion.as_str()));
        let canary = Canary::whole("signed assertion", &assertion);
        search(&[canary], &shown_error(&error.unwrap_err()));
    }
}

/// The caller may log the whole result except the token.
#[tokio::test(flavor = "multi_thread")]
async fn g05_a_secret_that_the_server_echoes_as_a_granted_scope_is_not_returned() {
    let plain = "q7VxN2kRwZ~tP4.mYb8s_Lc3Jd-hF9";
    let world = World::new();
    let body = json!({"token_type": "Bearer", "access_token": TOKEN, "expires_in": 3599,
        "scope": format!("{} {plain}", demo::API_SCOPE)});
    world.emulator.script_any(vec![Scripted::json(200, body)]);
    let application = world.application_with(secret(plain));
    match world.acquire(&application, &world.request()).await {
        Ok(result) => search(&[Canary::new("secret", plain)], &shown_result(&result)),
        Err(error) => search(&[Canary::new("secret", plain)], &shown_error(&error)),
    }
}

/// Each replacement is longer than the character that it replaces.
#[tokio::test(flavor = "multi_thread")]
async fn g05_redacting_a_short_secret_in_a_long_text_stays_within_the_memory_of_a_call() {
    let world = World::new();
    for short in ["e", "d", "ed", "%"] {
        for status in [400, 200] {
            let text = short.repeat(900_000 / short.len());
            let body = json!({"error": "invalid_client", "error_description": text});
            world.emulator.script_any(vec![Scripted::json(status, body)]);
            let application = world.application_with(secret(short));
            let answer = world.host.acquire_token_for_client(&application, &world.request()).await;
            let Ok(Err(error)) = answer else {
                panic!("{short:?}: {answer:?}");
            };
            assert!(serde_json::to_vec(&error).unwrap().len() < 64 << 10, "{short:?}");
        }
    }
}

/// The key with a part of its middle removed.
fn damaged_key() -> String {
    let text = key_text("rsa2048.pem");
    let key = section(&text, "PRIVATE KEY");
    let damaged = format!("{}{}", &key[..400], &key[440..]);
    format!(
        "-----BEGIN PRIVATE KEY-----\n{damaged}\n-----END PRIVATE KEY-----\n\
         -----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        section(&text, "CERTIFICATE")
    )
}

/// Applications that are refused locally for a value that must not be quoted.
fn unusable_applications() -> Vec<(&'static str, Application, Vec<Canary>)> {
    let world = World::new();
    let mut applications = Vec::new();
    let mut add = |name, application: Application, mut canaries: Vec<Canary>| {
        canaries.push(Canary::new("secret", SECRET));
        applications.push((name, application, canaries));
    };
    let secret_of = |text: String| world.application_with(secret(&text));
    add("secret with a line end", secret_of(format!("{SECRET}\r\n")), vec![]);
    add("long secret", secret_of(SECRET.repeat(200)), vec![]);
    let assertion = |text: String| world.application_with(Credential::Assertion(text));
    add("secret as an assertion", assertion(SECRET.to_owned()), vec![]);
    for (name, text) in [
        ("assertion with a line end", format!("{ASSERTION}\n")),
        ("assertion in quotes", format!("\"{ASSERTION}\"")),
        ("assertion of four parts", format!("{ASSERTION}.x")),
        ("long assertion", ASSERTION.repeat(2_000)),
    ] {
        add(name, assertion(text), vec![Canary::new("assertion", ASSERTION)]);
    }
    for (name, pem, passphrase) in [
        ("secret as a key", SECRET.to_owned(), None),
        ("secret as an encrypted key", SECRET.to_owned(), Some(SECRET)),
        ("damaged key", damaged_key(), None),
        ("half a key", key_text("rsa2048.pem")[..900].to_owned(), None),
        ("key in one line", key_text("rsa2048.pem").replace('\n', "\\n"), None),
        ("two keys", key_text("rsa2048.pem") + &key_text("rsa3072.key.pem"), None),
        ("key alone", key_text("rsa2048.key.pem"), None),
        ("key of another certificate", key_text("mismatched.pem"), None),
        ("key that needs a passphrase", key_text("rsa2048.encrypted.pem"), None),
        ("wrong passphrase", key_text("rsa2048.encrypted.pem"), Some(SECRET)),
        ("legacy encryption", key_text("rsa2048.legacy-encrypted.pem"), Some(SECRET)),
        ("long passphrase", key_text("rsa2048.pem"), Some(&SECRET.repeat(100) as &str)),
    ] {
        let mut canaries = key_canaries();
        canaries.push(Canary::whole("passphrase", PASSPHRASE));
        add(name, world.application_with(certificate(&pem, passphrase)), canaries);
    }
    for (name, file, label) in [
        ("short key", "rsa1024.pem", "PRIVATE KEY"),
        ("key of an elliptic curve", "p256.pem", "PRIVATE KEY"),
        ("key for PSS alone", "rsa-pss.pem", "PRIVATE KEY"),
    ] {
        let text = key_text(file);
        // Its first bytes name an algorithm, which messages may.
        let canaries = vec![Canary::new("key text", &section(&text, label)[64..])];
        add(name, world.application_with(certificate(&text, None)), canaries);
    }
    for (name, file, passphrase) in [
        ("wrong passphrase of PKCS#12", key_file("rsa2048.pfx"), SECRET),
        ("wrong passphrase of legacy PKCS#12", key_file("rsa2048.legacy.pfx"), SECRET),
        ("wrong passphrase without MAC", key_file("rsa2048.no-mac.pfx"), SECRET),
        ("secret as PKCS#12", SECRET.as_bytes().to_vec(), SECRET),
        ("half a PKCS#12 file", key_file("rsa2048.pfx")[..1_200].to_vec(), PASSPHRASE),
    ] {
        let mut certificate = Certificate::new(CertificateSource::Pkcs12(file));
        certificate.options.push(CertificateOption::Passphrase(passphrase.to_owned()));
        let mut canaries = key_canaries();
        canaries.push(Canary::whole("passphrase", PASSPHRASE));
        add(name, world.application_with(Credential::Certificate(certificate)), canaries);
    }
    let with_certificate = |option: CertificateOption| {
        let source = CertificateSource::Pem(key_text("rsa2048.pem"));
        let certificate = Certificate::new(source).with(option);
        world.application_with(Credential::Certificate(certificate))
    };
    let thumbprint = with_certificate(CertificateOption::Thumbprint(SECRET.to_owned()));
    add("secret as a thumbprint", thumbprint, key_canaries());
    for (name, claims) in [
        ("secret as claims", SECRET.to_owned()),
        ("secret in claims of the protocol", json!({"aud": SECRET}).to_string()),
        ("secret in a list of claims", json!([SECRET]).to_string()),
        ("long claims", json!({"a": SECRET.repeat(400)}).to_string()),
    ] {
        let claims = with_certificate(CertificateOption::ExtraClaims(claims));
        add(name, claims, key_canaries());
    }
    let with_keys = |keys: Vec<Vec<u8>>| {
        let keys = ApplicationOption::CacheKeys(keys);
        options(&world.application_with(secret(SECRET)), [keys])
    };
    let cache_keys = || vec![cache_key_canary()];
    add("short cache key", with_keys(vec![CACHE_KEY[..31].to_vec()]), cache_keys());
    add("long cache key", with_keys(vec![CACHE_KEY.repeat(40)]), cache_keys());
    add("many cache keys", with_keys(vec![CACHE_KEY.to_vec(); 9]), cache_keys());
    let mut nine = world.application_with(secret(SECRET));
    nine.credentials.extend(vec![Credential::Assertion(ASSERTION.to_owned()); 8]);
    add("nine credentials", nine, vec![Canary::new("assertion", ASSERTION)]);
    let mut all_unusable = world.application_with(certificate(SECRET, None));
    all_unusable.credentials.push(certificate(&damaged_key(), Some(SECRET)));
    add("two unusable credentials", all_unusable, key_canaries());
    for (name, authority) in [
        ("secret as an authority", SECRET.to_owned()),
        (
            "secret as a user name",
            format!("https://{SECRET}@login.microsoftonline.com/contoso.com"),
        ),
        ("secret in a query", format!("https://login.microsoftonline.com/contoso.com?{SECRET}")),
    ] {
        add(name, Application { authority, ..world.application() }, vec![]);
    }
    let client_id = format!("{SECRET}\n");
    add("secret as a client ID", Application { client_id, ..world.application() }, vec![]);
    applications
}

/// Makes one call for each possible answer, and searches everything that left the component.
async fn search_every_answer(planted: Planted) {
    for (name, answer) in answers() {
        let world = World::new();
        world.emulator.script_any(vec![answer]);
        let request = request_options(&world.request(), [RequestOption::DeadlineMs(1_500)]);
        match world.acquire(&planted.application(&world), &request).await {
            Ok(result) => search_as(name, &planted.canaries, &shown_result(&result)),
            Err(error) => search_as(name, &planted.canaries, &shown_error(&error)),
        }
        assert_eq!(world.token_requests(), 1, "{name}: the secret was sent once");
        search_as(name, &planted.canaries, &traces(&world));
    }
}

/// Answers of every kind, many of them with a token in the wrong place or with the secrets of the call.
fn answers() -> Vec<(&'static str, Scripted)> {
    let echo = format!("{SECRET} {ASSERTION}");
    let ok = |members: serde_json::Value| {
        let mut body = json!({"access_token": TOKEN, "token_type": "Bearer", "expires_in": 3599});
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        Scripted::json(200, body)
    };
    let error = |status: u16| {
        Scripted::json(
            status,
            json!({"error": "invalid_client", "error_description": &echo, "error_codes": [7_000_215],
                "suberror": &echo, "claims": &echo, "trace_id": &echo, "correlation_id": &echo,
                "timestamp": &echo, "error_uri": &echo, "access_token": TOKEN}),
        )
    };
    let token = format!("{{\"access_token\":\"{TOKEN}\"");
    vec![
        ("400", error(400)),
        ("401", error(401)),
        ("403", error(403)),
        ("429", error(429).header("Retry-After", "5")),
        (
            "429 in plain text",
            Scripted::status(429).header("Content-Type", "text/plain").body(echo.clone()),
        ),
        ("500", error(500)),
        ("503", error(503).header("Retry-After", echo.clone())),
        (
            "502 in HTML",
            Scripted::status(502).header("Content-Type", "text/html").body(echo.clone()),
        ),
        ("200 with an error", error(200)),
        ("the error is the secret", Scripted::json(400, json!({"error": &echo}))),
        (
            "redirect",
            Scripted::status(307).header("Location", format!("https://evil.example/?{SECRET}")),
        ),
        ("201", ok(json!({})).with_status(201)),
        ("token with a line end", ok(json!({"access_token": format!("{TOKEN}\r\n")}))),
        ("token with a space", ok(json!({"access_token": format!("{TOKEN} {TOKEN}")}))),
        ("token in an object", ok(json!({"access_token": {"value": TOKEN}}))),
        ("token as its own type", ok(json!({"token_type": TOKEN}))),
        ("token as its own lifetime", ok(json!({"expires_in": TOKEN}))),
        ("token as its own refresh time", ok(json!({"refresh_in": TOKEN}))),
        ("scope in an object", ok(json!({"scope": {"value": TOKEN}}))),
        (
            "no lifetime",
            Scripted::json(200, json!({"access_token": TOKEN, "token_type": "Bearer"})),
        ),
        ("other members", ok(json!({"refresh_token": TOKEN, "id_token": TOKEN}))),
        ("not labelled as JSON", ok(json!({})).header("Content-Type", format!("text/{TOKEN}"))),
        ("content encoding", ok(json!({})).header("Content-Encoding", TOKEN)),
        (
            "two tokens",
            Scripted::status(200).body(format!("{token},\"access_token\":\"{TOKEN}\"}}")),
        ),
        ("half a token", Scripted::status(200).body(token.clone())),
        ("a token and more", Scripted::status(200).body(format!("{token}}} {token}}}"))),
        ("a bare token", Scripted::status(200).body(TOKEN)),
        ("headers with secrets", error(400).header("X-Echo", echo.clone())),
        ("a body that breaks off", ok(json!({})).cut_after(200)),
        ("a status line with the secret", Scripted::raw(format!("HTTP/1.1 999 {SECRET}\r\n\r\n"))),
        ("no HTTP", Scripted::raw(echo.clone())),
        ("a broken header", Scripted::raw(format!("HTTP/1.1 200 OK\r\n{SECRET}\r\n\r\n"))),
        (
            "a wrong length",
            Scripted::raw(format!("HTTP/1.1 200 OK\r\nContent-Length: {SECRET}\r\n\r\n")),
        ),
        (
            "a wrong chunk",
            Scripted::raw(format!(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{SECRET}\r\n"
            )),
        ),
        ("nothing", Scripted::close_without_answer()),
        ("a reset", Scripted::reset()),
        ("silence", Scripted::hang()),
    ]
}

/// The traces of the credential in the error if every text of an error answer echoes this text.
async fn leaks_of_an_echo(planted: &Planted, echo: &str) -> Vec<String> {
    let world = World::new();
    let application = planted.application(&world);
    let text = format!("AADSTS7000215: Invalid client secret provided: {echo}.");
    let answers = [
        Scripted::json(401, json!({"error": "invalid_client", "error_description": text})),
        Scripted::json(401, json!({"error": echo, "suberror": echo, "trace_id": echo})),
        Scripted::json(401, json!({"error": "x", "correlation_id": echo, "timestamp": echo})),
        Scripted::json(401, json!({"error": "x", "claims": json!({"a": echo}).to_string()})),
        Scripted::json(200, json!({"error": "invalid_client", "error_description": text})),
        Scripted::status(429).header("Content-Type", "text/plain").body(echo),
    ];
    let mut leaks = Vec::new();
    for answer in answers {
        world.emulator.script_any(vec![answer]);
        let error = world.acquire(&application, &world.request()).await.unwrap_err();
        leaks.extend(found(&planted.canaries, &shown_error(&error)).into_iter().take(1));
    }
    leaks.into_iter().take(1).map(|leak| format!("{echo:.60}: {leak}")).collect()
}

/// A run of the command line: its name, the flags that name files, the authority's answer, and whether it ends well.
type Run<'a> = (&'a str, &'a [(&'a str, &'a Path)], Option<Scripted>, bool);

/// The places to search: name and content.
type Places = Vec<(String, Vec<u8>)>;

/// Everything that a world received from its component, except the bodies of requests.
fn traces(world: &World) -> Places {
    let mut places = Places::new();
    for request in world.emulator.requests() {
        places.push(("the target".to_owned(), request.target.into_bytes()));
        places.push(("the head".to_owned(), request.raw_head));
        places.push((
            "the server name".to_owned(),
            request.server_name.unwrap_or_default().into_bytes(),
        ));
    }
    for (operation, name) in world.store.journal() {
        places.push((format!("{operation:?}"), name.into_bytes()));
    }
    for (key, value) in world.store.entries() {
        places.push(("a key of the store".to_owned(), key.into_bytes()));
        places.push(("a value of the store".to_owned(), value));
    }
    places
}

fn shown_error(error: &AcquireError) -> Places {
    let mut places = shown_display(error);
    places.push(("JSON".to_owned(), serde_json::to_vec(error).unwrap()));
    places
}

/// A result without its token, as logs may show it. Panics if the token is anywhere else.
fn shown_result(result: &AuthenticationResult) -> Places {
    let mut places = shown(result);
    places.push(("JSON".to_owned(), serde_json::to_vec(result).unwrap()));
    places
}

fn shown_display(error: &impl std::error::Error) -> Places {
    let mut places = shown(error);
    places.push(("Display".to_owned(), error.to_string().into_bytes()));
    places
}

fn shown(value: &impl Debug) -> Places {
    vec![
        ("Debug".to_owned(), format!("{value:?}").into_bytes()),
        ("pretty Debug".to_owned(), format!("{value:#?}").into_bytes()),
    ]
}

fn search(canaries: &[Canary], places: &[(String, Vec<u8>)]) {
    search_as("the call", canaries, places);
}

fn search_as(name: &str, canaries: &[Canary], places: &[(String, Vec<u8>)]) {
    let found = found(canaries, places);
    assert!(found.is_empty(), "{name}: {}", found.join("\n"));
}

fn found(canaries: &[Canary], places: &[(String, Vec<u8>)]) -> Vec<String> {
    let mut found = Vec::new();
    for canary in canaries {
        for (place, bytes) in places {
            let leak = canary.find(bytes);
            found.extend(leak.map(|leak| {
                format!("{leak} is in {place}: {:.600}", String::from_utf8_lossy(bytes))
            }));
        }
    }
    found
}

fn token_answer() -> Scripted {
    let body = json!({"token_type": "Bearer", "expires_in": 3599, "access_token": TOKEN});
    Scripted::json(200, body)
}

fn network(world: &World) -> Network {
    let address = world.emulator.https_address();
    Network::builder()
        .ca_certificate_pem(world.emulator.ca_certificate_pem())
        .resolve(format!("login.microsoftonline.com:443:{address}"))
        .build()
        .unwrap()
}
