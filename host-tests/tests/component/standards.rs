//! A server that enforces RFC 7523 strictly issues tokens.

use msal_emulator::RecordedRequest;
use msal_emulator::Scripted;
use msal_emulator::Strictness;
use msal_emulator::demo;
use msal_host::contract::Application;
use msal_host::contract::ApplicationOption;
use msal_host::contract::AuthorityType;
use msal_host::contract::Certificate;
use msal_host::contract::CertificateOption;
use msal_host::contract::CertificateSource;
use msal_host::contract::Credential;
use msal_host::contract::SigningAlgorithm;
use msal_host_tests::World;
use msal_host_tests::certificate_der;
use msal_host_tests::key_text;
use msal_host_tests::options;
use msal_host_tests::refusal;

#[tokio::test(flavor = "multi_thread")]
async fn a_strict_entra_accepts_both_algorithms() {
    for algorithm in ALGORITHMS {
        let world = strict_world();
        gets_tokens(&world, &certified(&world, algorithm)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strict_generic_server_accepts_both_algorithms() {
    for algorithm in ALGORITHMS {
        for authority_type in [None, Some(AuthorityType::Generic), Some(AuthorityType::Entra)] {
            let world = strict_world();
            let application = elsewhere(&world, certified(&world, algorithm));
            let application =
                options(&application, authority_type.map(ApplicationOption::AuthorityType));
            gets_tokens(&world, &application).await;
            let request = &world.emulator.token_requests()[0];
            assert!(request.tls);
            assert_eq!(request.server_name.as_deref(), Some("localhost"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strict_server_accepts_a_secret() {
    let world = strict_world();
    gets_tokens(&world, &elsewhere(&world, world.application())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_succeeds_on_a_server_that_accepts_each_assertion_once() {
    for algorithm in ALGORITHMS {
        for application in
            [|_: &World, it: Application| it, |world: &World, it| elsewhere(world, it)]
        {
            let world = strict_world();
            let application = application(&world, certified(&world, algorithm));
            let transient = "A transient error has occurred.";
            let fault = Scripted::error(503, "temporarily_unavailable", 90_033, transient);
            world.emulator.script_any(vec![fault, Scripted::normal()]);
            let result = world.acquire(&application, &world.request()).await;
            let result = result.unwrap_or_else(|error| panic!("{error:?}"));
            assert!(world.emulator.was_issued(&result.access_token));
            assert_eq!(result.metadata.token_requests, 2);
            assert_eq!(world.token_requests(), 2);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_strict_server_refuses_a_repeated_assertion() {
    let world = strict_world();
    let certified = certified(&world, SigningAlgorithm::Ps256);
    world.acquire(&certified, &world.request()).await.unwrap();
    let assertion = assertion_of(&world.emulator.token_requests()[0]);
    let replayed = world.application_with(Credential::Assertion(assertion));
    let error = world.acquire(&replayed, &world.request()).await.unwrap_err();
    assert!(refusal(&error).description.as_ref().is_some_and(|it| it.contains("already used")));
}

/// Asserts that a call and two forced refreshes get tokens, each with a new assertion.
async fn gets_tokens(world: &World, application: &Application) {
    let application = options(application, [ApplicationOption::DisableCache]);
    for count in 1..=3 {
        let result = world.acquire(&application, &world.request()).await;
        let result = result.unwrap_or_else(|error| panic!("{error:?}"));
        assert!(world.emulator.was_issued(&result.access_token));
        assert_eq!(result.metadata.token_requests, 1);
        assert_eq!(world.token_requests(), count);
    }
}

fn strict_world() -> World {
    let world = World::with(|emulator| emulator.strictness(Strictness::strict()));
    world.emulator.register_certificate(demo::CLIENT_ID, &certificate_der()).unwrap();
    world
}

fn certified(world: &World, algorithm: SigningAlgorithm) -> Application {
    let certificate = Certificate::new(CertificateSource::Pem(key_text("rsa2048.pem")));
    let certificate = certificate.with(CertificateOption::Algorithm(algorithm));
    world.application_with(Credential::Certificate(certificate))
}

/// The same application at a server that is not Microsoft's.
fn elsewhere(world: &World, application: Application) -> Application {
    let authority = format!("{}/{}", world.emulator.https_url(), demo::TENANT);
    Application { authority, ..application }
}

fn assertion_of(request: &RecordedRequest) -> String {
    request.parameter("client_assertion").expect("an assertion was sent").to_owned()
}

const ALGORITHMS: [SigningAlgorithm; 2] = [SigningAlgorithm::Ps256, SigningAlgorithm::Rs256];
