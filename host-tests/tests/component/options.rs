//! Options are lists of variants: each may be given once, in any order, and a repeated one is refused by its name.

use msal_host::contract::Application;
use msal_host::contract::ApplicationOption;
use msal_host::contract::AuthorityType;
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
use msal_host_tests::key_text;
use msal_host_tests::rejection;

#[tokio::test(flavor = "multi_thread")]
async fn every_option_of_an_application_is_refused_by_its_name_if_it_is_given_twice() {
    let world = World::new();
    for (name, option) in application_options() {
        let others = application_options().into_iter().filter(|(other, _)| *other != name);
        let mut options: Vec<_> = others.map(|(_, option)| option).collect();
        options.insert(0, option.clone());
        options.push(option);
        let application = Application { options, ..world.application() };
        let error = world.refused_locally(&application, &world.request()).await;
        assert!(matches!(error.cause, ErrorCause::InvalidRequest(_)), "{error:?}");
        let rejection = rejection(&error);
        assert_eq!(rejection.field, format!("application.options.{name}"));
        assert_eq!(rejection.code, RejectionCode::Repeated, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_option_of_a_certificate_is_refused_by_its_name_if_it_is_given_twice() {
    let world = World::new();
    for (name, option) in certificate_options() {
        let source = CertificateSource::Pem(key_text("rsa2048.pem"));
        let certificate = Certificate { source, options: vec![option.clone(), option] };
        let application = world.application_with(Credential::Certificate(certificate));
        let error = world.refused_locally(&application, &world.request()).await;
        assert!(matches!(error.cause, ErrorCause::InvalidCredential(_)), "{error:?}");
        let rejection = rejection(&error);
        assert_eq!(rejection.field, format!("application.credentials.certificate.options.{name}"));
        assert_eq!(rejection.code, RejectionCode::Repeated, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_option_of_a_request_is_refused_by_its_name_if_it_is_given_twice() {
    let world = World::new();
    for (name, option) in request_options() {
        let request = world.request().with(option.clone()).with(option);
        let error = world.refused_locally(&world.application(), &request).await;
        let rejection = rejection(&error);
        assert_eq!(rejection.field, format!("request.options.{name}"));
        assert_eq!(rejection.code, RejectionCode::Repeated, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_repeated_options_are_refused_as_two_are() {
    let world = World::new();
    let options = vec![RequestOption::ForceRefresh; 100_000];
    let request = TokenRequest { options, ..world.request() };
    let error = world.refused_locally(&world.application(), &request).await;
    assert_eq!(rejection(&error).code, RejectionCode::Repeated);
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_options_of_a_certificate_that_is_not_used_are_refused_too() {
    let world = World::new();
    let source = CertificateSource::Pem(key_text("rsa2048.pem"));
    let options = vec![CertificateOption::SendX5c; 2];
    let mut application = world.application();
    application.credentials.push(Credential::Certificate(Certificate { source, options }));
    let error = world.refused_locally(&application, &world.request()).await;
    assert_eq!(rejection(&error).code, RejectionCode::Repeated);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_order_of_options_makes_no_difference() {
    let world = World::new();
    let attributes = || RequestOption::Attributes(r#"{"a":1}"#.to_owned());
    let path = || RequestOption::FmiPath("/one".to_owned());
    let first = world.request().with(attributes()).with(path());
    world.acquire(&world.application(), &first).await.unwrap();
    let second = world.request().with(path()).with(attributes());
    let hit = world.acquire(&world.application(), &second).await.unwrap();
    assert_eq!(hit.metadata.token_source, TokenSource::Cache);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stable_texts_name_the_cases_beside_them() {
    let world = World::new();
    let fetched = world.acquire_demo().await.unwrap().metadata;
    assert_eq!(fetched.token_source_name, "identity-provider");
    let hit = world.acquire_demo().await.unwrap().metadata;
    assert_eq!(hit.token_source_name, "cache");
    let request = world.request().with(RequestOption::DeadlineMs(0));
    let refused = world.acquire(&world.application(), &request).await.unwrap_err();
    assert_eq!(refused.kind, "invalid-request");
    let credentials = vec![Credential::Secret("wrong".to_owned())];
    let application = Application { credentials, ..world.application() };
    let refused = world.acquire(&application, &world.request()).await.unwrap_err();
    assert_eq!(refused.kind, "refused");
}

fn application_options() -> Vec<(&'static str, ApplicationOption)> {
    vec![
        ("authority-type", ApplicationOption::AuthorityType(AuthorityType::Entra)),
        ("validate-authority", ApplicationOption::ValidateAuthority),
        ("instance-metadata", ApplicationOption::InstanceMetadata(Vec::new())),
        ("allow-insecure-loopback", ApplicationOption::AllowInsecureLoopback),
        ("region", ApplicationOption::Region("westeurope".to_owned())),
        ("client-capabilities", ApplicationOption::ClientCapabilities(Vec::new())),
        ("cache-keys", ApplicationOption::CacheKeys(Vec::new())),
        ("cache-store", ApplicationOption::CacheStore("default".to_owned())),
        ("disable-cache", ApplicationOption::DisableCache),
        ("disable-retry", ApplicationOption::DisableRetry),
        ("app-name", ApplicationOption::AppName("app".to_owned())),
        ("app-version", ApplicationOption::AppVersion("1".to_owned())),
    ]
}

fn certificate_options() -> Vec<(&'static str, CertificateOption)> {
    vec![
        ("passphrase", CertificateOption::Passphrase(String::new())),
        ("send-x5c", CertificateOption::SendX5c),
        ("algorithm", CertificateOption::Algorithm(SigningAlgorithm::Ps256)),
        ("thumbprint", CertificateOption::Thumbprint("0".repeat(40))),
        ("extra-claims", CertificateOption::ExtraClaims("{}".to_owned())),
    ]
}

fn request_options() -> Vec<(&'static str, RequestOption)> {
    let text = String::new;
    vec![
        ("tenant", RequestOption::Tenant(text())),
        ("claims", RequestOption::Claims(text())),
        ("claims-from-client", RequestOption::ClaimsFromClient(text())),
        ("force-refresh", RequestOption::ForceRefresh),
        ("refresh-if-sha256", RequestOption::RefreshIfSha256(text())),
        ("correlation-id", RequestOption::CorrelationId(text())),
        ("deadline-ms", RequestOption::DeadlineMs(1)),
        ("max-wait-ms", RequestOption::MaxWaitMs(1)),
        ("fmi-path", RequestOption::FmiPath(text())),
        ("attributes", RequestOption::Attributes(text())),
        ("attribute-tokens", RequestOption::AttributeTokens(Vec::new())),
        ("extra-body-parameters", RequestOption::ExtraBodyParameters(Vec::new())),
        ("extra-query-parameters", RequestOption::ExtraQueryParameters(Vec::new())),
        ("extra-headers", RequestOption::ExtraHeaders(Vec::new())),
        ("minimum-validity-seconds", RequestOption::MinimumValiditySeconds(1)),
        ("defer-refresh", RequestOption::DeferRefresh),
        ("send-x5c", RequestOption::SendX5c(true)),
        ("extra-assertion-claims", RequestOption::ExtraAssertionClaims(text())),
    ]
}
