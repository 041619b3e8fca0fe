//! The arguments of a call, which are checked before anything leaves the component: section A of the fault catalogue.

use std::sync::Arc;
use std::sync::OnceLock;

use msal_emulator::Application as RegisteredApplication;
use msal_emulator::ClientSecret;
use msal_emulator::Emulator;
use msal_emulator::RecordedRequest;
use msal_emulator::Scripted;
use msal_emulator::demo;
use msal_host::Host;
use msal_host::HostError;
use msal_host::Network;
use msal_host::contract::Application;
use msal_host::contract::ApplicationOption;
use msal_host::contract::AuthorityType;
use msal_host::contract::CacheRefreshReason;
use msal_host::contract::Certificate;
use msal_host::contract::CertificateOption;
use msal_host::contract::CertificateSource;
use msal_host::contract::Credential;
use msal_host::contract::ErrorCause;
use msal_host::contract::InstanceMetadata;
use msal_host::contract::RegionOutcome;
use msal_host::contract::Rejection;
use msal_host::contract::RejectionCode;
use msal_host::contract::RequestOption;
use msal_host::contract::TokenRequest;
use msal_host::contract::TokenSource;
use msal_host::store::StoreError;
use msal_host_tests::Fault;
use msal_host_tests::JournalStore;
use msal_host_tests::Operation;
use msal_host_tests::World;
use msal_host_tests::certificate_der;
use msal_host_tests::command_line;
use msal_host_tests::key_text;
use msal_host_tests::options;
use msal_host_tests::refusal;
use msal_host_tests::request_options;
use msal_host_tests::secret;

#[tokio::test(flavor = "multi_thread")]
async fn a01_an_empty_tenant_is_refused() {
    let world = World::new();
    let bare = with_authority(&world, "");
    refuses(&world, &bare, &world.request(), AUTHORITY, RejectionCode::Missing).await;
    for url in ["https://login.microsoftonline.com", "https://login.microsoftonline.com/"] {
        let application = with_authority(&world, url);
        refuses(&world, &application, &world.request(), AUTHORITY, RejectionCode::Malformed).await;
    }
    let request = with_tenant(&world, "");
    refuses(&world, &world.application(), &request, TENANT, RejectionCode::Missing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a02_a_tenant_with_path_traversal_is_refused() {
    for tenant in ["../common", "..", ".", "./contoso.com", "contoso.com/..", "%2e%2e"] {
        refuses_tenant(tenant, RejectionCode::Malformed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a03_a_tenant_that_could_change_the_url_is_refused() {
    for tenant in [
        "aaaaaaaa-0000-4000-8000-000000000000/oauth2/v2.0/token?x=",
        "contoso.com/",
        "/contoso.com",
        "contoso\\com",
        "contoso.com?",
        "contoso.com#",
        "contoso%2fcom",
        "contoso%2Fcom",
        "contoso;com",
        "contoso@com",
        "contoso:com",
        "contoso+com",
        "contoso_com",
    ] {
        let trailing_slash_is_no_part_of_a_tenant = tenant == "contoso.com/";
        if !trailing_slash_is_no_part_of_a_tenant {
            refuses_tenant(tenant, RejectionCode::Malformed).await;
        }
        let world = world();
        let request = with_tenant(world, tenant);
        refuses(world, &world.application(), &request, TENANT, RejectionCode::Malformed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a04_a_tenant_with_a_control_character_is_refused() {
    refuses_tenant("a\r\nHost: evil", RejectionCode::Malformed).await;
    for control in (0..0x20_u8).chain([0x7f]).map(char::from) {
        for tenant in [
            format!("contoso{control}.com"),
            format!("contoso.com{control}"),
            format!("{control}contoso.com"),
        ] {
            refuses_tenant(&tenant, RejectionCode::Malformed).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a05_a_tenant_with_characters_that_no_domain_has_is_refused() {
    for tenant in [
        "contoso\u{2024}com",
        "contoso\u{ff0e}com",
        "c\u{43e}ntoso.com",
        "contoso.com\u{301}",
        "contoso\u{202e}.com",
        "\u{feff}contoso.com",
        "contoso\u{200b}.com",
        "contoso .com",
        ".contoso.com",
        "contoso.com.",
        "contoso..com",
        "-contoso.com",
        "contoso-.com",
        "contoso.com-",
        &format!("{}.com", "a".repeat(64)),
        &[["a"; 63].concat().as_str(); 4].join("."),
    ] {
        refuses_tenant(tenant, RejectionCode::Malformed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a06_a_tenant_guid_has_one_form_and_is_case_insensitive() {
    for tenant in [
        "{c0970500-0000-4000-8000-000000000001}",
        "c0970500000040008000000000000001",
        "c0970500-0000-4000-8000-00000000001",
        "c0970500-0000-4000-8000-0000000000011",
        "c0970500-0000-4000-80000-00000000001",
    ] {
        refuses_tenant(tenant, RejectionCode::Malformed).await;
    }
    let world = World::new();
    let upper = demo::TENANT.to_uppercase();
    assert_ne!(upper, demo::TENANT);
    let first = world.acquire(&with_authority(&world, &upper), &world.request()).await.unwrap();
    assert_eq!(first.tenant_id, demo::TENANT);
    assert_eq!(only_token_request(&world).target, format!("/{}/oauth2/v2.0/token", demo::TENANT));
    for application in [
        with_authority(&world, demo::TENANT),
        with_authority(&world, &format!("https://login.microsoftonline.com/{upper}")),
    ] {
        serves_from_the_cache(&world, &application, &world.request()).await;
    }
    serves_from_the_cache(&world, &world.application(), &with_tenant(&world, &upper)).await;
    assert_eq!(world.store.entries().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a07_an_endpoint_that_names_no_tenant_is_refused_with_the_rule() {
    for tenant in ["common", "organizations", "consumers", "Common", "ORGANIZATIONS", "cOnsumers"] {
        for rejection in refuses_tenant(tenant, RejectionCode::NotAllowed).await {
            assert!(
                rejection.reason.contains("common, organizations and consumers"),
                "{rejection:?}"
            );
        }
    }
    let world = world();
    let generic = with_authority(world, "https://sts.example/common");
    refuses(world, &generic, &world.request(), AUTHORITY, RejectionCode::NotAllowed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a08_a_domain_and_its_guid_are_cached_apart() {
    let world = World::new();
    let by_guid = world.application();
    let by_domain = with_authority(&world, demo::TENANT_DOMAIN);
    let guid = world.acquire(&by_guid, &world.request()).await.unwrap();
    let domain = world.acquire(&by_domain, &world.request()).await.unwrap();
    assert_eq!(domain.metadata.token_source, TokenSource::IdentityProvider);
    assert_ne!(guid.access_token, domain.access_token);
    assert_eq!(
        (guid.tenant_id.as_str(), domain.tenant_id.as_str()),
        (demo::TENANT, demo::TENANT_DOMAIN)
    );
    assert_eq!(world.store.entries().len(), 2);
    let again = world.acquire(&by_domain, &world.request()).await.unwrap();
    assert_eq!(again.access_token, domain.access_token);
    let override_tenant = with_tenant(&world, demo::OTHER_TENANT);
    let other = world.acquire(&by_domain, &override_tenant).await.unwrap();
    assert_eq!(other.tenant_id, demo::OTHER_TENANT);
    assert_eq!(world.token_requests(), 3);
    assert_eq!(world.store.entries().len(), 3);
    let targets: Vec<String> =
        world.emulator.token_requests().into_iter().map(|request| request.target).collect();
    assert_eq!(
        targets,
        [demo::TENANT, demo::TENANT_DOMAIN, demo::OTHER_TENANT]
            .map(|tenant| format!("/{tenant}/oauth2/v2.0/token"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a09_plain_http_is_refused_except_for_loopback_with_permission() {
    let world = World::new();
    let local = format!("{}/{}", world.emulator.http_url(), demo::TENANT);
    for url in [
        "http://login.microsoftonline.com/contoso.com",
        "HTTP://sts.example/contoso.com",
        "http://localhost:8080/contoso.com",
        "http://[::1]:8080/contoso.com",
        "ftp://localhost/contoso.com",
        &local,
    ] {
        let application = with_authority(&world, url);
        refused_authority(&world, &application).await;
    }
    for url in [
        "http://login.microsoftonline.com/contoso.com",
        "http://localhost.evil.example/contoso.com",
        "http://localhost.localdomain/contoso.com",
        "http://127.0.0.1.evil.example/contoso.com",
        "http://localhost@evil.example/contoso.com",
        "http://127.0.0.2/contoso.com",
        "http://127.1/contoso.com",
        "http://0.0.0.0/contoso.com",
        "http://0/contoso.com",
        "http://[::]/contoso.com",
        "http://[::ffff:127.0.0.1]/contoso.com",
        "http://[0:0:0:0:0:0:0:2]/contoso.com",
        "ftp://localhost/contoso.com",
    ] {
        refused_authority(&world, &with_loopback(&with_authority(&world, url))).await;
    }
    let permitted = with_loopback(&with_authority(&world, &local));
    let result = world.acquire(&permitted, &world.request()).await.unwrap();
    assert_eq!(result.metadata.token_endpoint, format!("{local}/oauth2/v2.0/token"));
    assert!(!only_token_request(&world).tls);
}

#[tokio::test(flavor = "multi_thread")]
async fn a10_an_authority_with_a_user_name_is_refused() {
    let world = world();
    for url in [
        "https://login.microsoftonline.com@evil.example/contoso.com",
        "https://user:pass-phrase-8Jw2@login.microsoftonline.com/contoso.com",
        "https://@login.microsoftonline.com/contoso.com",
        "https://:@login.microsoftonline.com/contoso.com",
        "https://login.microsoftonline.com%40evil.example/contoso.com",
        "https://login.microsoftonline.com\\@evil.example/contoso.com",
    ] {
        let rejection = refused_authority(world, &with_authority(world, url)).await;
        assert!(!rejection.reason.contains("8Jw2"), "{rejection:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a11_an_authority_that_is_not_exactly_host_and_tenant_is_refused() {
    let world = World::new();
    for url in [
        "https://login.microsoftonline.com/contoso.com?x=1",
        "https://login.microsoftonline.com/contoso.com?",
        "https://login.microsoftonline.com/contoso.com#x",
        "https://login.microsoftonline.com/contoso.com#",
        "https://login.microsoftonline.com/contoso.com/oauth2",
        "https://login.microsoftonline.com/contoso.com/oauth2/token",
        "https://login.microsoftonline.com/contoso.com//",
        "https://login.microsoftonline.com//contoso.com",
        "https://login.microsoftonline.com/./contoso.com",
        "https://login.microsoftonline.com/../contoso.com",
        "https://login.microsoftonline.com\\contoso.com",
        "https:\\\\login.microsoftonline.com\\contoso.com",
        "https:\\x",
        "https:///contoso.com",
        "https:/login.microsoftonline.com/contoso.com",
        "https:login.microsoftonline.com/contoso.com",
        "https://",
        "https",
        "//login.microsoftonline.com/contoso.com",
        "login.microsoftonline.com/contoso.com",
        " https://login.microsoftonline.com/contoso.com",
        "https://login.microsoftonline.com/contoso.com ",
        "https://login.micro softonline.com/contoso.com",
        "https://login.microsoftonline.com/con toso.com",
        "https://login.microsoftonline.com/contoso.com\n",
        "https://login.microsoftonline.com\t/contoso.com",
        "https://login%2emicrosoftonline%2ecom/contoso.com",
        "https://login_microsoftonline.com/contoso.com",
        "https://login.microsoftonline\u{3002}com/contoso.com",
        "https://login..microsoftonline.com/contoso.com",
        "https://.login.microsoftonline.com/contoso.com",
        "https://./contoso.com",
        "file:///contoso.com",
        "javascript:alert(1)",
        &format!("https://{}.com/contoso.com", "a".repeat(64)),
        &format!("https://{}/contoso.com", ["a"; 200].join(".")),
    ] {
        refused_authority(&world, &with_authority(&world, url)).await;
    }
    world.acquire_demo().await.unwrap();
    for scheme in ["HTTPS", "Https"] {
        let url = format!("{scheme}://login.microsoftonline.com/{}", demo::TENANT);
        serves_from_the_cache(&world, &with_authority(&world, &url), &world.request()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a12_spellings_of_a_host_are_normalized() {
    let world = World::new();
    let hosts = [
        "LOGIN.MicrosoftOnline.com",
        "login.microsoftonline.com.",
        "LOGIN.MICROSOFTONLINE.COM.",
        "login.microsoftonline.com",
        "login.windows.net",
        "sts.windows.net.",
        "login.microsoft.com",
    ];
    for (index, host) in hosts.into_iter().enumerate() {
        let application = with_authority(&world, &format!("https://{host}/{}", demo::TENANT));
        let result = world.acquire(&application, &world.request()).await.unwrap();
        assert_eq!(
            result.metadata.token_endpoint,
            format!("https://login.microsoftonline.com/{}/oauth2/v2.0/token", demo::TENANT)
        );
        let is_first = index == 0;
        assert_eq!(
            result.metadata.token_source == TokenSource::IdentityProvider,
            is_first,
            "{host}"
        );
    }
    let request = only_token_request(&world);
    assert_eq!(request.server_name.as_deref(), Some("login.microsoftonline.com"));
    assert_eq!(request.header("host"), Some("login.microsoftonline.com"));
    assert_eq!(world.store.entries().len(), 1);
    let two_dots = with_authority(&world, "https://login.microsoftonline.com../contoso.com");
    refused_authority(&world, &two_dots).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a13_a_host_that_is_an_address_in_disguise_is_refused() {
    let mut world = World::new();
    for host in [
        "2130706433",
        "0x7f000001",
        "0X7F000001",
        "017700000001",
        "0x7f.1",
        "127.1",
        "127.0.1",
        "0177.0.0.1",
        "127.0.0.1.",
        "127.0.0.01",
        "127.0.0.256",
        "1.2.3.4",
        "169.254.169.254",
        "10.0.0.1",
        "example.1",
        "example.0x1",
        "[fe80::1%25eth0]",
        "[fe80::1%eth0]",
        "[::ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[::]",
        "[::1",
        "::1",
        "[]",
        "[v1.fe80]",
    ] {
        let application = with_authority(&world, &format!("https://{host}/contoso.com"));
        refused_authority(&world, &application).await;
        refused_authority(&world, &with_loopback(&application)).await;
    }
    let address = world.emulator.https_address();
    world.host = world.host.with_network(network(&world.emulator, &[("[::1]", 8443)]));
    for host in [address.to_string(), "[::1]:8443".to_owned()] {
        let application = with_authority(&world, &format!("https://{host}/{}", demo::TENANT));
        let rejection = refused_authority(&world, &application).await;
        assert_eq!(rejection.code, RejectionCode::NotAllowed, "{host}");
        let result = world.acquire(&with_loopback(&application), &world.request()).await.unwrap();
        let endpoint = format!("https://{host}/{}/oauth2/v2.0/token", demo::TENANT);
        assert_eq!(result.metadata.token_endpoint, endpoint);
    }
    assert_eq!(world.token_requests(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a14_a_port_is_a_number_and_part_of_the_key_unless_it_is_the_default() {
    let mut world = World::new();
    let application = |world: &World, port: &str| {
        let url = format!("https://login.microsoftonline.com:{port}/{}", demo::TENANT);
        with_authority(world, &url)
    };
    for port in [
        "",
        "0",
        "00",
        "65536",
        "99999999999",
        "443x",
        "+443",
        "-1",
        " 443",
        "443 ",
        "0x1bb",
        "４４３",
        "443:443",
    ] {
        refused_authority(&world, &application(&world, port)).await;
    }
    world.acquire_demo().await.unwrap();
    serves_from_the_cache(&world, &application(&world, "443"), &world.request()).await;

    let names = [("login.microsoftonline.com", 443), ("login.microsoftonline.com", 8443)];
    world.host = world.host.with_network(network(&world.emulator, &names));
    let other = world.acquire(&application(&world, "8443"), &world.request()).await.unwrap();
    assert_eq!(other.metadata.token_source, TokenSource::IdentityProvider);
    assert_eq!(
        other.metadata.token_endpoint,
        format!("https://login.microsoftonline.com:8443/{}/oauth2/v2.0/token", demo::TENANT)
    );
    let requests = world.emulator.token_requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].header("host"), Some("login.microsoftonline.com"));
    assert_eq!(requests[1].header("host"), Some("login.microsoftonline.com:8443"));
    assert_eq!(world.store.entries().len(), 2);
    serves_from_the_cache(&world, &application(&world, "8443"), &world.request()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a15_an_unknown_host_gets_no_credential_if_validation_is_requested() {
    let world = World::new();
    let unknown = local_authority(&world);
    let validated = options(&unknown, [ApplicationOption::ValidateAuthority]);
    let request = world.request();
    let error = world.acquire(&validated, &request).await.unwrap_err();
    assert_eq!(refusal(&error).error, "invalid_instance");
    assert_eq!(error.metadata.unwrap().token_requests, 0);
    let questions = world.emulator.requests();
    assert_eq!(questions.len(), 1);
    assert_eq!(questions[0].server_name.as_deref(), Some("login.microsoftonline.com"));
    assert!(questions[0].target.starts_with("/common/discovery/instance?"));
    assert!(questions[0].body.is_empty() && questions[0].header("authorization").is_none());
    world.acquire(&validated, &request).await.unwrap_err();
    assert_eq!(world.emulator.requests().len(), 1, "the answer is stored");

    world.let_time_pass();
    world.emulator.clear_requests();
    let known = options(&world.application(), [ApplicationOption::ValidateAuthority]);
    world.acquire(&known, &request).await.unwrap();
    world.acquire(&unknown, &request).await.unwrap();
    let requests = world.emulator.requests();
    assert_eq!(requests.len(), 2, "one for each authority");
    assert!(requests.iter().all(RecordedRequest::is_token_request));
}

#[tokio::test(flavor = "multi_thread")]
async fn a15_an_authority_without_instance_discovery_is_not_validated() {
    let world = world();
    for kind in [
        AuthorityType::Generic,
        AuthorityType::Adfs,
        AuthorityType::Dsts,
        AuthorityType::B2c,
        AuthorityType::Oidc,
    ] {
        let path = match kind {
            AuthorityType::Adfs => "adfs",
            AuthorityType::Dsts => "dstsv2/contoso",
            AuthorityType::B2c => "tfp/contoso/policy",
            _ => "contoso",
        };
        let application = with_authority(world, &format!("https://sts.example/{path}"));
        let application = options(
            &application,
            [ApplicationOption::AuthorityType(kind), ApplicationOption::ValidateAuthority],
        );
        let request = world.request();
        refuses(world, &application, &request, VALIDATE_AUTHORITY, RejectionCode::NotAllowed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a16_a_look_alike_is_never_mistaken_for_a_known_host() {
    let mut world = World::new();
    let questioned = World::new();
    let look_alikes = [
        "login.microsoft0nline.com",
        "login.microsoftonline.com.evil.example",
        "evil-login.microsoftonline.com",
        "evil.login.microsoftonline.com",
        "loginmicrosoftonline.com",
        "login.microsoftonline.co",
        "login.microsoftonline.comm",
        "microsoftonline.com",
        "login.windows.net.evil.example",
        "xn--login-microsoftonline-com-5bc.example",
        "xn--80ak6aa92e.com",
    ];
    for host in look_alikes {
        let application = with_authority(&world, &format!("https://{host}/{}", demo::TENANT));
        let application = options(&application, [ApplicationOption::ValidateAuthority]);
        let error = questioned.acquire(&application, &world.request()).await.unwrap_err();
        // Instance discovery accepts every region of a cloud. This host may be one, and belongs to Microsoft in any case.
        if host != "evil.login.microsoftonline.com" {
            assert_eq!(refusal(&error).error, "invalid_instance", "{host}");
        }
        assert_eq!(questioned.token_requests(), 0, "{host}");
        let question = questioned.emulator.requests().pop().expect("a question");
        assert!(question.target.contains(&format!("%2F%2F{host}%2F")), "{}", question.target);
    }
    assert_eq!(
        questioned.emulator.requests().len(),
        look_alikes.len(),
        "instance discovery is called for each"
    );
    // The emulator's certificate is valid for this name, so the request shows which host was contacted.
    let names = [("x.login.microsoft.com", 443), ("login.microsoftonline.com", 443)];
    world.host = world.host.with_network(network(&world.emulator, &names));
    world.acquire_demo().await.unwrap();
    let look_alike =
        with_authority(&world, &format!("https://x.login.microsoft.com/{}", demo::TENANT));
    let result = world.acquire(&look_alike, &world.request()).await.unwrap();
    assert_eq!(result.metadata.token_source, TokenSource::IdentityProvider);
    let requests = world.emulator.token_requests();
    assert_eq!(requests[1].server_name.as_deref(), Some("x.login.microsoft.com"));
    assert_eq!(requests[1].header("host"), Some("x.login.microsoft.com"));
    assert_eq!(world.store.entries().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a17_no_discovery_is_made_that_could_name_another_host() {
    let world = World::with(|emulator| {
        emulator.directory(msal_emulator::Directory::default().with_instance("evil.example"))
    });
    let known = world.application();
    let validated = options(&known, [ApplicationOption::ValidateAuthority]);
    let government =
        with_authority(&world, &format!("https://login.microsoftonline.us/{}", demo::TENANT));
    let generic = local_authority(&world);
    let entra = options(&generic, [ApplicationOption::AuthorityType(AuthorityType::Entra)]);
    for application in [known, validated, government, generic, entra] {
        let refreshed = request_options(&world.request(), [RequestOption::ForceRefresh]);
        world.acquire(&application, &refreshed).await.unwrap();
    }
    let requests = world.emulator.requests();
    assert_eq!(requests.len(), 5);
    for request in requests {
        assert!(request.is_token_request(), "{} {}", request.method, request.target);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a18_a_region_that_could_change_the_host_is_malformed() {
    let world = world();
    let with_region =
        |region: &str| options(&world.application(), [ApplicationOption::Region(region.into())]);
    for region in [
        "attacker.com/x",
        "eastus.evil",
        "eastus\n",
        "eastus\r\n",
        "ｅａｓｔｕｓ",
        "",
        " ",
        "east us",
        "east-us",
        "eastus/",
        "eastus@",
        "eastus\0",
        &"a".repeat(33),
        &"a".repeat(64),
    ] {
        let application = with_region(region);
        refuses(world, &application, &world.request(), REGION, RejectionCode::Malformed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a18_a_region_is_a_label_of_the_host_and_nothing_else() {
    for region in ["westeurope", "EastUS2", "a", &"a".repeat(32)] {
        let host = format!("{}.login.microsoft.com", region.to_ascii_lowercase());
        let world = World::answering_as(&[&host], |emulator| emulator);
        let application = options(&world.application(), [ApplicationOption::Region(region.into())]);
        let result = world.acquire(&application, &world.request()).await.unwrap();
        assert_eq!(result.metadata.region_outcome, RegionOutcome::Regional, "{region}");
        let sent = only_token_request(&world);
        assert_eq!(sent.header("host"), Some(&*host));
        assert_eq!(sent.server_name.as_deref(), Some(&*host));
        assert_eq!(sent.target, format!("/{}/oauth2/v2.0/token", demo::TENANT));
        assert_eq!(world.emulator.requests().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a19_a_client_id_is_1_to_256_printable_ascii_characters() {
    let world = World::new();
    for (client_id, code) in [
        ("", RejectionCode::Missing),
        ("a\r\nb", RejectionCode::Malformed),
        ("a\nb", RejectionCode::Malformed),
        ("a\0b", RejectionCode::Malformed),
        ("a\tb", RejectionCode::Malformed),
        ("a\u{7f}b", RejectionCode::Malformed),
        ("é", RejectionCode::Malformed),
        ("ａｂｃ", RejectionCode::Malformed),
        (&"a".repeat(257), RejectionCode::TooLong),
    ] {
        let application = Application { client_id: client_id.to_owned(), ..world.application() };
        refuses(&world, &application, &world.request(), "application.client-id", code).await;
    }
    for client_id in ["my app/1+2%41é".replace('é', "~"), "z".repeat(256), printable_ascii()] {
        acquires_as(&world, &client_id, SECRET).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a20_a_client_id_that_looks_like_a_form_is_sent_as_data() {
    let world = World::new();
    for client_id in [
        "x&client_secret=y",
        "x=1",
        "x%26",
        "x%26scope%3Devil",
        "&",
        "=",
        "+",
        " ",
        "%",
        "%zz",
        "x;client_id=y",
        "x&grant_type=password",
    ] {
        acquires_as(&world, client_id, SECRET).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a21_a_secret_arrives_byte_for_byte() {
    let world = World::new();
    let secrets = [
        printable_ascii(),
        "+ % & = space".to_owned(),
        " leading and trailing ".to_owned(),
        "\ttab\t".to_owned(),
        "%41%2B+%2b".to_owned(),
        "pässwörd-密码-🔑-\u{301}\u{202e}".to_owned(),
        "\u{7f}\u{80}\u{ffff}\u{10ffff}".to_owned(),
        "x".repeat(4_096),
        "é".repeat(2_048),
    ];
    for (index, secret) in secrets.iter().enumerate() {
        acquires_as(&world, &format!("client-{index}"), secret).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a22_an_invalid_secret_is_refused() {
    let world = world();
    for (value, code) in [
        (String::new(), RejectionCode::Missing),
        ("x".repeat(64 << 10), RejectionCode::TooLong),
        ("x".repeat(4_097), RejectionCode::TooLong),
        ("é".repeat(2_049), RejectionCode::TooLong),
        ("q7VxN2kR\0".to_owned(), RejectionCode::Malformed),
        ("q7VxN2kR\r\n".to_owned(), RejectionCode::Malformed),
        ("q7VxN2kR\n".to_owned(), RejectionCode::Malformed),
        ("\rq7VxN2kR".to_owned(), RejectionCode::Malformed),
        ("q7Vx\nN2kR".to_owned(), RejectionCode::Malformed),
    ] {
        let application = world.application_with(secret(&value));
        let field = "application.credentials.secret";
        let rejection = refuses(world, &application, &world.request(), field, code).await;
        assert!(!rejection.reason.contains("q7Vx"), "{rejection:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a23_one_to_eight_credentials_are_accepted_and_a_request_has_one() {
    let world = World::new();
    let with = |credentials: &[&Credential]| Application {
        credentials: credentials.iter().map(|&credential| credential.clone()).collect(),
        ..world.application()
    };
    let request = world.request();
    let (secret, certificate, assertion) = credentials();
    refuses(&world, &with(&[]), &request, CREDENTIALS, RejectionCode::Missing).await;
    for too_many in [&[&secret; 9][..], &[&secret; 1_000]] {
        refuses(&world, &with(too_many), &request, CREDENTIALS, RejectionCode::TooLong).await;
    }
    world.emulator.register_certificate(demo::CLIENT_ID, &certificate_der()).unwrap();
    let forced = request_options(&request, [RequestOption::ForceRefresh]);
    for several in [
        &[&secret][..],
        &[&secret, &certificate, &assertion],
        &[&secret, &certificate],
        &[&certificate, &assertion],
        &[&certificate, &secret],
        &[&secret, &secret],
        &[&secret; 8],
    ] {
        world.emulator.clear_requests();
        let result = world.acquire(&with(several), &forced).await.unwrap();
        assert_eq!(result.metadata.credential_index, Some(0));
        let form = form(&only_token_request(&world).body);
        let secrets = values(&form, "client_secret").len();
        let assertions = values(&form, "client_assertion").len();
        assert_eq!(secrets + assertions, 1, "RFC 6749, section 2.3: one method per request");
        assert_eq!(secrets == 1, matches!(several[0], Credential::Secret(_)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a24_a_request_without_scopes_is_refused() {
    let world = world();
    let request = scopes(&[]);
    for application in [world.application(), generic(world)] {
        refuses(world, &application, &request, SCOPES, RejectionCode::Missing).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a25_one_element_cannot_become_two_scopes() {
    let world = world();
    let mut characters: Vec<char> = (0..=0x20_u8).chain([0x7f]).map(char::from).collect();
    characters.extend(['"', '\\', 'é', '\u{a0}', '\u{2028}', '\u{ff0f}', '\u{202e}']);
    for application in [world.application(), generic(world)] {
        refuses(world, &application, &scopes(&[""]), SCOPES, RejectionCode::Malformed).await;
        let both = scopes(&[demo::API_SCOPE, ""]);
        refuses(world, &application, &both, SCOPES, RejectionCode::Malformed).await;
        for character in &characters {
            let scope = format!("api://x{character}api://demo/.default");
            refuses(world, &application, &scopes(&[&scope]), SCOPES, RejectionCode::Malformed)
                .await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a26_a_scope_that_looks_like_a_form_is_sent_as_data() {
    let world = World::new();
    for (application, scope) in [
        (local_authority(&world), "api://x/.default&client_id=evil"),
        (local_authority(&world), "api://x/.default%26client_id=evil+x"),
        (world.application(), "api://x&client_id=evil/.default"),
        (world.application(), "api://x%26+=;#?/.default"),
    ] {
        world.emulator.clear_requests();
        world.emulator.script_any(vec![Scripted::token(3_600)]);
        world.acquire(&application, &scopes(&[scope])).await.unwrap();
        let form = form(&only_token_request(&world).body);
        assert_eq!(values(&form, "scope"), [scope]);
        assert_eq!(values(&form, "client_id"), [demo::CLIENT_ID]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a27_entra_requires_default_scopes_and_other_servers_do_not() {
    let world = World::new();
    let local = local_authority(&world);
    let entra = options(&local, [ApplicationOption::AuthorityType(AuthorityType::Entra)]);
    for scope in [
        "User.Read",
        "api://demo",
        ".default",
        "/.default",
        "api://demo/.default/",
        "api://demo/default",
        "api://demo/.defaults",
        "api://demo/.default.",
    ] {
        for application in [&world.application(), &entra] {
            let request = scopes(&[scope]);
            refuses(&world, application, &request, SCOPES, RejectionCode::Malformed).await;
        }
    }
    let generic =
        options(&world.application(), [ApplicationOption::AuthorityType(AuthorityType::Generic)]);
    for application in [local, generic] {
        world.emulator.clear_requests();
        world.emulator.script_any(vec![Scripted::token(3_600)]);
        world.acquire(&application, &scopes(&["User.Read", "api://demo"])).await.unwrap();
        let form = form(&only_token_request(&world).body);
        assert_eq!(values(&form, "scope"), ["User.Read api://demo"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a28_repeats_and_order_of_scopes_are_ignored_and_case_matters_only_to_other_servers() {
    let world = World::new();
    world.acquire(&world.application(), &scopes(&["API://Demo/.default"])).await.unwrap();
    let form = form(&only_token_request(&world).body);
    assert_eq!(values(&form, "scope"), ["API://Demo/.default"], "sent as given");
    for same in [
        &["api://demo/.default"][..],
        &["api://demo/.default", "api://demo/.default"],
        &["API://DEMO/.DEFAULT", "api://demo/.default"],
    ] {
        serves_from_the_cache(&world, &world.application(), &scopes(same)).await;
    }
    assert_eq!(world.store.entries().len(), 1);

    let world = World::new();
    let generic = local_authority(&world);
    world.emulator.script_any(vec![Scripted::token(3_600), Scripted::token(3_600)]);
    world.acquire(&generic, &scopes(&["b", "a"])).await.unwrap();
    for same in [&["a", "b"][..], &["b", "a", "b"], &["a", "a", "b", "b"]] {
        serves_from_the_cache(&world, &generic, &scopes(same)).await;
    }
    let upper = world.acquire(&generic, &scopes(&["A", "b"])).await.unwrap();
    assert_eq!(upper.metadata.token_source, TokenSource::IdentityProvider);
    assert_eq!(world.store.entries().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a29_two_resources_in_one_call_are_refused() {
    let world = World::new();
    for two in [
        &[demo::API_SCOPE, demo::GRAPH_SCOPE][..],
        &[demo::GRAPH_SCOPE, demo::API_SCOPE, demo::GRAPH_SCOPE],
        &["https://vault.azure.net/.default", "https://vault.azure.net//.default"],
    ] {
        let application = world.application();
        refuses(&world, &application, &scopes(two), SCOPES, RejectionCode::NotAllowed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a30_scopes_about_a_signed_in_user_are_refused() {
    let world = world();
    for scope in ["openid", "profile", "offline_access", "OpenId", "OFFLINE_ACCESS"] {
        for application in [world.application(), generic(world)] {
            for request in [scopes(&[scope]), scopes(&[demo::API_SCOPE, scope])] {
                refuses(world, &application, &request, SCOPES, RejectionCode::NotAllowed).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a31_a_resource_with_a_trailing_slash_is_sent_unaltered_and_has_its_own_key() {
    let world = World::new();
    let double = "https://vault.azure.net//.default";
    world.acquire(&world.application(), &scopes(&[double])).await.unwrap();
    let form = form(&only_token_request(&world).body);
    assert_eq!(values(&form, "scope"), [double]);
    let single = world.acquire(&world.application(), &scopes(&[demo::VAULT_SCOPE])).await.unwrap();
    assert_eq!(single.metadata.token_source, TokenSource::IdentityProvider);
    assert_eq!(world.store.entries().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a32_scopes_are_at_most_32_and_4_kib() {
    let world = World::new();
    let generic = local_authority(&world);
    let many = |count: usize| -> TokenRequest {
        let scopes = (0..count).map(|index| format!("scope-{index}")).collect();
        TokenRequest { scopes, options: Vec::new() }
    };
    let equal = TokenRequest { scopes: vec!["same".to_owned(); 33], options: Vec::new() };
    for request in [
        many(33),
        many(1_000),
        many(100_000),
        equal,
        scopes(&[&"x".repeat(4_097)]),
        scopes(&[&"x".repeat(4_096), "y"]),
        scopes(&[&"x".repeat(1 << 20)]),
    ] {
        for application in [&world.application(), &generic] {
            refuses(&world, application, &request, SCOPES, RejectionCode::TooLong).await;
        }
    }
    for request in [many(32), scopes(&[&"x".repeat(4_096)])] {
        world.emulator.script_any(vec![Scripted::token(3_600)]);
        world.acquire(&generic, &request).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a33_claims_that_are_not_a_json_object_are_refused_unquoted() {
    let world = world();
    const MARK: &str = "q7VxN2kRwZ";
    let padding = "x".repeat(1 << 20);
    for (claims, code) in [
        (MARK.to_owned(), RejectionCode::Malformed),
        (String::new(), RejectionCode::Malformed),
        (format!("[\"{MARK}\"]"), RejectionCode::Malformed),
        (format!("\"{MARK}\""), RejectionCode::Malformed),
        ("1".to_owned(), RejectionCode::Malformed),
        ("true".to_owned(), RejectionCode::Malformed),
        ("null".to_owned(), RejectionCode::Malformed),
        (format!("{{\"{MARK}\":1}} {{}}"), RejectionCode::Malformed),
        (format!("{{\"{MARK}\":1"), RejectionCode::Malformed),
        (format!("{{'{MARK}':1}}"), RejectionCode::Malformed),
        (format!("{{\"{MARK}\":1,\"{MARK}\":2}}"), RejectionCode::Malformed),
        (format!("{{\"a\":{{\"{MARK}\":1,\"{MARK}\":2}}}}"), RejectionCode::Malformed),
        (format!("{{\"a\":[{{\"{MARK}\":1,\"{MARK}\":1}}]}}"), RejectionCode::Malformed),
        (format!("{{\"{MARK}\":1,\"q7VxN2kRw\\u005a\":2}}"), RejectionCode::Malformed),
        (format!("\u{feff}{{\"{MARK}\":1}}"), RejectionCode::Malformed),
        (format!("{{\"{MARK}\":1e999}}"), RejectionCode::Malformed),
        (format!("{{\"{MARK}\":\"\\ud800\"}}"), RejectionCode::Malformed),
        (format!("{{\"a\":\"{MARK}{padding}\"}}"), RejectionCode::TooLong),
        (nested("{\"a\":", 2_000), RejectionCode::Malformed),
        (nested("{\"a\":", 10_000), RejectionCode::TooLong),
        (nested("[", 8_000), RejectionCode::Malformed),
        (format!("{{\"a\":{}{}}}", "[".repeat(8_000), "]".repeat(8_000)), RejectionCode::Malformed),
    ] {
        let request = request_options(&world.request(), [RequestOption::Claims(claims.clone())]);
        let rejection =
            refuses(world, &world.application(), &request, "request.options.claims", code).await;
        assert!(!rejection.reason.contains("q7Vx"), "{rejection:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a34_a_claims_challenge_bypasses_the_cache_and_replaces_the_plain_entry() {
    let world = World::new();
    let first = world.acquire_demo().await.unwrap();
    let (key, _) = world.store.only_entry();
    world.store.clear_journal();
    let is_read = |world: &World| world.store.journal().contains(&(Operation::Get, key.clone()));
    let claims = r#"{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}"#;
    let challenged = request_options(&world.request(), [RequestOption::Claims(claims.to_owned())]);
    let renewed = world.acquire(&world.application(), &challenged).await.unwrap();
    assert_eq!(renewed.metadata.cache_refresh_reason, CacheRefreshReason::ForceRefreshOrClaims);
    assert_ne!(renewed.access_token, first.access_token);
    assert!(!is_read(&world), "{:?}", world.store.journal());
    assert_eq!(world.store.only_entry().0, key);
    let sent = form(&world.emulator.token_requests()[1].body);
    let sent: serde_json::Value = serde_json::from_str(values(&sent, "claims")[0]).unwrap();
    assert_eq!(sent, serde_json::from_str::<serde_json::Value>(claims).unwrap());
    let cached = world.acquire_demo().await.unwrap();
    assert_eq!(cached.metadata.token_source, TokenSource::Cache);
    assert_eq!(cached.access_token, renewed.access_token);
    assert_eq!(world.token_requests(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a35_extra_parameters_cannot_override_the_protocol() {
    let world = world();
    for (name, value, code) in [
        ("client_secret", "x", RejectionCode::NotAllowed),
        ("grant_type", "password", RejectionCode::NotAllowed),
        ("client_assertion", "x", RejectionCode::NotAllowed),
        ("client_assertion_type", "x", RejectionCode::NotAllowed),
        ("scope", "x", RejectionCode::NotAllowed),
        ("client_id", "x", RejectionCode::NotAllowed),
        ("claims", "{}", RejectionCode::NotAllowed),
        ("Client_Secret", "x", RejectionCode::NotAllowed),
        ("SCOPE", "", RejectionCode::NotAllowed),
        ("a\r\nb", "x", RejectionCode::Malformed),
        ("a\nb", "x", RejectionCode::Malformed),
        ("a\0b", "x", RejectionCode::Malformed),
        ("", "x", RejectionCode::Malformed),
        ("a", "x\r\ny", RejectionCode::Malformed),
        ("a", "x\ry", RejectionCode::Malformed),
        ("a", "x\0", RejectionCode::Malformed),
        ("a", "x\u{85}", RejectionCode::Malformed),
    ] {
        let pair = vec![(name.to_owned(), value.to_owned())];
        let behind_a_harmless_one =
            vec![("harmless".to_owned(), "x".to_owned()), (name.to_owned(), value.to_owned())];
        for pairs in [pair, behind_a_harmless_one] {
            let body = request_options(
                &world.request(),
                [RequestOption::ExtraBodyParameters(pairs.clone())],
            );
            let field = "request.options.extra-body-parameters";
            refuses(world, &world.application(), &body, field, code).await;
            let query = request_options(
                &world.request(),
                [RequestOption::ExtraQueryParameters(pairs.clone())],
            );
            let field = "request.options.extra-query-parameters";
            refuses(world, &world.application(), &query, field, code).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a35_harmless_parameters_are_sent_as_data() {
    let world = World::new();
    let pairs = [
        ("harmless", "x"),
        ("dc", "ESTS-PUB-WEULR1-AZ1"),
        ("x&client_secret", "y&scope=z"),
        ("ä +", "% =#?/é"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    let request = request_options(
        &world.request(),
        [
            RequestOption::ExtraBodyParameters(pairs.clone()),
            RequestOption::ExtraQueryParameters(pairs.clone()),
        ],
    );
    world.acquire(&world.application(), &request).await.unwrap();
    let sent = only_token_request(&world);
    let (path, query) = sent.target.split_once('?').expect("a query");
    assert_eq!(path, format!("/{}/oauth2/v2.0/token", demo::TENANT));
    assert_eq!(form(query.as_bytes()), pairs, "nothing else is in the query");
    let body = form(&sent.body);
    for (name, value) in &pairs {
        assert_eq!(values(&body, name), [value], "{name}");
    }
    for name in ["client_id", "grant_type", "scope", "client_secret"] {
        assert_eq!(values(&body, name).len(), 1, "{name}");
    }

    serves_from_the_cache(&world, &world.application(), &request).await;
    world.acquire_demo().await.unwrap();
    assert_eq!(world.token_requests(), 2, "they are part of the cache key");
}

#[tokio::test(flavor = "multi_thread")]
async fn a36_a_correlation_id_is_a_guid_and_anything_else_is_refused() {
    let world = World::new();
    let with =
        |id: &str| request_options(&world.request(), [RequestOption::CorrelationId(id.to_owned())]);
    for id in [
        "",
        "x",
        "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee\r\nx-evil: 1",
        "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee\n",
        " aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
        "{aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee}",
        "aaaaaaaabbbbccccddddeeeeeeeeeeee",
        "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeee",
        "gaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
        "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeee\r\n",
    ] {
        let request = with(id);
        let field = "request.options.correlation-id";
        refuses(&world, &world.application(), &request, field, RejectionCode::Malformed).await;
    }
    let id = "AAAAAAAA-bbbb-4ccc-8ddd-EEEEEEEEEEEE";
    let result = world.acquire(&world.application(), &with(id)).await.unwrap();
    let lower = id.to_lowercase();
    assert_eq!(result.metadata.correlation_id.as_deref(), Some(lower.as_str()));
    assert_eq!(only_token_request(&world).header("client-request-id"), Some(lower.as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a37_a_header_that_could_break_the_request_is_refused_without_a_trap() {
    let world = world();
    for (name, value, code) in [
        ("host", "evil.example", Some(RejectionCode::NotAllowed)),
        ("Host", "evil.example", Some(RejectionCode::NotAllowed)),
        ("connection", "close", Some(RejectionCode::NotAllowed)),
        ("transfer-encoding", "chunked", Some(RejectionCode::NotAllowed)),
        ("Content-Length", "0", Some(RejectionCode::NotAllowed)),
        ("content-type", "text/plain", Some(RejectionCode::NotAllowed)),
        ("authorization", "Basic eDp5", Some(RejectionCode::NotAllowed)),
        ("proxy-authorization", "Basic eDp5", Some(RejectionCode::NotAllowed)),
        ("upgrade", "h2c", Some(RejectionCode::NotAllowed)),
        ("client-request-id", "x", Some(RejectionCode::NotAllowed)),
        ("x\r\ny", "z", Some(RejectionCode::Malformed)),
        ("x\0y", "z", Some(RejectionCode::Malformed)),
        ("x:y", "z", Some(RejectionCode::Malformed)),
        ("x y", "z", Some(RejectionCode::Malformed)),
        ("é", "z", Some(RejectionCode::Malformed)),
        ("", "z", Some(RejectionCode::Malformed)),
        (":path", "/", Some(RejectionCode::Malformed)),
        ("x", "a\r\nb", Some(RejectionCode::Malformed)),
        ("x", "a\nb", Some(RejectionCode::Malformed)),
        ("x", "a\0b", Some(RejectionCode::Malformed)),
        ("x", "a\u{7f}b", Some(RejectionCode::Malformed)),
        // wasi:http hosts also forbid these.
        ("keep-alive", "x", None),
        ("proxy-connection", "x", None),
        ("proxy-authenticate", "x", None),
        ("http2-settings", "x", None),
        ("trailer", "x", None),
    ] {
        let request = request_options(
            &world.request(),
            [RequestOption::ExtraHeaders(vec![(name.to_owned(), value.to_owned())])],
        );
        let rejection = rejection(world, &world.application(), &request).await;
        assert_eq!(rejection.field, "request.options.extra-headers", "{name:?}");
        assert!(code.is_none_or(|code| code == rejection.code), "{name:?}: {rejection:?}");
    }
}

/// A host ends an instance that passes it more headers, or a longer URL, than it accepts.
#[tokio::test(flavor = "multi_thread")]
async fn a37_extra_parameters_are_accepted_up_to_the_limit() {
    let most = || -> Vec<_> {
        let pair = |number| (format!("x-parameter-{number:02}"), "%".repeat((16 << 10) / 32 - 14));
        (0..32).map(pair).collect()
    };
    type Option = fn(Vec<(String, String)>) -> RequestOption;
    let cases: [(&str, Option); 3] = [
        ("request.options.extra-body-parameters", RequestOption::ExtraBodyParameters),
        ("request.options.extra-query-parameters", RequestOption::ExtraQueryParameters),
        ("request.options.extra-headers", RequestOption::ExtraHeaders),
    ];
    for (field, option) in cases {
        let world = World::new();
        let request = request_options(&world.request(), [option(most())]);
        world.acquire(&world.application(), &request).await.expect(field);
        let sent = world.emulator.token_requests();
        assert_eq!(sent.len(), 1, "{field}");
        let mut longer = most();
        longer[0].1.push('x');
        let longer = request_options(&request, [option(longer)]);
        let rejection = rejection(&world, &world.application(), &longer).await;
        assert_eq!((&*rejection.field, rejection.code), (field, RejectionCode::TooLong));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a37_a_harmless_header_is_sent_once_and_changes_no_cache_key() {
    let world = World::new();
    let headers = |value: &str| {
        let headers = [
            ("x-harmless", "first"),
            ("X-Harmless", value),
            ("x-empty", ""),
            ("user-agent", "a test/1.0"),
        ];
        RequestOption::ExtraHeaders(
            headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        )
    };
    let request = request_options(&world.request(), [headers("a:b, \"c\"\t~")]);
    // Some values contain a tab, which is a control character.
    let error = world.refused_locally(&world.application(), &request).await;
    assert!(matches!(error.cause, ErrorCause::InvalidRequest(_)));
    let request = request_options(&request, [headers("a:b, \"c\" ~")]);
    world.acquire(&world.application(), &request).await.unwrap();
    let sent = only_token_request(&world);
    let of = |name: &str| {
        let own = sent.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
        own.map(|(_, value)| value.clone()).collect::<Vec<_>>()
    };
    assert_eq!(of("x-harmless"), ["a:b, \"c\" ~"]);
    assert_eq!((of("x-empty"), of("user-agent")), (vec![String::new()], vec!["a test/1.0".into()]));
    assert_eq!((of("host").len(), of("content-length").len()), (1, 1));
    serves_from_the_cache(&world, &world.application(), &world.request()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a38_a_missing_store_means_no_cache_and_one_warning() {
    for (name, fault) in [
        ("", None),
        ("a/b", None),
        ("../default", None),
        ("a\0b", None),
        ("a\r\nb", None),
        ("spaces and é", None),
        (&"x".repeat(256) as &str, None),
        ("unknown", Some(Fault::Error(StoreError::NoSuchStore))),
    ] {
        let world = World::new();
        if let Some(fault) = fault {
            world.store.fail(Operation::Open, fault);
        }
        let application =
            options(&world.application(), [ApplicationOption::CacheStore(name.to_owned())]);
        for _ in 0..2 {
            world.store.clear_journal();
            let result = world.acquire(&application, &world.request()).await.unwrap();
            assert_eq!(result.metadata.token_source, TokenSource::IdentityProvider);
            assert_eq!(result.metadata.warnings.len(), 1, "{name:?}: {:?}", result.metadata);
            assert_eq!(world.store.journal(), [(Operation::Open, name.to_owned())]);
        }
        let removal = world.host.remove_token_for_client(&application, &world.request()).await;
        removal.unwrap().unwrap();
        assert_eq!(world.token_requests(), 2);
        assert_eq!(world.store.entries().len(), 0);
    }
    let world = world();
    let too_long = options(&world.application(), [ApplicationOption::CacheStore("x".repeat(257))]);
    let field = "application.options.cache-store";
    refuses(world, &too_long, &world.request(), field, RejectionCode::TooLong).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a39_a_deadline_of_0_is_refused_and_others_are_clamped() {
    let world = World::new();
    let within = |milliseconds: u32| {
        request_options(&world.request(), [RequestOption::DeadlineMs(milliseconds)])
    };
    let field = "request.options.deadline-ms";
    refuses(&world, &world.application(), &within(0), field, RejectionCode::Malformed).await;

    world.emulator.script_any(vec![Scripted::hang(), Scripted::hang()]);
    let error = world.acquire(&world.application(), &within(1)).await.unwrap_err();
    assert!(matches!(error.cause, ErrorCause::Unreachable(_)), "{error:?}");
    let metadata = error.metadata.expect("the call began");
    assert!(metadata.duration_total_us < 1_000_000, "{metadata:?}");
    world.emulator.clear_scripts();

    for milliseconds in [600_000, 600_001, u32::MAX] {
        let request = request_options(&within(milliseconds), [RequestOption::ForceRefresh]);
        world.acquire(&world.application(), &request).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a40_an_argument_of_16_mib_uses_no_more_memory_than_itself() {
    let world = World::new();
    let store = JournalStore::default();
    let host = Host::builder()
        .max_memory(128 << 20)
        .max_instances(1)
        .store(Arc::new(store.clone()))
        .network(Network::builder().deny_all().build().unwrap())
        .build()
        .unwrap();
    let demo = world.application();
    let mut copied = Vec::new();
    for (name, application, request) in with_each_argument(&world, &"A".repeat(16 << 20)) {
        let mut instance = host.instance().await.unwrap();
        let answer = instance.acquire_token_for_client(&application, &request).await;
        let Ok(Err(error)) = answer else {
            panic!("{name}: {answer:?}");
        };
        let is_local =
            matches!(error.cause, ErrorCause::InvalidRequest(_) | ErrorCause::InvalidCredential(_));
        assert!(is_local && error.metadata.is_none(), "{name}: {error:?}");
        assert!(format!("{error:?}").len() < 1_024, "{name}: the error does not quote it");
        let peak = instance.statistics().peak_memory;
        if peak > 20 << 20 {
            copied.push((name, peak));
        }
        let next = instance.acquire_token_for_client(&demo, &TokenRequest::new("x")).await;
        assert!(next.unwrap().is_err(), "{name}: the instance still works");
    }
    assert!(store.journal().is_empty(), "{:?}", store.journal());
    assert!(copied.is_empty(), "copied before their length was checked: {copied:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a40_an_argument_that_does_not_fit_ends_its_own_call_only() {
    let world = World::new();
    for (name, application, request) in with_each_argument(&world, &"A".repeat(16 << 20)) {
        let answer = world.host.acquire_token_for_client(&application, &request).await;
        let error = answer.map(|answer| answer.is_ok()).unwrap_err();
        let is_limit = matches!(error, HostError::MemoryLimit(_) | HostError::Trap(_));
        assert!(is_limit, "{name}: {error}");
    }
    assert_eq!(world.emulator.connections(), 0);
    assert!(world.store.journal().is_empty());
    world.acquire_demo().await.unwrap();
}

/// The host's types are `String`, which is always UTF-8. The command line is the only other way in, and must not pass such
/// bytes on to the component.
#[tokio::test(flavor = "multi_thread")]
async fn a41_text_that_is_not_utf_8_does_not_reach_the_component() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    for bytes in
        [&b"q7VxN2kR\xff"[..], b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe2\x82"]
    {
        assert!(String::from_utf8(bytes.to_vec()).is_err());
        std::fs::write(&file, bytes).unwrap();
        for flag in ["--client-secret-file", "--assertion-file"] {
            let authority = format!("{}/{}", world.emulator.http_url(), demo::TENANT);
            let output = command_line()
                .args(["acquire", "--authority", &authority, "--allow-insecure-loopback"])
                .args(["--client-id", demo::CLIENT_ID, "--scope", demo::API_SCOPE, flag])
                .arg(&file)
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(1));
            let message = String::from_utf8(output.stderr).unwrap();
            assert!(message.contains("not UTF-8"), "{message}");
            assert!(!message.contains("q7Vx"), "{message}");
        }
    }
    assert_eq!(world.emulator.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a42_ten_thousand_calls_in_one_instance_use_no_more_memory_than_a_few() {
    let world = World::new();
    let (application, request) = (world.application(), world.request());
    let mut instance = world.host.instance().await.unwrap();
    let first = instance.acquire_token_for_client(&application, &request).await.unwrap().unwrap();
    let mut after_a_few = 0;
    for call in 0..10_000 {
        let result =
            instance.acquire_token_for_client(&application, &request).await.unwrap().unwrap();
        assert_eq!(result.metadata.token_source, TokenSource::Cache);
        assert_eq!(result.access_token, first.access_token);
        assert_eq!(result.expires_on, first.expires_on);
        assert_eq!(result.scopes, first.scopes);
        assert!(result.metadata.warnings.is_empty(), "{:?}", result.metadata);
        if call == 10 {
            after_a_few = instance.statistics().peak_memory;
        }
    }
    assert_eq!(instance.statistics().peak_memory, after_a_few);
    assert_eq!(world.token_requests(), 1);
}

/// Asserts that a tenant is refused in every way of passing it, and returns the rejections.
async fn refuses_tenant(tenant: &str, code: RejectionCode) -> Vec<Rejection> {
    let world = world();
    let bare = with_authority(world, tenant);
    let url = with_authority(world, &format!("https://login.microsoftonline.com/{tenant}"));
    let request = world.request();
    vec![
        refuses(world, &bare, &request, AUTHORITY, code).await,
        refuses(world, &url, &request, AUTHORITY, code).await,
        refuses(world, &world.application(), &with_tenant(world, tenant), TENANT, code).await,
    ]
}

async fn refused_authority(world: &World, application: &Application) -> Rejection {
    let rejection = rejection(world, application, &world.request()).await;
    assert_eq!(rejection.field, AUTHORITY, "{}: {rejection:?}", application.authority);
    rejection
}

async fn refuses(
    world: &World,
    application: &Application,
    request: &TokenRequest,
    field: &str,
    code: RejectionCode,
) -> Rejection {
    let rejection = rejection(world, application, request).await;
    let found = (rejection.field.as_str(), rejection.code);
    assert_eq!(found, (field, code), "{application:?} {request:?}: {rejection:?}");
    rejection
}

/// Asserts that both functions refuse the arguments before anything leaves the component.
async fn rejection(world: &World, application: &Application, request: &TokenRequest) -> Rejection {
    let error = world.refused_locally(application, request).await;
    assert!(error.metadata.is_none(), "the call has begun: {error:?}");
    let removal =
        world.host.remove_token_for_client(application, request).await.expect("the host works");
    let removal = removal.expect_err("removal is also refused");
    assert!(world.store.journal().is_empty(), "the store was used: {removal:?}");
    assert_eq!(format!("{:?}", removal.cause), format!("{:?}", error.cause));
    match error.cause {
        ErrorCause::InvalidRequest(rejection) | ErrorCause::InvalidCredential(rejection) => {
            rejection
        }
        other => panic!("expected the caller's fault: {other:?}"),
    }
}

async fn serves_from_the_cache(world: &World, application: &Application, request: &TokenRequest) {
    let requests = world.token_requests();
    let result = world.acquire(application, request).await.unwrap();
    assert_eq!(result.metadata.token_source, TokenSource::Cache, "{application:?} {request:?}");
    assert_eq!(world.token_requests(), requests);
}

/// Registers an application, gets a token for it, and asserts that client ID and secret arrive unaltered.
async fn acquires_as(world: &World, client_id: &str, value: &str) {
    let registered = RegisteredApplication::new(client_id)
        .in_tenant(demo::TENANT)
        .with_secret(ClientSecret::new(value));
    world.emulator.add_application(registered).unwrap();
    world.emulator.clear_requests();
    let application =
        Application { client_id: client_id.to_owned(), ..world.application_with(secret(value)) };
    world.acquire(&application, &world.request()).await.unwrap();
    let form = form(&only_token_request(world).body);
    assert_eq!(values(&form, "client_id"), [client_id]);
    assert_eq!(values(&form, "client_secret"), [value]);
    assert_eq!(values(&form, "grant_type"), ["client_credentials"]);
    assert_eq!(values(&form, "scope"), [demo::API_SCOPE]);
}

/// A shared world for tests that send nothing.
fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(World::new)
}

/// A network in which these names and ports resolve to the emulator.
fn network(emulator: &Emulator, names: &[(&str, u16)]) -> Network {
    let address = emulator.https_address();
    let mut network = Network::builder().ca_certificate_pem(emulator.ca_certificate_pem());
    for (name, port) in names {
        network = network.resolve(format!("{name}:{port}:{address}"));
    }
    network.build().unwrap()
}

fn with_authority(world: &World, authority: &str) -> Application {
    Application { authority: authority.to_owned(), ..world.application() }
}

fn with_loopback(application: &Application) -> Application {
    options(application, [ApplicationOption::AllowInsecureLoopback])
}

/// The emulator under a name that is not Microsoft's.
fn local_authority(world: &World) -> Application {
    with_authority(world, &format!("{}/{}", world.emulator.https_url(), demo::TENANT))
}

/// A server that is not Microsoft's, for calls that never reach it.
fn generic(world: &World) -> Application {
    with_authority(world, "https://sts.example/contoso")
}

fn with_tenant(world: &World, tenant: &str) -> TokenRequest {
    request_options(&world.request(), [RequestOption::Tenant(tenant.to_owned())])
}

fn scopes(scopes: &[&str]) -> TokenRequest {
    TokenRequest {
        scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
        options: Vec::new(),
    }
}

/// One valid credential of each kind.
fn credentials() -> (Credential, Credential, Credential) {
    let source = CertificateSource::Pem(key_text("rsa2048.pem"));
    (
        secret(demo::client_secret()),
        Credential::Certificate(Certificate::new(source)),
        Credential::Assertion("eyJhbGciOiJub25lIn0.e30.c2ln".to_owned()),
    )
}

/// One variant of the demo call for each argument that may be a text, with this text as its value.
fn with_each_argument(world: &World, text: &str) -> Vec<(&'static str, Application, TokenRequest)> {
    let mut calls = Vec::new();
    let mut application = |name: &'static str, change: &dyn Fn(&mut Application)| {
        let mut changed = world.application();
        change(&mut changed);
        calls.push((name, changed, world.request()));
    };
    let owned = || text.to_owned();
    application("client-id", &|it| it.client_id = owned());
    application("authority", &|it| it.authority = owned());
    application("authority URL", &|it| it.authority = format!("https://{text}/contoso.com"));
    application("authority path", &|it| it.authority = format!("https://sts.example/{text}"));
    application("secret", &|it| it.credentials = vec![Credential::Secret(owned())]);
    application("assertion", &|it| it.credentials = vec![Credential::Assertion(owned())]);
    let certificate = |change: &dyn Fn(&mut Certificate)| {
        let source = CertificateSource::Pem(key_text("rsa2048.pem"));
        let mut certificate = Certificate::new(source);
        change(&mut certificate);
        vec![Credential::Certificate(certificate)]
    };
    application("pem", &|it| {
        it.credentials = certificate(&|it| it.source = CertificateSource::Pem(owned()));
    });
    application("pkcs12", &|it| {
        it.credentials =
            certificate(&|it| it.source = CertificateSource::Pkcs12(owned().into_bytes()));
    });
    let mut certificate_option = |name: &'static str, option: CertificateOption| {
        application(name, &|it| {
            it.credentials = certificate(&|it| it.options = vec![option.clone()]);
        });
    };
    certificate_option("passphrase", CertificateOption::Passphrase(owned()));
    certificate_option("thumbprint", CertificateOption::Thumbprint(owned()));
    certificate_option("extra-claims", CertificateOption::ExtraClaims(owned()));
    let mut option = |name: &'static str, option: ApplicationOption| {
        application(name, &|it| it.options = vec![option.clone()]);
    };
    option("region", ApplicationOption::Region(owned()));
    option("client-capabilities", ApplicationOption::ClientCapabilities(vec![owned()]));
    option("cache-keys", ApplicationOption::CacheKeys(vec![owned().into_bytes()]));
    option("cache-store", ApplicationOption::CacheStore(owned()));
    option("app-name", ApplicationOption::AppName(owned()));
    option("app-version", ApplicationOption::AppVersion(owned()));
    let metadata = |change: &dyn Fn(&mut InstanceMetadata)| {
        let mut cloud = InstanceMetadata {
            preferred_network: "a.example".to_owned(),
            preferred_cache: "a.example".to_owned(),
            aliases: vec!["a.example".to_owned()],
        };
        change(&mut cloud);
        ApplicationOption::InstanceMetadata(vec![cloud])
    };
    option("preferred-network", metadata(&|cloud| cloud.preferred_network = owned()));
    option("preferred-cache", metadata(&|cloud| cloud.preferred_cache = owned()));
    option("alias", metadata(&|cloud| cloud.aliases.push(owned())));

    let scopes = TokenRequest { scopes: vec![owned()], options: Vec::new() };
    calls.push(("scopes", world.application(), scopes));
    let mut option = |name: &'static str, option: RequestOption| {
        calls.push((name, world.application(), world.request().with(option)));
    };
    option("tenant", RequestOption::Tenant(owned()));
    option("claims", RequestOption::Claims(owned()));
    option("claims-from-client", RequestOption::ClaimsFromClient(owned()));
    option("refresh-if-sha256", RequestOption::RefreshIfSha256(owned()));
    option("correlation-id", RequestOption::CorrelationId(owned()));
    option("fmi-path", RequestOption::FmiPath(owned()));
    option("attributes", RequestOption::Attributes(owned()));
    option("attribute-tokens", RequestOption::AttributeTokens(vec![owned()]));
    let name = || vec![(owned(), String::new())];
    let value = || vec![("name".to_owned(), owned())];
    option("extra-body-parameters name", RequestOption::ExtraBodyParameters(name()));
    option("extra-body-parameters value", RequestOption::ExtraBodyParameters(value()));
    option("extra-query-parameters name", RequestOption::ExtraQueryParameters(name()));
    option("extra-query-parameters value", RequestOption::ExtraQueryParameters(value()));
    option("extra-headers name", RequestOption::ExtraHeaders(name()));
    option("extra-headers value", RequestOption::ExtraHeaders(value()));
    option("extra-assertion-claims", RequestOption::ExtraAssertionClaims(owned()));
    calls
}

fn only_token_request(world: &World) -> RecordedRequest {
    let requests = world.emulator.token_requests();
    assert_eq!(requests.len(), 1);
    requests.into_iter().next().expect("a request")
}

/// A form, parsed here by the URL standard's algorithm, independently of the crates in use.
fn form(body: &[u8]) -> Vec<(String, String)> {
    let pairs = body.split(|&byte| byte == b'&').map(|pair| {
        let equals = pair.iter().position(|&byte| byte == b'=').expect("a name and a value");
        (decoded(&pair[..equals]), decoded(&pair[equals + 1..]))
    });
    pairs.collect()
}

fn decoded(mut bytes: &[u8]) -> String {
    let mut decoded = Vec::new();
    loop {
        bytes = match bytes {
            [] => return String::from_utf8(decoded).expect("UTF-8"),
            [b'%', high, low, rest @ ..] => {
                let digits = [*high, *low].map(char::from).iter().collect::<String>();
                decoded.push(u8::from_str_radix(&digits, 16).expect("two digits"));
                rest
            }
            [b'+', rest @ ..] => {
                decoded.push(b' ');
                rest
            }
            [byte, rest @ ..] => {
                let is_safe = byte.is_ascii_alphanumeric() || b"*-._".contains(byte);
                assert!(is_safe, "{} is not encoded", char::from(*byte));
                decoded.push(*byte);
                rest
            }
        };
    }
}

fn values<'a>(form: &'a [(String, String)], name: &str) -> Vec<&'a str> {
    form.iter().filter(|(own, _)| own == name).map(|(_, value)| value.as_str()).collect()
}

/// Nested objects or arrays, correctly closed.
fn nested(opening: &str, depth: usize) -> String {
    let closing = if opening.starts_with('{') { "}" } else { "]" };
    let inside = if opening.starts_with('{') { "1" } else { "" };
    format!("{}{inside}{}", opening.repeat(depth), closing.repeat(depth))
}

fn printable_ascii() -> String {
    (0x20..=0x7e_u8).map(char::from).collect()
}

const AUTHORITY: &str = "application.authority";
const CREDENTIALS: &str = "application.credentials";
const REGION: &str = "application.options.region";
const SCOPES: &str = "request.scopes";
const TENANT: &str = "request.options.tenant";
const VALIDATE_AUTHORITY: &str = "application.options.validate-authority";

const SECRET: &str = "emulator-only~of-a-test";
