//! Cases of the MSALs' test suites that no other test covers. `docs/conformance.md` lists all cases.

use std::collections::BTreeSet;

use msal_emulator::Application as RegisteredApplication;
use msal_emulator::ClientSecret;
use msal_emulator::Directory;
use msal_emulator::RecordedRequest;
use msal_emulator::Resource;
use msal_emulator::Scripted;
use msal_emulator::Tenant;
use msal_emulator::demo;
use msal_host::contract::Application;
use msal_host::contract::ApplicationOption;
use msal_host::contract::Certificate;
use msal_host::contract::CertificateSource;
use msal_host::contract::Credential;
use msal_host::contract::ErrorCause;
use msal_host::contract::InstanceMetadata;
use msal_host::contract::RejectionCode;
use msal_host::contract::RequestOption;
use msal_host::contract::TokenRequest;
use msal_host::contract::TokenSource;
use msal_host_tests::World;
use msal_host_tests::key_text;
use msal_host_tests::options;
use msal_host_tests::refusal;
use msal_host_tests::request_options;
use msal_host_tests::secret;
use serde_json::Value;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn many_tenants_called_concurrently_get_their_own_tokens() {
    const TENANTS: usize = 40;
    let tenants: Vec<_> =
        (0..TENANTS).map(|number| format!("00000000-0000-4000-8000-{number:012}")).collect();
    let world = World::with(|builder| builder.directory(directory_of(&tenants)));
    let in_tenant = |tenant: &String| {
        request_options(&world.request(), [RequestOption::Tenant(tenant.clone())])
    };
    for round in 0..2 {
        let mut calls = Vec::new();
        for tenant in &tenants {
            let (host, application) = (world.host.clone(), world.application());
            let request = in_tenant(tenant);
            calls.push(tokio::spawn(async move {
                host.acquire_token_for_client(&application, &request).await
            }));
        }
        let mut tokens = BTreeSet::new();
        for (call, tenant) in calls.into_iter().zip(&tenants) {
            let result = call.await.unwrap().unwrap().unwrap();
            assert_eq!(&result.tenant_id, tenant);
            let is_hit = result.metadata.token_source == TokenSource::Cache;
            assert_eq!(is_hit, round == 1, "{tenant}");
            let issued = world.emulator.issued_tokens();
            let issued = issued.iter().find(|issued| issued.token == result.access_token).unwrap();
            assert_eq!(&issued.tenant, tenant);
            tokens.insert(result.access_token);
        }
        assert_eq!(tokens.len(), TENANTS);
    }
    assert_eq!(world.token_requests(), TENANTS);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_credential_sends_its_own_parameters_and_no_others() {
    const COMMON: [&str; 4] = ["client_id", "grant_type", "scope", "client_info"];
    let assertion = "eyJhbGciOiJub25lIn0.e30.c2ln";
    for (credential, expected) in [
        (secret("a-secret"), &["client_secret"][..]),
        (certificate("rsa2048.pem"), &["client_assertion_type", "client_assertion"]),
        (
            Credential::Assertion(assertion.to_owned()),
            &["client_assertion_type", "client_assertion"],
        ),
    ] {
        let world = World::new();
        world.emulator.script_any(vec![Scripted::token(3_600)]);
        let application = world.application_with(credential);
        world.acquire(&application, &world.request()).await.unwrap();
        let request = only_request(&world);
        let names: Vec<_> = request.form.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, [&COMMON[..], expected].concat());
        assert_eq!(request.parameter("client_info"), Some("2"));
        if expected.len() == 2 {
            let bearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
            assert_eq!(request.parameter("client_assertion_type"), Some(bearer));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_starts_a_new_cache_unless_a_cache_key_is_given() {
    for (cache_keys, is_kept) in [(Some(vec![vec![7; 32]]), true), (None, false)] {
        let world = World::new();
        let with = |name: &str| {
            let keys = cache_keys.clone().map(ApplicationOption::CacheKeys);
            options(&world.application_with(certificate(name)), keys)
        };
        world.emulator.script_any(vec![Scripted::token(3_600), Scripted::token(3_600)]);
        let first = world.acquire(&with("rsa2048.pem"), &world.request()).await.unwrap();
        let second = world.acquire(&with("rsa3072.pem"), &world.request()).await.unwrap();
        assert_eq!(second.access_token == first.access_token, is_kept);
        assert_eq!(second.metadata.token_source == TokenSource::Cache, is_kept);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_has_the_members_of_the_unified_schema_and_no_others() {
    let world = World::with(|builder| builder.token_lifetime(Some(86_400)));
    let result = world.acquire_demo().await.unwrap();
    let requests = [world.request(), TokenRequest::new(demo::GRAPH_SCOPE)];
    let exported = world.host.export_token_cache(&world.application(), &requests).await;
    let exported: Value = serde_json::from_str(&exported.unwrap().unwrap()).unwrap();

    let key = format!(
        "-login.microsoftonline.com-accesstoken-{}-{}-api://demo/.default",
        demo::CLIENT_ID,
        demo::TENANT
    );
    let mut entry = json!({
        "home_account_id": null,
        "environment": "login.microsoftonline.com",
        "credential_type": "AccessToken",
        "client_id": demo::CLIENT_ID,
        "realm": demo::TENANT,
        "target": "api://demo/.default",
        "secret": result.access_token,
        "token_type": "Bearer",
        "cached_at": exported["AccessToken"][&key]["cached_at"],
        "expires_on": result.expires_on.to_string(),
        "extended_expires_on": result.expires_on.to_string(),
        "refresh_on": result.refresh_on.expect("a long life has a time to refresh").to_string(),
    });
    let of_python = entry.clone();
    entry["home_account_id"] = json!("");
    // The second is MSAL Node's spelling.
    let expected = json!({ "AccessToken": { &key: of_python, format!("{key}-"): entry } });
    assert_eq!(exported, expected);
    let cached_at: u64 =
        exported["AccessToken"][&key]["cached_at"].as_str().unwrap().parse().unwrap();
    assert!(result.expires_on - 86_400 - cached_at <= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claims_challenge_is_reported_and_answering_it_gets_a_token() {
    let world = World::new();
    let challenge = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;
    world.emulator.script_any(vec![Scripted::json(
        400,
        json!({
            "error": "interaction_required",
            "suberror": "additional_action",
            "error_codes": [53_003],
            "claims": challenge,
        }),
    )]);
    let error = world.acquire_demo().await.unwrap_err();
    let refused = refusal(&error);
    assert_eq!(refused.claims.as_deref(), Some(challenge));
    assert_eq!(refused.suberror.as_deref(), Some("additional_action"));
    let request = world.request().with(RequestOption::Claims(challenge.to_owned()));
    world.acquire(&world.application(), &request).await.unwrap();
    let requests = world.emulator.token_requests();
    assert_eq!(requests[1].parameter("claims"), Some(challenge));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_with_too_few_or_too_many_segments_is_refused() {
    let world = World::new();
    for authority in [
        "https://login.microsoftonline.com",
        "https://login.microsoftonline.com/",
        "https://sts.example",
        "https://dsts.example/dstsv2",
        "https://dsts.example/dstsv2/",
        "https://dsts.example/dstsv2/contoso/more",
        "https://name.b2clogin.com/",
        "https://name.b2clogin.com/tfp/contoso.com",
        "https://name.b2clogin.com/contoso.com",
        "https://fs.example/adfs/contoso",
        "https://name.ciamlogin.com/contoso.com/more",
    ] {
        let application = Application { authority: authority.to_owned(), ..world.application() };
        let error = world.refused_locally(&application, &world.request()).await;
        let ErrorCause::InvalidRequest(rejection) = error.cause else { panic!("{authority}") };
        assert_eq!(rejection.field, "application.authority", "{authority}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_custom_cloud_is_refused() {
    let world = World::new();
    let cloud = |network: &str, cache: &str, aliases: &[&str]| InstanceMetadata {
        preferred_network: network.to_owned(),
        preferred_cache: cache.to_owned(),
        aliases: aliases.iter().map(|&alias| alias.to_owned()).collect(),
    };
    for (metadata, code) in [
        (cloud("", "login.x.example", &["login.x.example"]), RejectionCode::Malformed),
        (cloud("login.x.example", "", &["login.x.example"]), RejectionCode::Malformed),
        (cloud("login.x.example/a", "b.example", &["b.example"]), RejectionCode::Malformed),
        (cloud("login.x.example", "login.x.example", &["a b"]), RejectionCode::Malformed),
        (cloud("login.x.example", "login.x.example", &[]), RejectionCode::Conflict),
    ] {
        let application =
            options(&world.application(), [ApplicationOption::InstanceMetadata(vec![metadata])]);
        let error = world.refused_locally(&application, &world.request()).await;
        let ErrorCause::InvalidRequest(rejection) = error.cause else { panic!("{error:?}") };
        assert_eq!(rejection.code, code, "{rejection:?}");
        assert_eq!(rejection.field, "application.options.instance-metadata");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn durations_are_reported_for_a_token_a_hit_and_a_failure() {
    let world = World::new();
    let fetched = world.acquire_demo().await.unwrap().metadata;
    assert!(fetched.duration_in_http_us > 0 && fetched.duration_in_cache_us > 0);
    let parts = fetched.duration_in_http_us + fetched.duration_in_cache_us;
    assert!(fetched.duration_total_us >= parts, "{fetched:?}");
    let hit = world.acquire_demo().await.unwrap().metadata;
    assert_eq!(hit.duration_in_http_us, 0);
    assert!(hit.duration_total_us >= hit.duration_in_cache_us && hit.duration_in_cache_us > 0);
    let error = world.acquire(&world.application_with(secret("wrong")), &world.request()).await;
    let failed = error.unwrap_err().metadata.expect("a call that began has metadata");
    assert!(failed.duration_total_us >= failed.duration_in_http_us);
    assert!(failed.duration_in_http_us > 0, "{failed:?}");
}

/// The demo application and API in these tenants.
fn directory_of(tenants: &[String]) -> Directory {
    let secret = ClientSecret::new(demo::client_secret());
    let application = RegisteredApplication::new(demo::CLIENT_ID).with_secret(secret);
    let directory = Directory::empty()
        .with_resource(Resource::new(demo::API, "99999999-aaaa-4000-8000-000000000099"));
    let directory = tenants
        .iter()
        .fold(directory, |directory, tenant| directory.with_tenant(Tenant::new(tenant, &[])));
    directory.with_application(
        tenants.iter().fold(application, |application, tenant| application.in_tenant(tenant)),
    )
}

fn certificate(name: &str) -> Credential {
    Credential::Certificate(Certificate::new(CertificateSource::Pem(key_text(name))))
}

fn only_request(world: &World) -> RecordedRequest {
    let mut requests = world.emulator.token_requests();
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}
