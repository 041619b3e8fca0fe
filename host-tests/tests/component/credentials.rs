//! Every kind of credential and key file against an authority that verifies it: section B of the fault catalogue.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use msal_artifact::Artifact;
use msal_emulator::Application as RegisteredApplication;
use msal_emulator::RecordedRequest;
use msal_emulator::Scripted;
use msal_emulator::Strictness;
use msal_emulator::demo;
use msal_host::contract::Application;
use msal_host::contract::ApplicationOption;
use msal_host::contract::AuthenticationResult;
use msal_host::contract::CacheRefreshReason;
use msal_host::contract::Certificate;
use msal_host::contract::CertificateOption;
use msal_host::contract::CertificateSource;
use msal_host::contract::Credential;
use msal_host::contract::ErrorCause;
use msal_host::contract::Rejection;
use msal_host::contract::RejectionCode;
use msal_host::contract::RequestOption;
use msal_host::contract::SigningAlgorithm;
use msal_host::contract::TokenSource;
use msal_host_tests::Issuer;
use msal_host_tests::KEY_CASES;
use msal_host_tests::PASSPHRASE;
use msal_host_tests::World;
use msal_host_tests::built;
use msal_host_tests::certificate_base64;
use msal_host_tests::certificate_der;
use msal_host_tests::certificate_of;
use msal_host_tests::key_file;
use msal_host_tests::key_text;
use msal_host_tests::options;
use msal_host_tests::refusal;
use msal_host_tests::rejection;
use msal_host_tests::request_options;
use ring::signature;
use serde_json::Value;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn b01_pkcs8_keys_of_2048_3072_and_4096_bits_get_tokens_in_either_algorithm() {
    for bits in [2048, 3072, 4096] {
        for algorithm in [None, Some(SigningAlgorithm::Ps256), Some(SigningAlgorithm::Rs256)] {
            let world = World::new();
            register(&world, &certificate_of(&format!("rsa{bits}.certificate.pem")));
            let mut certificate = pem(&format!("rsa{bits}.pem"));
            certificate.options.extend(algorithm.map(CertificateOption::Algorithm));
            let application = world.application_with(Credential::Certificate(certificate));
            is_served_and_cached(&world, &application).await;
            let (header, _) = assertion_of(&world.emulator.token_requests()[0]);
            let expected =
                if algorithm == Some(SigningAlgorithm::Rs256) { "RS256" } else { "PS256" };
            assert_eq!(header["alg"], expected, "{bits} bits");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b02_a_pkcs1_key_gets_a_token() {
    gets_a_token(pem("rsa2048.pkcs1.pem")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn b03_an_encrypted_key_gets_a_token_with_its_passphrase() {
    gets_a_token(opened(pem("rsa2048.encrypted.pem"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn b04_a_wrong_passphrase_is_refused_before_anything_is_sent() {
    for certificate in [pem("rsa2048.encrypted.pem"), pkcs12("rsa2048.pfx")] {
        let wrong = CertificateOption::Passphrase("not-the-passphrase".to_owned());
        let rejection = is_refused_unsent(certificate.with(wrong)).await;
        assert_eq!(rejection.code, RejectionCode::NotDecryptable);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b07_a_file_of_the_wrong_format_is_named() {
    let as_text = |name: &str| {
        let text = String::from_utf8_lossy(&key_file(name)).into_owned();
        Certificate::new(CertificateSource::Pem(text))
    };
    assert!(is_refused_unsent(as_text("rsa2048.pfx")).await.reason.contains("PEM"));
    assert!(is_refused_unsent(as_text("rsa2048.certificate.der")).await.reason.contains("PEM"));
    assert!(is_refused_unsent(pkcs12("rsa2048.pem")).await.reason.contains("PEM"));
    let der = is_refused_unsent(pkcs12("rsa2048.certificate.der")).await;
    assert!(der.reason.contains("PKCS#12"), "{}", der.reason);
}

#[tokio::test(flavor = "multi_thread")]
async fn b07_pkcs12_files_get_tokens() {
    for name in ["rsa2048.pfx", "rsa2048.open-key.pfx"] {
        gets_a_token(opened(pkcs12(name))).await;
    }
    let empty = CertificateOption::Passphrase(String::new());
    gets_a_token(pkcs12("rsa2048.empty-passphrase.pfx").with(empty)).await;
}

/// Each was refused or misread in a public report.
#[tokio::test(flavor = "multi_thread")]
async fn b08_every_key_file_that_people_have_gets_a_token_or_is_named() {
    for case in KEY_CASES.into_iter().filter(|case| !case.is_for_host) {
        for passphrase in case.passphrases {
            let world = World::new();
            register(&world, &case.certificate());
            let is_pem = case.name.ends_with(".pem");
            let certificate = if is_pem { pem(&case.path()) } else { pkcs12(&case.path()) };
            let options = passphrase.map(|text| CertificateOption::Passphrase(text.to_owned()));
            let certificate = options.into_iter().fold(certificate, Certificate::with);
            let application = world.application_with(Credential::Certificate(certificate));
            let result = world.acquire(&application, &world.request()).await;
            let result = result.unwrap_or_else(|error| panic!("{case:?}: {error:?}"));
            assert!(result.metadata.warnings.is_empty(), "{case:?}: {result:?}");
        }
    }
    for (name, what) in [
        ("others/leaf.cer", "a certificate without its private key"),
        ("others/app.jks", "a Java key store (JKS)"),
    ] {
        let rejection = is_refused_unsent(pkcs12(name)).await;
        assert!(rejection.reason.contains(what), "{name}: {}", rejection.reason);
    }
}

/// Of secrets from files that PowerShell or Notepad wrote.
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_with_a_byte_order_mark_gets_a_token() {
    let world = World::new();
    let marked = Credential::Secret(format!("\u{feff}{}", demo::client_secret()));
    is_served_and_cached(&world, &world.application_with(marked)).await;
    let request = &world.emulator.token_requests()[0];
    assert_eq!(request.parameter("client_secret"), Some(demo::client_secret()));
}

#[tokio::test(flavor = "multi_thread")]
async fn b09_keys_that_are_not_rsa_are_refused_before_anything_is_sent() {
    for name in ["p256.pem", "ed25519.pem"] {
        assert!(is_refused_unsent(pem(name)).await.reason.contains("RSA"), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b11_weak_keys_are_refused_before_anything_is_sent() {
    for name in ["rsa1024.pem", "rsa2047.pem"] {
        assert_eq!(is_refused_unsent(pem(name)).await.code, RejectionCode::TooWeak, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b14_a_chain_in_any_order_is_identified_by_its_leaf() {
    for name in ["chain.pem", "chain.key-last.pem"] {
        let world = World::new();
        register(&world, &certificate_of("leaf.certificate.pem"));
        let application = world.application_with(Credential::Certificate(pem(name)));
        is_served_and_cached(&world, &application).await;
        let (header, _) = assertion_of(&world.emulator.token_requests()[0]);
        assert!(header.get("x5c").is_none(), "{name}");
    }
    let world = World::new();
    register(&world, &certificate_of("leaf.certificate.pem"));
    let pfx = Credential::Certificate(opened(pkcs12("chain.pfx")));
    is_served_and_cached(&world, &world.application_with(pfx)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn b15_a_certificate_of_another_key_is_refused_before_anything_is_sent() {
    assert_eq!(is_refused_unsent(pem("mismatched.pem")).await.code, RejectionCode::Conflict);
}

#[tokio::test(flavor = "multi_thread")]
async fn b21_an_expired_certificate_signs_and_the_authoritys_reason_is_returned() {
    let world = World::new();
    register(&world, &certificate_of("expired.certificate.pem"));
    let application = world.application_with(Credential::Certificate(pem("expired.pem")));
    let error = world.acquire(&application, &world.request()).await.unwrap_err();
    let words = refusal(&error);
    assert_eq!((words.status, &*words.error_codes), (401, &[700_027][..]));
    assert!(words.description.as_ref().is_some_and(|it| it.contains("The key used is expired")));
    let metadata = error.metadata.unwrap();
    assert!(metadata.warnings.iter().any(|it| it.contains("expired")), "{:?}", metadata.warnings);
    assert_eq!(world.token_requests(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn b21_a_certificate_that_is_not_yet_valid_signs_with_a_warning() {
    let world = World::new();
    register(&world, &certificate_der());
    world.set_clock_offset(START_OF_2021 - unix_seconds());
    let error = world.acquire(&certified(&world), &world.request()).await.unwrap_err();
    assert_eq!(refusal(&error).error_codes, [700_024], "it is signed, by a clock of years ago");
    assert_eq!(world.token_requests(), 1);
    let warnings = error.metadata.unwrap().warnings;
    assert!(warnings.iter().any(|it| it.contains("not valid before")), "{warnings:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn b25_thumbprints_on_the_wire_are_those_of_openssl() {
    let prints = key_text("rsa2048.fingerprints");
    let prints: Vec<String> = prints
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(_, print)| {
            let byte = |byte: &str| u8::from_str_radix(byte, 16).unwrap();
            URL_SAFE_NO_PAD.encode(print.split(':').map(byte).collect::<Vec<_>>())
        })
        .collect();
    for (algorithm, name, other, print) in [
        (SigningAlgorithm::Ps256, "x5t#S256", "x5t", &prints[1]),
        (SigningAlgorithm::Rs256, "x5t", "x5t#S256", &prints[0]),
    ] {
        let world = World::new();
        register(&world, &certificate_der());
        let certificate = pem("rsa2048.pem").with(CertificateOption::Algorithm(algorithm));
        let application = world.application_with(Credential::Certificate(certificate));
        world.acquire(&application, &world.request()).await.unwrap();
        let (header, _) = assertion_of(&world.emulator.token_requests()[0]);
        assert_eq!(header[name].as_str(), Some(print.as_str()));
        assert!(header.get(other).is_none() && header.get("kid").is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b26_a_chain_is_sent_leaf_first_and_trusted_by_subject_and_issuer() {
    is_trusted_by_name(pem("chain.pem")).await;
    is_trusted_by_name(opened(pkcs12("chain.pfx"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn b26_a_chain_is_sent_in_order_regardless_of_the_files_order() {
    is_trusted_by_name(pem("chain.key-last.pem")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn b27_an_assertion_meets_rfc_7523_and_another_library_verifies_it() {
    let algorithms = [
        (SigningAlgorithm::Ps256, "PS256", &signature::RSA_PSS_2048_8192_SHA256),
        (SigningAlgorithm::Rs256, "RS256", &signature::RSA_PKCS1_2048_8192_SHA256),
    ];
    // Wide arithmetic has other limbs.
    let components = [Artifact::ComponentDraft2, Artifact::ComponentDraft2Wide];
    for (component, (algorithm, alg, verification)) in
        components.into_iter().flat_map(|it| algorithms.map(|algorithm| (it, algorithm)))
    {
        let world = World::new();
        let host = world.host_of(built(component));
        register(&world, &certificate_der());
        let certificate = pem("rsa2048.pem").with(CertificateOption::Algorithm(algorithm));
        let application = world.application_with(Credential::Certificate(certificate));
        let before = unix_seconds();
        let result =
            host.acquire_token_for_client(&application, &world.request()).await.unwrap().unwrap();
        let after = unix_seconds();

        let request = &world.emulator.token_requests()[0];
        assert_eq!(
            request.parameter("client_assertion_type"),
            Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
        );
        assert_eq!(request.parameter("client_secret"), None);
        let (header, claims) = assertion_of(request);
        assert_eq!((&header["alg"], &header["typ"]), (&json!(alg), &json!("JWT")));
        assert_eq!(header.as_object().unwrap().len(), 3, "alg, typ and one thumbprint: {header}");

        let url = format!("https://login.microsoftonline.com/{}/oauth2/v2.0/token", demo::TENANT);
        assert_eq!(claims["aud"], url, "a single string: the endpoint's URL");
        assert_eq!(result.metadata.token_endpoint, url);
        assert_eq!(request.target, format!("/{}/oauth2/v2.0/token", demo::TENANT));
        assert_eq!(request.header("host"), Some("login.microsoftonline.com"));
        assert_eq!(claims["iss"], demo::CLIENT_ID);
        assert_eq!(claims["sub"], demo::CLIENT_ID);
        let [not_before, issued_at, expiry] =
            ["nbf", "iat", "exp"].map(|name| claims[name].as_i64().expect("a whole number"));
        assert!((before..=after).contains(&not_before), "{before} {not_before} {after}");
        assert_eq!((issued_at, expiry), (not_before, not_before + 600));
        assert!(is_random_guid(claims["jti"].as_str().unwrap()), "{}", claims["jti"]);
        assert_eq!(claims.as_object().unwrap().len(), 7, "{claims}");

        let assertion = request.parameter("client_assertion").unwrap();
        let (message, signed) = assertion.rsplit_once('.').unwrap();
        let signed = URL_SAFE_NO_PAD.decode(signed).unwrap();
        let key = STANDARD.decode(certificate_base64("rsa2048.key.pem")).unwrap();
        let key = ring::rsa::KeyPair::from_pkcs8(&key).unwrap();
        // For PSS, ring accepts only a salt of 32 bytes, the length of the hash.
        signature::UnparsedPublicKey::new(verification, key.public().as_ref())
            .verify(message.as_bytes(), &signed)
            .expect("the signature is valid");
        assert_eq!(signed.len(), 256);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b28_no_two_assertions_share_a_jti_or_a_signature() {
    let world = Arc::new(World::new());
    register(&world, &certificate_der());
    let application = options(&certified(&world), [ApplicationOption::DisableCache]);
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..FRESH_INSTANCES {
        let (world, application) = (Arc::clone(&world), application.clone());
        calls.spawn(async move {
            world.acquire(&application, &world.request()).await.unwrap();
        });
    }
    while let Some(call) = calls.join_next().await {
        call.unwrap();
    }
    let requests = world.emulator.token_requests();
    assert_eq!(requests.len(), FRESH_INSTANCES);
    let distinct = |of: &dyn Fn(&RecordedRequest) -> String| {
        requests.iter().map(of).collect::<HashSet<String>>().len()
    };
    assert_eq!(distinct(&|it| assertion_of(it).1["jti"].to_string()), FRESH_INSTANCES);
    let correlation_id = |it: &RecordedRequest| it.header("client-request-id").unwrap().to_owned();
    assert_eq!(distinct(&correlation_id), FRESH_INSTANCES);
}

#[tokio::test(flavor = "multi_thread")]
async fn b28_one_instance_makes_a_new_jti_for_each_call() {
    let world = World::new();
    register(&world, &certificate_der());
    let application = options(&certified(&world), [ApplicationOption::DisableCache]);
    let mut instance = world.host.instance().await.unwrap();
    for _ in 0..20 {
        let result = instance.acquire_token_for_client(&application, &world.request()).await;
        result.unwrap().unwrap();
    }
    let requests = world.emulator.token_requests();
    let distinct: HashSet<_> =
        requests.iter().map(|it| assertion_of(it).1["jti"].to_string()).collect();
    assert_eq!(distinct.len(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn b29_a_wrong_clock_is_corrected_once_with_a_warning() {
    // An assertion is valid for 10 minutes and Entra tolerates 5, so a clock may be 15 minutes behind.
    for (offset, strictness) in clocks_that_are_refused() {
        let world = World::with(|emulator| emulator.strictness(strictness));
        register(&world, &certificate_der());
        world.set_clock_offset(offset);
        let result = world.acquire(&certified(&world), &world.request()).await.unwrap();
        assert!(world.emulator.was_issued(&result.access_token), "{offset}");
        assert_eq!(result.metadata.token_requests, 2, "{offset}");
        let warnings = &result.metadata.warnings;
        let is_reported = |it: &String| it.contains("clock is off");
        assert_eq!(warnings.iter().filter(|it| is_reported(it)).count(), 1, "{warnings:?}");
        let ids: Vec<_> = world.emulator.token_requests().iter().map(jti).collect();
        assert_ne!(ids[0], ids[1], "{offset}: signed anew");
        assert_eq!(world.store.entries().len(), 1, "{offset}: only the token");
    }
    for offset in [-240, 240] {
        let world = World::new();
        register(&world, &certificate_der());
        world.set_clock_offset(offset);
        let result = world.acquire(&certified(&world), &world.request()).await.unwrap();
        assert_eq!(result.metadata.token_requests, 1, "{offset}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b29_a_clock_that_is_off_is_refused_with_a_hint_about_the_clock_if_the_authority_sends_no_time()
 {
    for (offset, strictness) in clocks_that_are_refused() {
        for date in ["", "yesterday", "Thu, 01 Jan 1970 00:00:00 GMT", "1e9"] {
            let world = World::with(|emulator| emulator.strictness(strictness.clone()));
            register(&world, &certificate_der());
            world.set_clock_offset(offset);
            world.emulator.script_any(vec![Scripted::normal().header("Date", date)]);
            let error = world.acquire(&certified(&world), &world.request()).await.unwrap_err();
            let words = refusal(&error);
            assert_eq!((words.status, &*words.error), (401, "invalid_client"), "{offset} {date}");
            assert_eq!(words.error_codes, [700_024], "{offset} {date}");
            assert!(error.remedy.is_some_and(|remedy| remedy.contains("clock")), "{offset} {date}");
            assert_eq!(world.token_requests(), 1, "{offset} {date}");
            assert_eq!(
                world.store.entries().len(),
                1,
                "{offset} {date}: only the remembered failure"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b29_a_clock_is_not_corrected_a_second_time() {
    let world = World::new();
    register(&world, &certificate_der());
    world.set_clock_offset(600);
    let refused = Scripted::error(
        401,
        "invalid_client",
        700_024,
        "Client assertion is not within its valid time range.",
    );
    world.emulator.script_any(vec![refused.clone(), refused]);
    let error = world.acquire(&certified(&world), &world.request()).await.unwrap_err();
    assert_eq!(refusal(&error).error_codes, [700_024]);
    assert!(error.remedy.is_some_and(|remedy| remedy.contains("clock")));
    assert_eq!(world.token_requests(), 2);
}

/// A false authority got an assertion for the year 2038 by its `Date`.
#[tokio::test(flavor = "multi_thread")]
async fn b29_no_assertion_is_signed_for_a_distant_time() {
    for date in ["Tue, 19 Jan 2038 03:14:07 GMT", "Sat, 01 Jan 2022 00:00:00 GMT"] {
        let world = World::new();
        register(&world, &certificate_der());
        let refused = Scripted::error(401, "invalid_client", 700_024, "Not within its time range.");
        world.emulator.script_any(vec![refused.header("Date", date)]);
        let error = world.acquire(&certified(&world), &world.request()).await.unwrap_err();
        assert_eq!(refusal(&error).error_codes, [700_024]);
        assert_eq!(world.token_requests(), 1, "{date}");
    }
}

/// Clock offsets with which an assertion is not yet, or no longer, valid.
fn clocks_that_are_refused() -> [(i64, Strictness); 4] {
    [
        (600, Strictness::entra()),
        // A second for the `Date` header, which has no fractions.
        (-620, Strictness { clock_skew_seconds: 2, ..Strictness::strict() }),
        (-960, Strictness::entra()),
        // A day would be too much.
        (86_000, Strictness::entra()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn b30_a_clock_before_2020_is_refused_before_anything_is_sent() {
    let world = World::new();
    for at in [0, 1, 946_684_800, START_OF_2020 - 10] {
        world.set_clock_offset(at - unix_seconds());
        for application in [world.application(), certified(&world)] {
            let error = world.refused_locally(&application, &world.request()).await;
            assert!(matches!(error.cause, ErrorCause::InvalidRequest(_)), "{error:?}");
            assert_eq!(rejection(&error).code, RejectionCode::ImplausibleClock, "{at}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b30_a_clock_in_the_far_future_causes_no_overflow() {
    for at in [YEAR_2262, END_OF_9999 - 10_000] {
        let world = World::new();
        register(&world, &certificate_der());
        world.set_clock_offset(at - unix_seconds());
        let error = world.acquire(&certified(&world), &world.request()).await.unwrap_err();
        assert_eq!(refusal(&error).error_codes, [700_024], "{at}");
        assert_eq!(world.token_requests(), 1, "a clock is corrected by a day at most");
        let result = world.acquire_demo().await.unwrap();
        assert!(i64::try_from(result.expires_on).unwrap() > at);
    }
    let world = World::new();
    world.set_clock_offset(i64::MAX);
    let error = world.refused_locally(&world.application(), &world.request()).await;
    assert_eq!(rejection(&error).code, RejectionCode::ImplausibleClock);
}

#[tokio::test(flavor = "multi_thread")]
async fn b31_a_malformed_assertion_is_refused_before_anything_is_sent() {
    let world = World::new();
    let fine = "e30.e30.c2ln";
    for (assertion, code) in [
        (String::new(), RejectionCode::Missing),
        ("a.b".to_owned(), RejectionCode::Malformed),
        ("a.b.c.d".to_owned(), RejectionCode::Malformed),
        ("..".to_owned(), RejectionCode::Malformed),
        (format!("{fine}\r\n"), RejectionCode::Malformed),
        (format!("{fine}\n"), RejectionCode::Malformed),
        (format!(" {fine}"), RejectionCode::Malformed),
        (format!("\"{fine}\""), RejectionCode::Malformed),
        (format!("{fine}="), RejectionCode::Malformed),
        (format!("{fine}\0"), RejectionCode::Malformed),
        ("a".repeat(1 << 20), RejectionCode::TooLong),
        (format!("a.b.{}", "c".repeat(65_536)), RejectionCode::TooLong),
    ] {
        let application = world.application_with(Credential::Assertion(assertion.clone()));
        let error = world.refused_locally(&application, &world.request()).await;
        let rejection = rejection(&error);
        assert_eq!(rejection.code, code, "{:.40}", assertion);
        assert_eq!(rejection.field, "application.credentials.assertion");
        assert!(matches!(error.cause, ErrorCause::InvalidCredential(_)), "{error:?}");
        assert!(!format!("{error:?}").contains(fine), "the assertion is not quoted");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b31_an_expired_assertion_is_judged_by_the_authority_and_never_cached() {
    let world = World::new();
    let issuer = Issuer::trusted_by(&world);
    let application = federated(&world, &issuer, unix_seconds() - 4_000);
    let application = options(&application, [ApplicationOption::CacheKeys(vec![vec![7; 32]])]);
    let error = world.acquire(&application, &world.request()).await.unwrap_err();
    assert_eq!(refusal(&error).error_codes, [700_024]);
    assert!(error.remedy.is_some_and(|remedy| remedy.contains("assertion")));
    assert_eq!(world.token_requests(), 1);
    // The only entry is the sealed refusal of this assertion. Another assertion is tried at once.
    let (_, sealed) = world.store.only_entry();
    let assertion = assertion_in(&application).as_bytes();
    assert!(!sealed.windows(16).any(|part| assertion.windows(16).any(|own| own == part)));
    let again = world.acquire(&application, &world.request()).await.unwrap_err();
    assert_eq!(format!("{:?}", again.cause), format!("{:?}", error.cause));
    assert_eq!(world.token_requests(), 1);
    let fresh = federated(&world, &issuer, unix_seconds());
    let fresh = options(&fresh, [ApplicationOption::CacheKeys(vec![vec![7; 32]])]);
    world.acquire(&fresh, &world.request()).await.unwrap();
    assert_eq!(world.token_requests(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn b32_a_callers_assertion_is_sent_once_and_never_on_a_hit() {
    let world = World::new();
    let issuer = Issuer::trusted_by(&world);
    let application = federated(&world, &issuer, unix_seconds());
    let application = options(&application, [ApplicationOption::CacheKeys(vec![vec![7; 32]])]);
    let first = world.acquire(&application, &world.request()).await.unwrap();
    assert!(world.emulator.was_issued(&first.access_token));
    let request = &world.emulator.token_requests()[0];
    assert_eq!(request.parameter("client_assertion"), Some(assertion_in(&application)));
    let times = |name: &str| request.form.iter().filter(|(own, _)| own == name).count();
    assert_eq!((times("client_assertion"), times("client_secret")), (1, 0));
    assert!(!String::from_utf8_lossy(&request.raw_head).contains(assertion_in(&application)));

    let fresh = federated(&world, &issuer, unix_seconds() + 1);
    let fresh = options(&fresh, [ApplicationOption::CacheKeys(vec![vec![7; 32]])]);
    assert_ne!(assertion_in(&fresh), assertion_in(&application));
    let again = world.acquire(&fresh, &world.request()).await.unwrap();
    assert_eq!(again.metadata.token_source, TokenSource::Cache);
    assert_eq!(again.access_token, first.access_token);
    assert_eq!(world.token_requests(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn b32_without_a_cache_key_an_assertions_token_is_not_cached() {
    let world = World::new();
    let issuer = Issuer::trusted_by(&world);
    let application = federated(&world, &issuer, unix_seconds());
    let result = world.acquire(&application, &world.request()).await.unwrap();
    assert_eq!(result.metadata.cache_refresh_reason, CacheRefreshReason::CacheDisabled);
    assert!(world.store.journal().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn b32_a_callers_assertion_is_not_sent_again_by_a_retry() {
    for fault in [Scripted::error(503, "server_error", 90_033, "A fault."), Scripted::reset()] {
        let world = World::new();
        let issuer = Issuer::trusted_by(&world);
        world.emulator.script_any(vec![fault]);
        let application = federated(&world, &issuer, unix_seconds());
        let result = world.acquire(&application, &world.request()).await;
        assert_eq!(world.token_requests(), 1, "the assertion is not used twice: {result:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b33_a_retry_signs_a_new_assertion_with_a_new_jti() {
    let faults = [
        Scripted::error(503, "temporarily_unavailable", 90_033, "A transient error."),
        Scripted::close_without_answer(),
        Scripted::reset(),
    ];
    let calls = faults.map(|fault| tokio::spawn(retries_with_a_new_assertion(fault)));
    for call in calls {
        call.await.unwrap();
    }
}

async fn retries_with_a_new_assertion(fault: Scripted) {
    let world = World::new();
    register(&world, &certificate_der());
    world.emulator.script_any(vec![fault]);
    let result = world.acquire(&certified(&world), &world.request()).await.unwrap();
    assert!(world.emulator.was_issued(&result.access_token));
    let requests = world.emulator.token_requests();
    assert_eq!(requests.len(), 2);
    let [first, second] = [&requests[0], &requests[1]].map(|it| assertion_of(it).1);
    assert_ne!(first["jti"], second["jti"]);
    assert!(second["nbf"].as_i64() > first["nbf"].as_i64(), "signed after the pause");
    let assertions: HashSet<_> =
        requests.iter().map(|it| it.parameter("client_assertion")).collect();
    assert_eq!(assertions.len(), 2);
}

/// Asserts that a key file of the common test key gets a token, and that the next call is a hit.
async fn gets_a_token(certificate: Certificate) {
    let world = World::new();
    register(&world, &certificate_der());
    let application = world.application_with(Credential::Certificate(certificate));
    is_served_and_cached(&world, &application).await;
}

async fn is_served_and_cached(world: &World, application: &Application) -> AuthenticationResult {
    let first = world.acquire(application, &world.request()).await;
    let first = first.unwrap_or_else(|error| panic!("{error:?}"));
    assert!(world.emulator.was_issued(&first.access_token));
    assert!(first.metadata.warnings.is_empty(), "{:?}", first.metadata.warnings);
    let second = world.acquire(application, &world.request()).await.unwrap();
    assert_eq!(second.metadata.token_source, TokenSource::Cache);
    assert_eq!(second.access_token, first.access_token);
    let again = request_options(&world.request(), [RequestOption::ForceRefresh]);
    let third = world.acquire(application, &again).await.unwrap();
    assert_ne!(third.access_token, first.access_token);
    assert_eq!(world.token_requests(), 2);
    first
}

/// Asserts that an application that trusts a subject and issuer accepts the certificate only with its chain.
async fn is_trusted_by_name(certificate: Certificate) {
    let root = certificate_of("root.certificate.pem");
    let world = World::new();
    let registered = RegisteredApplication::new(SUBJECT_NAME_CLIENT_ID)
        .in_tenant(demo::TENANT)
        .with_trusted_subject("test-only leaf", "test-only intermediate");
    let add_root = |directory: &mut msal_emulator::Directory| {
        directory.trusted_roots.push(root.clone());
    };
    world.emulator.update(add_root).unwrap();
    world.emulator.add_application(registered).unwrap();
    for (send_x5c, is_trusted) in [(true, true), (false, false)] {
        let mut certificate = certificate.clone();
        if send_x5c {
            certificate.options.push(CertificateOption::SendX5c);
        }
        let credential = Credential::Certificate(certificate);
        let client_id = SUBJECT_NAME_CLIENT_ID.to_owned();
        let application = Application { client_id, ..world.application_with(credential) };
        let application = options(&application, [ApplicationOption::DisableCache]);
        let result = world.acquire(&application, &world.request()).await;
        assert_eq!(result.is_ok(), is_trusted, "send-x5c: {send_x5c}");
        if let Err(error) = result {
            assert_eq!(refusal(&error).error_codes, [700_027]);
            assert!(error.remedy.is_some_and(|remedy| remedy.contains("send-x5c")));
        }
    }
    let (header, _) = assertion_of(&world.emulator.token_requests()[0]);
    let sent: Vec<Vec<u8>> = header["x5c"]
        .as_array()
        .unwrap()
        .iter()
        .map(|der| STANDARD.decode(der.as_str().unwrap()).unwrap())
        .collect();
    let names = ["leaf.certificate.pem", "intermediate.certificate.pem", "root.certificate.pem"];
    assert!(sent.len() >= 2, "leaf and intermediate at least");
    assert_eq!(sent, names.map(certificate_of)[..sent.len()], "leaf first");
}

/// Asserts that a certificate is refused before anything is sent, and returns the reason.
async fn is_refused_unsent(certificate: Certificate) -> Rejection {
    let world = World::new();
    let application = world.application_with(Credential::Certificate(certificate));
    let error = world.acquire(&application, &world.request()).await.expect_err("it is refused");
    assert!(matches!(error.cause, ErrorCause::InvalidCredential(_)), "{error:?}");
    assert_eq!(world.emulator.connections(), 0, "a connection was opened: {error:?}");
    assert!(world.store.entries().len() <= 1, "at most a released lease");
    rejection(&error).clone()
}

fn register(world: &World, der: &[u8]) {
    world.emulator.register_certificate(demo::CLIENT_ID, der).unwrap();
}

/// The demo application with the common test certificate.
fn certified(world: &World) -> Application {
    world.application_with(Credential::Certificate(pem("rsa2048.pem")))
}

fn pem(name: &str) -> Certificate {
    Certificate::new(CertificateSource::Pem(key_text(name)))
}

fn pkcs12(name: &str) -> Certificate {
    Certificate::new(CertificateSource::Pkcs12(key_file(name)))
}

fn opened(certificate: Certificate) -> Certificate {
    certificate.with(CertificateOption::Passphrase(PASSPHRASE.to_owned()))
}

/// Header and claims of the assertion in a token request.
fn assertion_of(request: &RecordedRequest) -> (Value, Value) {
    let assertion = request.parameter("client_assertion").expect("an assertion was sent");
    let parts: Vec<&str> = assertion.split('.').collect();
    assert_eq!(parts.len(), 3);
    let object = |part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    (object(parts[0]), object(parts[1]))
}

fn jti(request: &RecordedRequest) -> String {
    assertion_of(request).1["jti"].to_string()
}

fn assertion_in(application: &Application) -> &str {
    match &application.credentials[0] {
        Credential::Assertion(assertion) => assertion,
        other => panic!("no assertion: {other:?}"),
    }
}

/// A GUID of RFC 9562's version 4, in lower case.
fn is_random_guid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-');
    lengths == [8, 4, 4, 4, 12]
        && text.bytes().all(is_hex)
        && text.as_bytes()[14] == b'4'
        && b"89ab".contains(&text.as_bytes()[19])
}

/// The issuer's application with an assertion that is valid from this time for 10 minutes.
fn federated(world: &World, issuer: &Issuer, not_before: i64) -> Application {
    let credential = Credential::Assertion(issuer.assertion(not_before));
    Application { client_id: Issuer::CLIENT_ID.to_owned(), ..world.application_with(credential) }
}

fn unix_seconds() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_secs()).unwrap()
}

const FRESH_INSTANCES: usize = 500;
const SUBJECT_NAME_CLIENT_ID: &str = "77777777-aaaa-4000-8000-000000000077";
const START_OF_2020: i64 = 1_577_836_800;
const START_OF_2021: i64 = 1_609_459_200;
const YEAR_2262: i64 = 9_223_372_036;
const END_OF_9999: i64 = 253_402_300_799;
