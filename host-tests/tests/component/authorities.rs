//! Every kind of authority, and how a call finds the endpoint that may receive its credential.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use msal_emulator::Builder;
use msal_emulator::Directory;
use msal_emulator::OidcIssuer;
use msal_emulator::RecordedRequest;
use msal_emulator::Scripted;
use msal_emulator::demo;
use msal_host::Host;
use msal_host::Network;
use msal_host::contract::AcquireError;
use msal_host::contract::Application;
use msal_host::contract::ApplicationOption;
use msal_host::contract::AuthenticationResult;
use msal_host::contract::AuthorityType;
use msal_host::contract::Certificate;
use msal_host::contract::CertificateSource;
use msal_host::contract::Credential;
use msal_host::contract::InstanceMetadata;
use msal_host::contract::RegionOutcome;
use msal_host::contract::RejectionCode;
use msal_host::contract::RequestOption;
use msal_host::contract::TokenRequest;
use msal_host::contract::TokenSource;
use msal_host_tests::World;
use msal_host_tests::certificate_der;
use msal_host_tests::key_text;
use msal_host_tests::options;
use msal_host_tests::refusal;
use msal_host_tests::rejection;
use msal_host_tests::request_options;
use msal_host_tests::throttle;
use msal_host_tests::unexpected;
use msal_host_tests::unreachable_reason;
use ring::signature;
use serde_json::Value;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn an_ad_fs_authority_gets_a_token_without_a_tenant_and_for_any_scope() {
    let world = World::answering_as(&["fs.contoso.example"], as_it_is);
    let request = TokenRequest::new("https://intranet.contoso.example/reports");
    let application = at(&world, ADFS);
    let result = is_served_and_cached(&world, &application, &request).await;
    assert_eq!(result.tenant_id, "");
    assert_eq!(result.metadata.token_endpoint, format!("{ADFS}/oauth2/token"));
    let sent = only_token_request(&world);
    assert_eq!(sent.server_name.as_deref(), Some("fs.contoso.example"));
    assert_eq!(sent.target, "/adfs/oauth2/token");
    assert_eq!(sent.parameter("scope"), Some("https://intranet.contoso.example/reports"));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_ad_fs_authorities_do_not_share_tokens() {
    let hosts = ["fs.contoso.example", "fs.fabrikam.example"];
    let world = World::answering_as(&hosts, as_it_is);
    let one = world.acquire(&at(&world, ADFS), &world.request()).await.unwrap();
    let other = at(&world, "https://fs.fabrikam.example/adfs");
    let two = world.acquire(&other, &world.request()).await.unwrap();
    assert_eq!(two.metadata.token_source, TokenSource::IdentityProvider);
    assert_ne!(one.access_token, two.access_token);
    assert_eq!(world.store.entries().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dsts_authority_gets_a_token_for_its_tenant() {
    let world = World::answering_as(&["dsts.core.example"], as_it_is);
    let authority = format!("https://dsts.core.example/dstsv2/{}", demo::TENANT);
    let result = is_served_and_cached(&world, &at(&world, &authority), &world.request()).await;
    assert_eq!(result.tenant_id, demo::TENANT);
    let path = format!("/dstsv2/{}/oauth2/v2.0/token", demo::TENANT);
    assert_eq!(only_token_request(&world).target, path);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_b2c_authority_gets_a_token_with_and_without_tfp_and_for_each_policy_its_own() {
    let world = World::answering_as(&["contoso.b2clogin.com"], as_it_is);
    let mut tokens = Vec::new();
    for path in ["tfp/contoso.onmicrosoft.com/b2c_1_in", "contoso.onmicrosoft.com/b2c_1_in"] {
        for suffix in ["", "_two"] {
            let authority = format!("https://contoso.b2clogin.com/{path}{suffix}");
            let application = at(&world, &authority);
            let result = world.acquire(&application, &world.request()).await.unwrap();
            assert_eq!(result.metadata.token_source, TokenSource::IdentityProvider);
            assert_eq!(result.tenant_id, demo::TENANT_DOMAIN);
            let sent = world.emulator.token_requests();
            assert_eq!(sent.last().unwrap().target, format!("/{path}{suffix}/oauth2/v2.0/token"));
            tokens.push(result.access_token);
        }
    }
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ciam_authority_without_a_tenant_takes_it_from_its_host_name() {
    let world = World::answering_as(&["contoso.ciamlogin.com"], as_it_is);
    let bare = at(&world, "https://contoso.ciamlogin.com");
    let result = is_served_and_cached(&world, &bare, &world.request()).await;
    assert_eq!(result.tenant_id, "contoso.onmicrosoft.com");
    assert_eq!(only_token_request(&world).target, "/contoso.onmicrosoft.com/oauth2/v2.0/token");

    let named = at(&world, "https://contoso.ciamlogin.com/Contoso.onmicrosoft.com/");
    let again = world.acquire(&named, &world.request()).await.unwrap();
    assert_eq!(again.access_token, result.access_token, "another spelling of the same authority");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generic_authority_with_an_entra_like_path_gives_a_token() {
    let world = World::answering_as(&["login.own.example"], as_it_is);
    let authority = format!("https://login.own.example/{}", demo::TENANT);
    let result = is_served_and_cached(&world, &at(&world, &authority), &world.request()).await;
    assert_eq!(result.tenant_id, demo::TENANT);
    assert_eq!(result.metadata.token_endpoint, format!("{authority}/oauth2/v2.0/token"));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_signs_with_its_default_algorithm_and_another_library_verifies_it() {
    let hosts = ["login.own.example", "fs.contoso.example", "contoso.b2clogin.com"];
    let hosts = [&hosts[..], &["contoso.ciamlogin.com", "id.example"]].concat();
    for (authority, algorithm) in [
        (demo::TENANT.to_owned(), "PS256"),
        ("https://contoso.ciamlogin.com".to_owned(), "PS256"),
        ("https://contoso.b2clogin.com/contoso.onmicrosoft.com/b2c_1_in".to_owned(), "PS256"),
        (ADFS.to_owned(), "RS256"),
        (format!("https://login.own.example/dstsv2/{}", demo::TENANT), "RS256"),
        (format!("https://login.own.example/{}", demo::TENANT), "RS256"),
        (OIDC.to_owned(), "RS256"),
    ] {
        let world = World::answering_as(&hosts, with_issuer(OidcIssuer::new("/realms/demo")));
        world.emulator.register_certificate(demo::CLIENT_ID, &certificate_der()).unwrap();
        let certificate = Certificate::new(CertificateSource::Pem(key_text("rsa2048.pem")));
        let mut application = at(&world, &authority);
        application.credentials = vec![Credential::Certificate(certificate)];
        if authority == OIDC {
            application = as_oidc(&application);
        }
        let result = world.acquire(&application, &world.request()).await;
        let result = result.unwrap_or_else(|error| panic!("{authority}: {error:?}"));
        let request = only_token_request(&world);
        let (header, claims) = verified_assertion(&request, algorithm);
        let (thumbprint, other) =
            if algorithm == "RS256" { ("x5t", "x5t#S256") } else { ("x5t#S256", "x5t") };
        assert!(header.get(thumbprint).is_some() && header.get(other).is_none(), "{header}");
        assert_eq!(claims["aud"], result.metadata.token_endpoint, "{authority}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oidc_authoritys_token_endpoint_is_discovered_once_and_stored() {
    let issuer = OidcIssuer::new("/realms/demo").with_token_endpoint(OIDC_TOKEN_ENDPOINT);
    let world = World::answering_as(&["id.example"], with_issuer(issuer));
    let application = oidc(&world);
    let result = world.acquire(&application, &world.request()).await.unwrap();
    assert_eq!(result.tenant_id, "");
    assert_eq!(result.metadata.token_endpoint, OIDC_TOKEN_ENDPOINT);
    assert_eq!(result.metadata.token_requests, 1);
    let [discovery, token] = &world.emulator.requests()[..] else { panic!("two requests") };
    let path = "/realms/demo/.well-known/openid-configuration";
    assert_eq!((&*discovery.method, &*discovery.target), ("GET", path));
    assert!(discovery.body.is_empty() && discovery.header("authorization").is_none());
    assert_eq!(discovery.header("client-request-id"), token.header("client-request-id"));
    assert_eq!(token.target, "/elsewhere/token");

    let again = request_options(&world.request(), [RequestOption::ForceRefresh]);
    world.acquire(&application, &again).await.unwrap();
    let hit = world.acquire(&application, &world.request()).await.unwrap();
    assert_eq!(hit.metadata.token_source, TokenSource::Cache);
    assert_eq!(hit.metadata.token_endpoint, OIDC, "a hit makes no discovery");
    assert_eq!(discoveries(&world), 1, "a fresh instance finds it in the store");
}

#[tokio::test(flavor = "multi_thread")]
async fn e14_a_forged_token_endpoint_in_the_store_is_ignored() {
    let world = World::answering_as(&["id.example"], with_issuer(OidcIssuer::new("/realms/demo")));
    world.acquire(&oidc(&world), &world.request()).await.unwrap();
    for (key, value) in world.store.entries() {
        for forged in [b"/elsewhere/token".to_vec(), value[1..].to_vec(), Vec::new()] {
            world.store.plant(&key, forged).await;
        }
    }
    let result = world.acquire(&oidc(&world), &world.request()).await.unwrap();
    assert_eq!(result.metadata.token_endpoint, format!("{OIDC}/token"));
    assert_eq!(discoveries(&world), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_discovery_binds_all_instances() {
    let world = World::answering_as(&["id.example"], with_issuer(OidcIssuer::new("/realms/demo")));
    world.emulator.script_discovery(vec![Scripted::status(429).header("Retry-After", "60")]);
    for _ in 0..2 {
        let error = world.acquire(&oidc(&world), &world.request()).await.unwrap_err();
        assert!((1..=60).contains(&throttle(&error).retry_after_seconds));
        sent_no_credential(&world, &error);
    }
    assert_eq!(discoveries(&world), 1);
    world.set_clock_offset(61);
    world.acquire(&oidc(&world), &world.request()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_whose_default_is_rs256_gets_no_retry_with_rs256() {
    let world = World::answering_as(&["fs.contoso.example"], as_it_is);
    let unsuitable = Scripted::error(401, "invalid_client", 5_002_730, "The key is no good.");
    world.emulator.script_any(vec![unsuitable]);
    let certificate = Certificate::new(CertificateSource::Pem(key_text("rsa2048.pem")));
    let credentials = vec![Credential::Certificate(certificate)];
    let application = Application { credentials, ..at(&world, ADFS) };
    world.acquire(&application, &world.request()).await.unwrap_err();
    assert_eq!(world.token_requests(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_entra_authority_is_validated() {
    let world = World::new();
    for application in [at(&world, ADFS), oidc(&world)] {
        let application = options(&application, [ApplicationOption::ValidateAuthority]);
        let error = world.refused_locally(&application, &world.request()).await;
        assert!(rejection(&error).field.contains("validate-authority"), "{error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oidc_authority_is_discovered_again_after_a_day() {
    let world = World::answering_as(&["id.example"], with_issuer(OidcIssuer::new("/realms/demo")));
    for (offset, asked) in [(0, 1), (86_390, 1), (86_410, 2)] {
        world.set_clock_offset(offset);
        let fresh = request_options(&world.request(), [RequestOption::ForceRefresh]);
        world.acquire(&oidc(&world), &fresh).await.unwrap();
        assert_eq!(discoveries(&world), asked, "after {offset} seconds");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oidc_authority_may_have_no_path() {
    let world = World::answering_as(&["id.example"], with_issuer(OidcIssuer::new("")));
    let application = as_oidc(&at(&world, "https://id.example"));
    is_served_and_cached(&world, &application, &world.request()).await;
    let targets: Vec<_> = world.emulator.requests().into_iter().map(|it| it.target).collect();
    assert_eq!(targets, ["/.well-known/openid-configuration", "/token"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_endpoint_on_another_host_gets_no_credential() {
    for url in [
        "https://evil.example/token",
        "https://id.example.evil.example/token",
        "https://id.example@evil.example/token",
        "https://id.example:8443/token",
        "http://id.example/token",
        "https://id.example/token?x=1",
        "//evil.example/token",
        "javascript:alert(1)",
        "",
    ] {
        let issuer = OidcIssuer::new("/realms/demo").with_token_endpoint(url);
        let world = World::answering_as(&["id.example", "evil.example"], with_issuer(issuer));
        let error = world.acquire(&oidc(&world), &world.request()).await.unwrap_err();
        assert!(unexpected(&error).reason.contains("token endpoint"), "{url}: {error:?}");
        sent_no_credential(&world, &error);
        let asked = world.emulator.requests().len();
        world.let_time_pass();
        world.acquire(&oidc(&world), &world.request()).await.unwrap_err();
        assert_eq!(world.emulator.requests().len(), asked * 2, "{url} is not kept");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_that_does_not_match_the_authority_is_refused() {
    for issuer in [
        "https://evil.example/realms/demo",
        "https://login.microsoftonline.com.evil.example/tenant",
        "http://id.example/realms/demo",
        "id.example",
        "",
    ] {
        let set_up = with_issuer(OidcIssuer::new("/realms/demo").with_issuer(issuer));
        let world = World::answering_as(&["id.example"], set_up);
        let error = world.acquire(&oidc(&world), &world.request()).await.unwrap_err();
        assert!(unexpected(&error).reason.contains("issuer"), "{issuer}: {error:?}");
        sent_no_credential(&world, &error);
    }
    for issuer in ["https://id.example/other", "https://login.microsoftonline.com/tenant/v2.0"] {
        let set_up = with_issuer(OidcIssuer::new("/realms/demo").with_issuer(issuer));
        let world = World::answering_as(&["id.example"], set_up);
        world.acquire(&oidc(&world), &world.request()).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c48_an_invalid_discovery_answer_is_a_clean_error_and_gets_no_credential() {
    let evil = "https://evil.example/realms/demo/.well-known/openid-configuration";
    for (name, answer) in [
        ("a fault", Scripted::status(500).body("later")),
        ("not found", Scripted::status(404)),
        ("a page", Scripted::status(200).header("Content-Type", "text/html").body("<html>hello")),
        ("a redirect", Scripted::status(302).header("Location", evil)),
        ("10 MiB", Scripted::json(200, json!({"issuer": OIDC, "padding": "x".repeat(10 << 20)}))),
        ("no members", Scripted::json(200, json!({}))),
        ("no object", Scripted::json(200, json!(["issuer", "token_endpoint"]))),
        ("numbers", Scripted::json(200, json!({"issuer": 1, "token_endpoint": 2}))),
        ("depth", Scripted::status(200).body("[".repeat(100_000))),
        ("a cut", Scripted::normal().cut_after(300)),
        ("an end", Scripted::close_without_answer()),
    ] {
        let hosts = ["id.example", "evil.example"];
        let world = World::answering_as(&hosts, with_issuer(OidcIssuer::new("/realms/demo")));
        world.emulator.script_discovery(vec![answer]);
        let error = world.acquire(&oidc(&world), &world.request()).await.expect_err(name);
        sent_no_credential(&world, &error);
        assert_eq!(discoveries(&world), 1, "{name}");

        world.set_clock_offset(120);
        let after = world.acquire(&oidc(&world), &world.request()).await;
        assert!(after.is_ok(), "after {name}: {after:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c48_an_unanswered_discovery_fails_at_the_deadline() {
    for answer in [
        Scripted::hang(),
        Scripted::normal().chunk_size(1).chunked(true).delay_per_chunk(Duration::from_millis(200)),
    ] {
        let world =
            World::answering_as(&["id.example"], with_issuer(OidcIssuer::new("/realms/demo")));
        world.emulator.script_discovery(vec![answer]);
        let request = request_options(&world.request(), [RequestOption::DeadlineMs(700)]);
        let error = world.acquire(&oidc(&world), &request).await.unwrap_err();
        assert!(!unreachable_reason(&error).is_empty());
        assert!(error.metadata.as_ref().unwrap().duration_total_us < 3_000_000, "{error:?}");
        sent_no_credential(&world, &error);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_aliases_of_a_custom_cloud_share_its_preferred_network_and_cache() {
    let world = World::answering_as(&["login.own.example"], as_it_is);
    let application = |host: &str| {
        let authority = format!("https://{host}/{}", demo::TENANT);
        with_own_cloud(&at(&world, &authority))
    };
    let first = world.acquire(&application("sts.own.example"), &world.request()).await.unwrap();
    assert_eq!(only_token_request(&world).server_name.as_deref(), Some("login.own.example"));
    for host in ["login.own.example", "sts.own.example", "cache.own.example"] {
        let again = world.acquire(&application(host), &world.request()).await.unwrap();
        assert_eq!(again.access_token, first.access_token, "{host}");
    }
    assert_eq!(world.emulator.requests().len(), 1, "without instance discovery");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_of_a_custom_cloud_is_an_entra_authority() {
    let world = World::answering_as(&["login.own.example"], as_it_is);
    let authority = format!("https://login.own.example/{}", demo::TENANT);
    let application = with_own_cloud(&at(&world, &authority));
    let error = world.refused_locally(&application, &TokenRequest::new("api://demo/read")).await;
    assert!(rejection(&error).field.contains("scopes"), "{error:?}");
    world.acquire(&application, &world.request()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a15_a_host_known_to_instance_discovery_gets_the_credential_after_the_query() {
    let set_up = |emulator: Builder| {
        emulator.directory(Directory::default().with_instance("login.new.example"))
    };
    let world = World::answering_as(&["login.new.example"], set_up);
    let application = validated(&world, "login.new.example");
    let result = world.acquire(&application, &world.request()).await.unwrap();
    assert!(world.emulator.was_issued(&result.access_token));
    let [question, token] = &world.emulator.requests()[..] else { panic!("two requests") };
    assert!(question.target.starts_with("/common/discovery/instance?"), "{}", question.target);
    assert_eq!(question.server_name.as_deref(), Some("login.microsoftonline.com"));
    let subject = format!("https://login.new.example/{}/oauth2/v2.0/authorize", demo::TENANT);
    assert_eq!(question.query_parameter("authorization_endpoint"), Some(&*subject));
    assert!(question.body.is_empty());
    assert_eq!(token.server_name.as_deref(), Some("login.new.example"));

    let again = request_options(&world.request(), [RequestOption::ForceRefresh]);
    world.acquire(&application, &again).await.unwrap();
    assert_eq!(world.emulator.requests().len(), 3, "a fresh instance finds it in the store");
}

#[tokio::test(flavor = "multi_thread")]
async fn a15_a_host_unknown_to_instance_discovery_gets_no_credential() {
    let world = World::answering_as(&["login.evil.example"], as_it_is);
    let application = validated(&world, "login.evil.example");
    for _ in 0..2 {
        let error = world.acquire(&application, &world.request()).await.unwrap_err();
        assert_eq!(refusal(&error).error, "invalid_instance");
        assert_eq!(refusal(&error).error_codes, [50_049]);
        assert!(error.remedy.as_ref().is_some_and(|it| it.contains("host")), "{error:?}");
        sent_no_credential(&world, &error);
    }
    assert_eq!(world.emulator.requests().len(), 1, "the answer is in the store");
    world.set_clock_offset(310);
    world.acquire(&application, &world.request()).await.unwrap_err();
    assert_eq!(world.emulator.requests().len(), 2, "and not for ever");
}

#[tokio::test(flavor = "multi_thread")]
async fn a15_a_host_whose_instance_discovery_failed_gets_no_credential() {
    for answer in [
        Scripted::status(500).body("later"),
        Scripted::status(200).body("<html>"),
        Scripted::status(302).header("Location", "https://login.evil.example/common"),
        Scripted::json(200, json!({"metadata": []})),
        Scripted::json(200, json!({"tenant_discovery_endpoint": null})),
        Scripted::json(200, json!({"tenant_discovery_endpoint": "x", "p": "x".repeat(10 << 20)})),
        Scripted::json(400, json!({"error": "invalid_request"})),
        Scripted::reset(),
    ] {
        let world = World::answering_as(&["login.evil.example"], as_it_is);
        let shown = format!("{answer:?}");
        world.emulator.script_discovery(vec![answer]);
        let application = validated(&world, "login.evil.example");
        let error = world.acquire(&application, &world.request()).await.expect_err(&shown);
        sent_no_credential(&world, &error);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a16_a_look_alike_of_a_microsoft_host_is_validated() {
    for host in ["login.microsoft0nline.com", "login.microsoftonline.com.evil.example"] {
        let world = World::answering_as(&[host], as_it_is);
        let error = world.acquire(&validated(&world, host), &world.request()).await.unwrap_err();
        assert_eq!(refusal(&error).error, "invalid_instance");
        sent_no_credential(&world, &error);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a17_instance_discovery_metadata_of_other_hosts_is_ignored() {
    let world = World::answering_as(&["login.new.example", "evil.example"], as_it_is);
    let evil = json!({
        "tenant_discovery_endpoint": "https://evil.example/t/.well-known/openid-configuration",
        "metadata": [{
            "preferred_network": "evil.example",
            "preferred_cache": "evil.example",
            "aliases": ["login.new.example", "login.microsoftonline.com", "evil.example"],
        }],
    });
    world.emulator.script_discovery(vec![Scripted::json(200, evil)]);
    world.acquire(&validated(&world, "login.new.example"), &world.request()).await.unwrap();
    world.acquire_demo().await.unwrap();
    let names: Vec<_> =
        world.emulator.token_requests().into_iter().map(|it| it.server_name.unwrap()).collect();
    assert_eq!(names, ["login.new.example", "login.microsoftonline.com"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_microsoft_cloud_gets_a_token_without_instance_discovery() {
    let clouds = [
        ("login.partner.microsoftonline.cn", "login.partner.microsoftonline.cn"),
        ("login.chinacloudapi.cn", "login.partner.microsoftonline.cn"),
        ("login.usgovcloudapi.net", "login.microsoftonline.us"),
        ("login-us.microsoftonline.com", "login-us.microsoftonline.com"),
        ("login.microsoftonline.de", "login.microsoftonline.de"),
        ("login.windows-ppe.net", "login.windows-ppe.net"),
        ("login.sovcloud-identity.fr", "login.sovcloud-identity.fr"),
        ("login.sovcloud-identity.de", "login.sovcloud-identity.de"),
        ("login.sovcloud-identity.sg", "login.sovcloud-identity.sg"),
        ("sts.windows.net", "login.microsoftonline.com"),
    ];
    let hosts: Vec<&str> = clouds.iter().map(|(_, network)| *network).collect();
    let world = World::answering_as(&hosts, as_it_is);
    let mut expected = Vec::new();
    for (host, network) in clouds {
        let result = world.acquire(&validated(&world, host), &world.request()).await.unwrap();
        if result.metadata.token_source == TokenSource::IdentityProvider {
            expected.push(network);
        }
    }
    let requests = world.emulator.requests();
    let names: Vec<_> = requests.iter().map(|it| it.server_name.as_deref().unwrap()).collect();
    assert_eq!(names, expected);
    assert!(requests.iter().all(RecordedRequest::is_token_request));
    assert_eq!(names.len(), clouds.len() - 1, "one alias shares its cloud's token");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_has_its_own_host_and_shares_tokens_with_the_global_endpoint() {
    let hosts = ["westeurope.login.microsoft.com", "westeurope.login.microsoftonline.us"];
    for (authority, host) in [
        (demo::TENANT.to_owned(), hosts[0]),
        (format!("https://login.microsoftonline.us/{}", demo::TENANT), hosts[1]),
    ] {
        let world = World::answering_as(&hosts, as_it_is);
        let global = at(&world, &authority);
        let regional = in_region(&global, "westeurope");
        let result = world.acquire(&regional, &world.request()).await.unwrap();
        assert_eq!(result.metadata.region_outcome, RegionOutcome::Regional);
        assert!(result.metadata.token_endpoint.starts_with(&format!("https://{host}/")));
        assert_eq!(only_token_request(&world).server_name.as_deref(), Some(host));

        let shared = world.acquire(&global, &world.request()).await.unwrap();
        assert_eq!(shared.access_token, result.access_token);
        assert_eq!(shared.metadata.token_source, TokenSource::Cache);
        assert_eq!(shared.metadata.region_outcome, RegionOutcome::NotRequested);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_regional_assertion_names_the_regional_endpoint() {
    let host = "westeurope.login.microsoft.com";
    let world = World::answering_as(&[host], as_it_is);
    world.emulator.register_certificate(demo::CLIENT_ID, &certificate_der()).unwrap();
    let certificate = Certificate::new(CertificateSource::Pem(key_text("rsa2048.pem")));
    let application = world.application_with(Credential::Certificate(certificate));
    let application = in_region(&application, "westeurope");
    let result = world.acquire(&application, &world.request()).await.unwrap();
    let (_, claims) = verified_assertion(&only_token_request(&world), "PS256");
    assert_eq!(claims["aud"], result.metadata.token_endpoint);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_region_falls_back_to_the_global_endpoint() {
    let world = World::new();
    let address = world.emulator.https_address();
    let network = Network::builder()
        .ca_certificate_pem(world.emulator.ca_certificate_pem())
        .resolve(format!("login.microsoftonline.com:443:{address}"))
        .resolve(format!("nowhere.login.microsoft.com:443:{CLOSED}"))
        .build()
        .unwrap();
    let host = world.host.with_network(network).with_store(Arc::new(world.store.clone()));
    let application = in_region(&world.application(), "nowhere");
    let result = acquire_in(&host, &application, &world.request()).await.unwrap();
    assert_eq!(result.metadata.region_outcome, RegionOutcome::FallbackToGlobal);
    assert_eq!(result.metadata.token_requests, 2);
    assert!(
        result.metadata.token_endpoint.starts_with("https://login.microsoftonline.com/"),
        "{}",
        result.metadata.token_endpoint
    );
    assert_eq!(world.token_requests(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_without_regions_is_called_globally_and_reports_it() {
    let world = World::answering_as(&["login.own.example", "fs.contoso.example"], as_it_is);
    let generic = format!("https://login.own.example/{}", demo::TENANT);
    for authority in [generic.as_str(), ADFS] {
        let application = in_region(&at(&world, authority), "westeurope");
        let result = world.acquire(&application, &world.request()).await.unwrap();
        assert_eq!(result.metadata.region_outcome, RegionOutcome::FallbackToGlobal, "{authority}");
        assert!(result.metadata.token_endpoint.starts_with(authority));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_and_a_custom_cloud_are_mutually_exclusive() {
    let world = World::new();
    let application = in_region(&with_own_cloud(&world.application()), "westeurope");
    let error = world.refused_locally(&application, &world.request()).await;
    assert_eq!(rejection(&error).code, RejectionCode::Conflict);
}

#[tokio::test(flavor = "multi_thread")]
async fn a18_a_region_that_could_change_the_host_is_refused_before_anything_is_sent() {
    let world = World::new();
    let long = "a".repeat(33);
    for region in
        ["", "attacker.com/x", "eastus.evil", "eastus\n", "ｅａｓｔｕｓ", "east-us", &long]
    {
        let application = in_region(&world.application(), region);
        let error = world.refused_locally(&application, &world.request()).await;
        assert!(rejection(&error).field.ends_with("region"), "{region:?}: {error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_takes_its_tenant_from_an_authority_url_of_the_same_cloud() {
    let world = World::new();
    let named = |tenant: String| request_options(&world.request(), [RequestOption::Tenant(tenant)]);
    let alias = named(format!("https://login.windows.net/{}", demo::OTHER_TENANT));
    let result = world.acquire(&world.application(), &alias).await.unwrap();
    assert_eq!(result.tenant_id, demo::OTHER_TENANT);
    let request = only_token_request(&world);
    assert_eq!(request.server_name.as_deref(), Some("login.microsoftonline.com"));
    assert_eq!(request.tenant.as_deref(), Some(demo::OTHER_TENANT));

    let plain = named(demo::OTHER_TENANT.to_owned());
    let again = world.acquire(&world.application(), &plain).await.unwrap();
    assert_eq!(again.access_token, result.access_token);

    for host in ["login.microsoftonline.us", "evil.example", "login.microsoftonline.com:8443"] {
        let other = named(format!("https://{host}/{}", demo::OTHER_TENANT));
        let error = world.refused_locally(&world.application(), &other).await;
        assert_eq!(rejection(&error).field, "request.options.tenant", "{host}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_without_tenants_refuses_a_requests_tenant() {
    let world = World::new();
    let b2c = "https://contoso.b2clogin.com/contoso.onmicrosoft.com/b2c_1_in";
    for application in [at(&world, ADFS), at(&world, b2c), oidc(&world)] {
        let request = request_options(
            &world.request(),
            [RequestOption::Tenant(demo::OTHER_TENANT.to_owned())],
        );
        let error = world.refused_locally(&application, &request).await;
        assert_eq!(rejection(&error).code, RejectionCode::NotAllowed, "{}", application.authority);
    }
}

async fn is_served_and_cached(
    world: &World,
    application: &Application,
    request: &TokenRequest,
) -> AuthenticationResult {
    let first = world.acquire(application, request).await.unwrap();
    assert!(world.emulator.was_issued(&first.access_token));
    assert_eq!(first.metadata.region_outcome, RegionOutcome::NotRequested);
    assert!(first.metadata.warnings.is_empty(), "{:?}", first.metadata.warnings);
    let second = world.acquire(application, request).await.unwrap();
    assert_eq!(second.metadata.token_source, TokenSource::Cache);
    assert_eq!(second.access_token, first.access_token);
    assert_eq!(second.tenant_id, first.tenant_id);
    first
}

async fn acquire_in(
    host: &Host,
    application: &Application,
    request: &TokenRequest,
) -> Result<AuthenticationResult, AcquireError> {
    host.acquire_token_for_client(application, request).await.expect("the host does not fail")
}

/// Asserts that only discovery requests were sent, and that none of them contained the secret.
fn sent_no_credential(world: &World, error: &AcquireError) {
    assert_eq!(error.metadata.as_ref().map(|it| it.token_requests), Some(0), "{error:?}");
    for request in world.emulator.requests() {
        assert_eq!(request.method, "GET");
        assert!(request.body.is_empty());
        assert!(!String::from_utf8_lossy(&request.raw_head).contains("emulator-only"));
        assert!(request.server_name.is_none_or(|name| name != "evil.example"));
    }
}

fn discoveries(world: &World) -> usize {
    world.emulator.requests().iter().filter(|it| it.method == "GET").count()
}

fn only_token_request(world: &World) -> RecordedRequest {
    let mut requests = world.emulator.token_requests();
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

/// The header and claims of the assertion in a token request. Panics if the signature is invalid.
fn verified_assertion(request: &RecordedRequest, algorithm: &str) -> (Value, Value) {
    let assertion = request.parameter("client_assertion").expect("an assertion was sent");
    let (message, signed) = assertion.rsplit_once('.').unwrap();
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
    let (header, claims) = message.split_once('.').unwrap();
    let header: Value = serde_json::from_slice(&decoded(header)).unwrap();
    assert_eq!(header["alg"], algorithm);
    let verification: &signature::RsaParameters = match algorithm {
        "PS256" => &signature::RSA_PSS_2048_8192_SHA256,
        _ => &signature::RSA_PKCS1_2048_8192_SHA256,
    };
    let key: String =
        key_text("rsa2048.key.pem").lines().filter(|line| !line.starts_with("-----")).collect();
    let key = ring::rsa::KeyPair::from_pkcs8(&STANDARD.decode(key).unwrap()).unwrap();
    signature::UnparsedPublicKey::new(verification, key.public().as_ref())
        .verify(message.as_bytes(), &decoded(signed))
        .expect("the signature is right");
    (header, serde_json::from_slice(&decoded(claims)).unwrap())
}

/// The demo application with its secret, at another authority.
fn at(world: &World, authority: &str) -> Application {
    Application { authority: authority.to_owned(), ..world.application() }
}

fn oidc(world: &World) -> Application {
    as_oidc(&at(world, OIDC))
}

fn as_oidc(application: &Application) -> Application {
    options(application, [ApplicationOption::AuthorityType(AuthorityType::Oidc)])
}

fn validated(world: &World, host: &str) -> Application {
    let application = at(world, &format!("https://{host}/{}", demo::TENANT));
    options(&application, [ApplicationOption::ValidateAuthority])
}

fn in_region(application: &Application, region: &str) -> Application {
    options(application, [ApplicationOption::Region(region.to_owned())])
}

fn with_own_cloud(application: &Application) -> Application {
    let cloud = InstanceMetadata {
        preferred_network: "login.own.example".to_owned(),
        preferred_cache: "cache.own.example".to_owned(),
        aliases: ["login.own.example", "sts.own.example", "cache.own.example"]
            .map(str::to_owned)
            .to_vec(),
    };
    options(application, [ApplicationOption::InstanceMetadata(vec![cloud])])
}

fn with_issuer(issuer: OidcIssuer) -> impl FnOnce(Builder) -> Builder {
    |emulator| emulator.directory(Directory::default().with_oidc_issuer(issuer))
}

fn as_it_is(emulator: Builder) -> Builder {
    emulator
}

const ADFS: &str = "https://fs.contoso.example/adfs";
const OIDC: &str = "https://id.example/realms/demo";
const OIDC_TOKEN_ENDPOINT: &str = "https://id.example/elsewhere/token";
/// A local port on which no process listens.
const CLOSED: &str = "127.0.0.1:1";
