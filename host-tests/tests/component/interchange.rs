//! Export and import of tokens in the unified cache schema that the MSALs share.

use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use msal_artifact::Artifact;
use msal_emulator::Scripted;
use msal_emulator::demo;
use msal_host::Host;
use msal_host::contract::AcquireError;
use msal_host::contract::Application;
use msal_host::contract::ApplicationOption;
use msal_host::contract::CacheRefreshReason;
use msal_host::contract::Certificate;
use msal_host::contract::CertificateSource;
use msal_host::contract::Credential;
use msal_host::contract::ErrorCause;
use msal_host::contract::ImportReport;
use msal_host::contract::RejectionCode;
use msal_host::contract::RequestOption;
use msal_host::contract::TokenRequest;
use msal_host::contract::TokenSource;
use msal_host::store::StoreError;
use msal_host_tests::Canary;
use msal_host_tests::Fault;
use msal_host_tests::Operation;
use msal_host_tests::World;
use msal_host_tests::built;
use msal_host_tests::key_text;
use msal_host_tests::options;
use msal_host_tests::rejection;
use msal_host_tests::request_options;
use msal_host_tests::secret;
use msal_host_tests::unexpired_cache;
use serde_json::Value;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn an_exported_token_is_served_from_another_store_by_another_host() {
    let (here, there) = (World::new(), World::new());
    let first = here.acquire_demo().await.unwrap();
    let text = export(&here.host, &here.application(), &[here.request()]).await.unwrap();

    let elsewhere = there.host_of(built(Artifact::ComponentDraft));
    let report = import(&elsewhere, &there.application(), &text).await.unwrap();
    assert_eq!((report.imported, report.skipped), (1, 0));
    let hit = there.acquire_demo().await.unwrap();
    assert_eq!(hit.metadata.token_source, TokenSource::Cache);
    assert_eq!(hit.access_token, first.access_token);
    assert_eq!((hit.expires_on, hit.refresh_on), (first.expires_on, first.refresh_on));
    assert_eq!(hit.scopes, first.scopes);
    assert_eq!(there.emulator.connections(), 0);

    let back = export(&there.host, &there.application(), &[there.request()]).await.unwrap();
    assert_eq!(parsed(&back), parsed(&text));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_time_survives_export_and_import() {
    let here = World::with(|emulator| emulator.token_lifetime(Some(7_200)));
    let there = World::new();
    let first = here.acquire_demo().await.unwrap();
    assert!(first.refresh_on.is_some());
    let text = export(&here.host, &here.application(), &[here.request()]).await.unwrap();
    import(&there.host, &there.application(), &text).await.unwrap();
    assert_eq!(there.acquire_demo().await.unwrap().refresh_on, first.refresh_on);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_several_scopes_and_tenants_are_exported_together() {
    let (here, there) = (World::new(), World::new());
    let other_tenant =
        request_options(&here.request(), [RequestOption::Tenant(demo::OTHER_TENANT.to_owned())]);
    let requests = [here.request(), TokenRequest::new(demo::OTHER_API_SCOPE), other_tenant];
    let mut tokens = Vec::new();
    for request in &requests {
        tokens.push(here.acquire(&here.application(), request).await.unwrap().access_token);
    }
    let text = export(&here.host, &here.application(), &requests).await.unwrap();
    let report = import(&there.host, &there.application(), &text).await.unwrap();
    assert_eq!((report.imported, report.skipped), (3, 0));
    for (request, token) in requests.iter().zip(&tokens) {
        let hit = there.acquire(&there.application(), request).await.unwrap();
        assert_eq!(&hit.access_token, token);
    }
    assert_eq!(there.emulator.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ad_fs_token_is_exported_without_a_tenant() {
    let at_adfs = |world: &World| Application {
        authority: "https://fs.contoso.example/adfs".to_owned(),
        ..world.application()
    };
    let [here, there] = [(); 2].map(|()| World::answering_as(&["fs.contoso.example"], |it| it));
    let first = here.acquire(&at_adfs(&here), &here.request()).await.unwrap();
    let text = export(&here.host, &at_adfs(&here), &[here.request()]).await.unwrap();
    let report = import(&there.host, &at_adfs(&there), &text).await.unwrap();
    assert_eq!((report.imported, report.skipped), (1, 0));
    let hit = there.acquire(&at_adfs(&there), &there.request()).await.unwrap();
    assert_eq!(hit.access_token, first.access_token);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ad_fs_token_with_the_realm_of_other_libraries_is_imported() {
    let world = World::answering_as(&["fs.contoso.example"], |it| it);
    let authority = "https://fs.contoso.example/adfs".to_owned();
    let application = Application { authority, ..world.application() };
    let text = cache_of(entry(|entry| {
        entry["environment"] = "fs.contoso.example".into();
        entry["realm"] = "adfs".into();
    }));
    let report = import(&world.host, &application, &text).await.unwrap();
    assert_eq!((report.imported, report.skipped), (1, 0));
    let hit = world.acquire(&application, &world.request()).await.unwrap();
    assert_eq!(hit.access_token, "a-token");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_an_authority_with_a_port_is_exported() {
    let (here, there) = (World::new(), World::new());
    let authority = format!("{}/{}", here.emulator.http_url(), demo::TENANT);
    let application = Application { authority, ..here.application() };
    let application = options(&application, [ApplicationOption::AllowInsecureLoopback]);
    let first = here.acquire(&application, &here.request()).await.unwrap();
    let text = export(&here.host, &application, &[here.request()]).await.unwrap();
    let report = import(&there.host, &application, &text).await.unwrap();
    assert_eq!((report.imported, report.skipped), (1, 0));
    let hit = there.acquire(&application, &there.request()).await.unwrap();
    assert_eq!(hit.access_token, first.access_token);
}

/// Another server on the host, or a name that differs in case only, may be someone else's.
#[tokio::test(flavor = "multi_thread")]
async fn port_and_case_are_compared_exactly_for_other_servers_than_microsofts() {
    let world = World::new();
    let port = world.emulator.http_url().rsplit(':').next().unwrap().to_owned();
    let authority = format!("{}/Tenant", world.emulator.http_url());
    let application = Application { authority, ..world.application() };
    let application = options(&application, [ApplicationOption::AllowInsecureLoopback]);
    let there = format!("127.0.0.1:{port}");
    let id = demo::CLIENT_ID;
    for (environment, client_id, realm, is_own) in [
        (there.as_str(), id, "Tenant", true),
        ("127.0.0.1", id, "Tenant", false),
        ("127.0.0.1:1", id, "Tenant", false),
        (&there, &*id.to_uppercase(), "Tenant", false),
    ] {
        let text = cache_of(entry(|entry| {
            entry["environment"] = environment.into();
            entry["client_id"] = client_id.into();
            entry["realm"] = realm.into();
        }));
        let report = import(&world.host, &application, &text).await.unwrap();
        assert_eq!(report.imported == 1, is_own, "{environment} {client_id}");
    }
    let text = export(&world.host, &application, &[world.request()]).await.unwrap();
    assert_eq!(entries(&text).len(), 2);
    // The entry is of the tenant in lower case, which is another one here.
    let text = cache_of(entry(|entry| {
        entry["environment"] = there.as_str().into();
        entry["realm"] = "tenant".into();
        entry["secret"] = "of-another-tenant".into();
    }));
    import(&world.host, &application, &text).await.unwrap();
    let hit = world.acquire(&application, &world.request()).await.unwrap();
    assert_eq!(hit.access_token, "a-token");
}

#[tokio::test(flavor = "multi_thread")]
async fn scopes_that_differ_in_case_only_are_both_exported() {
    let world = World::new();
    let authority = format!("{}/{}", world.emulator.http_url(), demo::TENANT);
    let application = Application { authority, ..world.application() };
    let application = options(&application, [ApplicationOption::AllowInsecureLoopback]);
    let requests = ["read", "Read"].map(TokenRequest::new);
    for request in &requests {
        let target = request.scopes.join(" ");
        let text = cache_of(entry(|entry| {
            entry["environment"] = world.emulator.http_url()["http://".len()..].into();
            entry["target"] = target.as_str().into();
            entry["secret"] = format!("token-{target}").into();
        }));
        assert_eq!(import(&world.host, &application, &text).await.unwrap().imported, 1);
    }
    let text = export(&world.host, &application, &requests).await.unwrap();
    let mut secrets: Vec<String> =
        entries(&text).values().map(|it| it["secret"].as_str().unwrap().to_owned()).collect();
    secrets.sort();
    assert_eq!(secrets, ["token-Read", "token-Read", "token-read", "token-read"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_omits_unusable_and_special_tokens() {
    let world = World::new();
    world.acquire_demo().await.unwrap();
    let special = request_options(&world.request(), [RequestOption::FmiPath("/one".to_owned())]);
    world.acquire(&world.application(), &special).await.unwrap();
    let unasked = TokenRequest::new(demo::OTHER_API_SCOPE);
    let text = export(&world.host, &world.application(), &[special, unasked]).await.unwrap();
    assert!(entries(&text).is_empty());

    let wrong =
        Application { credentials: vec![secret("emulator-only~another")], ..world.application() };
    let text = export(&world.host, &wrong, &[world.request()]).await.unwrap();
    assert!(entries(&text).is_empty(), "another secret cannot open the entry");

    world.set_clock_offset(20_000);
    let text = export(&world.host, &world.application(), &[world.request()]).await.unwrap();
    assert!(entries(&text).is_empty(), "it has expired");
    assert_eq!(world.token_requests(), 2, "an export sends no request");
}

/// The cache keys open the entry, but do not show whose token it is.
#[tokio::test(flavor = "multi_thread")]
async fn with_cache_keys_only_the_credential_that_acquired_a_token_exports_it() {
    let keys = |keys: &[u8]| {
        ApplicationOption::CacheKeys(keys.iter().map(|&byte| vec![byte; 32]).collect())
    };
    let new = secret("emulator-only~renewed");
    let certificate = Certificate::new(CertificateSource::Pem(key_text("rsa2048.pem")));
    let certificate = Credential::Certificate(certificate);
    for credential in [secret(demo::client_secret()), certificate] {
        let world = World::new();
        let with = |credentials, option| {
            options(&Application { credentials, ..world.application() }, [option])
        };
        world.emulator.script_any(vec![Scripted::token(3_600)]);
        let acquirer = with(vec![credential.clone()], keys(&[1]));
        world.acquire(&acquirer, &world.request()).await.unwrap();
        for (credentials, option, is_exported) in [
            (vec![credential.clone()], keys(&[1]), true),
            (vec![new.clone()], keys(&[1]), false),
            (vec![new.clone(), credential.clone()], keys(&[1]), true),
            (vec![credential.clone()], keys(&[2, 1]), true),
            (vec![new.clone()], keys(&[2, 1]), false),
        ] {
            let exporter = with(credentials, option);
            let text = export(&world.host, &exporter, &[world.request()]).await.unwrap();
            assert_eq!(!entries(&text).is_empty(), is_exported, "{exporter:?}");
        }
        let assertion = with(vec![Credential::Assertion("e30.e30.c2ln".to_owned())], keys(&[1]));
        let error = export(&world.host, &assertion, &[world.request()]).await.unwrap_err();
        assert_eq!(rejection(&error).field, "application.credentials");
        assert_eq!(rejection(&error).code, RejectionCode::NotAllowed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_the_second_credential_or_of_an_import_is_exported_by_the_same_credential() {
    let (here, there) = (World::new(), World::new());
    let keys = ApplicationOption::CacheKeys(vec![vec![1; 32]]);
    let (wrong, right) = (secret("emulator-only~another"), secret(demo::client_secret()));
    let with = |credentials: &[&Credential]| {
        let credentials = credentials.iter().map(|&it| it.clone()).collect();
        options(&Application { credentials, ..here.application() }, [keys.clone()])
    };
    let result = here.acquire(&with(&[&wrong, &right]), &here.request()).await.unwrap();
    assert_eq!(result.metadata.credential_index, Some(1));
    let text = export(&here.host, &with(&[&right]), &[here.request()]).await.unwrap();
    assert_eq!(entries(&text).len(), 2);
    let none = export(&here.host, &with(&[&wrong]), &[here.request()]).await.unwrap();
    assert!(entries(&none).is_empty());

    import(&there.host, &with(&[&right]), &text).await.unwrap();
    let back = export(&there.host, &with(&[&right]), &[there.request()]).await.unwrap();
    assert_eq!(parsed(&back), parsed(&text));
    let none = export(&there.host, &with(&[&wrong]), &[there.request()]).await.unwrap();
    assert!(entries(&none).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exported_entry_has_the_members_that_the_libraries_read() {
    let world = World::new();
    let first = world.acquire_demo().await.unwrap();
    let text = export(&world.host, &world.application(), &[world.request()]).await.unwrap();
    let entries = entries(&text);
    assert!(!entries.is_empty());
    for (key, entry) in &entries {
        assert_eq!(entry["credential_type"], "AccessToken");
        assert_eq!(entry["client_id"], demo::CLIENT_ID);
        assert_eq!(entry["realm"], demo::TENANT);
        assert_eq!(entry["environment"], "login.microsoftonline.com");
        assert_eq!(entry["target"], demo::API_SCOPE);
        assert_eq!(entry["secret"], first.access_token);
        assert_eq!(entry["expires_on"], first.expires_on.to_string());
        assert!(entry["home_account_id"].is_null() || entry["home_account_id"] == "");
        assert_eq!(*key, key.to_lowercase());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_token_is_sealed_like_an_acquired_one() {
    let world = World::new();
    let token = "q7VxN2kRwZ~tP4.mYb8s_Lc3Jd+hF9.gA";
    let report = import_entry(&world, entry(|it| it["secret"] = token.into())).await;
    assert_eq!((report.imported, report.skipped), (1, 0));
    let canary = Canary::new("the token", token);
    for (key, value) in world.store.entries() {
        assert_eq!(canary.find(key.as_bytes()), None);
        assert_eq!(canary.find(&value), None);
    }
    assert_eq!(world.acquire_demo().await.unwrap().access_token, token);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_spelling_of_our_entries_is_imported() {
    type Change = fn(&mut Value);
    let changes: [(&str, Change); 9] = [
        ("as it is", |_| {}),
        ("an alias", |it| it["environment"] = "login.windows.net".into()),
        ("no account", |it| it["home_account_id"] = "".into()),
        ("numbers", |it| it["expires_on"] = (now() + 3_000).into()),
        ("lower case", |it| it["credential_type"] = "accesstoken".into()),
        ("no token type", |it| it["token_type"] = Value::Null),
        ("no extensions", |it| it["ext"] = json!({})),
        ("no extension's hash", |it| it["ext_cache_key"] = "".into()),
        ("more members", |it| it["something_new"] = json!({"a": [1]})),
    ];
    for (name, change) in changes {
        let world = World::new();
        let report = import_entry(&world, entry(change)).await;
        assert_eq!((report.imported, report.skipped), (1, 0), "{name}");
        let hit = world.acquire_demo().await.unwrap();
        assert_eq!(hit.access_token, "a-token", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e09_foreign_and_unreadable_entries_are_skipped() {
    type Change = fn(&mut Value);
    let changes: [(&str, Change); 20] = [
        ("another client", |it| it["client_id"] = demo::OTHER_CLIENT_ID.into()),
        ("a user", |it| it["home_account_id"] = "uid.utid".into()),
        ("another cloud", |it| it["environment"] = "login.microsoftonline.us".into()),
        ("a look-alike", |it| it["environment"] = "login.microsoftonline.com.evil.example".into()),
        ("a bound token", |it| it["token_type"] = "pop".into()),
        ("a key", |it| it["key_id"] = "k".into()),
        ("on behalf", |it| it["user_assertion_hash"] = "h".into()),
        ("claims", |it| it["requestedClaimsHash"] = "h".into()),
        ("extensions", |it| it["ext"] = json!({"fmi_path": "a/path"})),
        ("a refresh token", |it| it["credential_type"] = "RefreshToken".into()),
        ("expired", |it| it["expires_on"] = (now() - 10).to_string().into()),
        ("about to expire", |it| {
            it["cached_at"] = (now() - 3_400).to_string().into();
            it["expires_on"] = (now() + 200).to_string().into();
        }),
        ("for ever", |it| it["expires_on"] = "253402300799".into()),
        ("no expiry", |it| it["expires_on"] = Value::Null),
        ("a text", |it| it["expires_on"] = "tomorrow".into()),
        ("of the future", |it| it["cached_at"] = (now() + 4_000).to_string().into()),
        ("no token", |it| it["secret"] = Value::Null),
        ("a token with a line end", |it| it["secret"] = "a\r\nx: y".into()),
        ("no scope", |it| it["target"] = "".into()),
        ("an invalid tenant", |it| it["realm"] = "../common".into()),
    ];
    for (name, change) in changes {
        let world = World::new();
        let report = import_entry(&world, entry(change)).await;
        assert_eq!((report.imported, report.skipped), (0, 1), "{name}");
        assert!(world.store.entries().is_empty(), "{name}");
        let result = world.acquire_demo().await.unwrap();
        assert_eq!(result.metadata.token_source, TokenSource::IdentityProvider, "{name}");
    }
    for no_object in [json!(null), json!([]), json!("a-token"), json!(1), json!({})] {
        let report = import_entry(&World::new(), no_object).await;
        assert_eq!((report.imported, report.skipped), (0, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn our_entries_among_others_are_imported_and_the_rest_is_counted() {
    let world = World::new();
    let text = json!({
        "Account": {"uid.utid-host-realm": {"username": "user"}},
        "RefreshToken": {"r": {"secret": "a-refresh-token", "client_id": demo::CLIENT_ID}},
        "IdToken": {}, "AppMetadata": {},
        "AccessToken": {
            "own": entry(|_| {}),
            "the same again": entry(|it| it["home_account_id"] = "".into()),
            "own too": entry(|it| it["target"] = demo::OTHER_API_SCOPE.into()),
            "of another client": entry(|it| it["client_id"] = demo::OTHER_CLIENT_ID.into()),
            "of a user": entry(|it| it["home_account_id"] = "uid.utid".into()),
        },
    });
    let report = import(&world.host, &world.application(), &text.to_string()).await.unwrap();
    assert_eq!((report.imported, report.skipped), (2, 2));
    assert_eq!(world.store.entries().len(), 2);
}

/// The mark of the second file was reported as "not a JSON object".
#[tokio::test(flavor = "multi_thread")]
async fn cache_files_of_other_libraries_are_imported_with_and_without_a_byte_order_mark() {
    for name in ["cache-python.json", "cache-bom.json"] {
        let world = World::new();
        let authority = "c0970500-0000-4000-8000-000000000001".to_owned();
        let client_id = "11111111-aaaa-4000-8000-000000000011".to_owned();
        let application = Application { authority, client_id, ..world.application() };
        let report = import(&world.host, &application, &unexpired_cache(name)).await.unwrap();
        assert_eq!((report.imported, report.skipped), (1, 0), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_client_cannot_use_an_imported_token() {
    let world = World::new();
    import_entry(&world, entry(|_| {})).await;
    let other = Application {
        client_id: demo::OTHER_CLIENT_ID.to_owned(),
        credentials: vec![secret(demo::other_client_secret())],
        ..world.application()
    };
    let result = world.acquire(&other, &world.request()).await.unwrap();
    assert_eq!(result.metadata.cache_refresh_reason, CacheRefreshReason::NoCachedAccessToken);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_of_more_than_1_mib_is_refused_before_it_is_read() {
    let world = World::new();
    for length in [(1 << 20) + 1, 4 << 20] {
        let error = refused(&world, &"{".repeat(length)).await;
        assert_eq!(rejection(&error).code, RejectionCode::TooLong);
    }
    let padding = (1 << 20) - cache_of(entry(|_| {})).len();
    let full = format!("{}{}", " ".repeat(padding), cache_of(entry(|_| {})));
    let report = import(&world.host, &world.application(), &full).await.unwrap();
    assert_eq!(report.imported, 1, "1 MiB is accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cache_of_a_thousand_entries_is_imported() {
    let world = World::new();
    let mut tokens = serde_json::Map::new();
    for number in 0..1_000 {
        let target = format!("api://demo{number}/.default");
        tokens.insert(number.to_string(), entry(|it| it["target"] = target.into()));
    }
    let text = json!({ "AccessToken": tokens }).to_string();
    let report = import(&world.host, &world.application(), &text).await.unwrap();
    assert_eq!((report.imported, report.skipped), (1_000, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_cache_is_a_clean_error_that_quotes_nothing() {
    let world = World::new();
    let own = cache_of(entry(|it| it["secret"] = "marked-secret".into()));
    let cut = &own[..own.len() - 1];
    let twice = r#"{"AccessToken":{},"AccessToken":{"marked-secret":{}}}"#;
    let behind = format!("{own}marked-secret");
    let deep = format!(r#"{{"marked-secret":{}"#, "[".repeat(100_000));
    for text in
        ["", " ", "null", "[]", "\"marked-secret\"", "marked-secret", cut, twice, &behind, &deep]
    {
        let error = refused(&world, text).await;
        assert_eq!(rejection(&error).code, RejectionCode::Malformed, "{text:.40}");
        assert!(!format!("{error:?}").contains("marked-secret"), "{error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cache_without_tokens_imports_nothing() {
    let world = World::new();
    for text in [
        "{}",
        r#"{"AccessToken":{}}"#,
        r#"{"AccessToken":null}"#,
        r#"{"AccessToken":[1]}"#,
        r#"{"accesstoken":{"a":{}}}"#,
    ] {
        let report = import(&world.host, &world.application(), text).await.unwrap();
        assert_eq!((report.imported, report.skipped), (0, 0), "{text}");
    }
    assert!(world.store.entries().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_export_and_import_fail() {
    let world = World::new();
    let text = cache_of(entry(|_| {}));
    let unsealed = world.application_with(Credential::Assertion("e30.e30.c2ln".to_owned()));
    let disabled = options(&world.application(), [ApplicationOption::DisableCache]);
    for application in [unsealed, disabled] {
        let imported = import(&world.host, &application, &text).await.unwrap_err();
        let exported = export(&world.host, &application, &[world.request()]).await.unwrap_err();
        for error in [imported, exported] {
            let rejection = rejection(&error);
            assert_eq!(rejection.field, "application.options.cache-keys", "{error:?}");
            assert_eq!(rejection.code, RejectionCode::Missing);
        }
    }
    assert!(world.store.journal().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_cannot_be_stored_is_not_reported_as_imported() {
    let world = World::new();
    let text = cache_of(entry(|_| {}));
    world.store.fail(Operation::Set, Fault::Error(StoreError::Other("full".to_owned())));
    let report = import(&world.host, &world.application(), &text).await.unwrap();
    assert_eq!((report.imported, report.skipped), (0, 1));
    world.store.heal();
    world.store.fail(Operation::Open, Fault::Error(StoreError::NoSuchStore));
    let text = export(&world.host, &world.application(), &[world.request()]).await.unwrap();
    assert!(entries(&text).is_empty(), "a store that fails is treated as empty");
}

#[tokio::test(flavor = "multi_thread")]
async fn export_and_import_refuse_invalid_arguments() {
    let world = World::new();
    let unnamed = Application { client_id: String::new(), ..world.application() };
    let imported = import(&world.host, &unnamed, &cache_of(entry(|_| {}))).await;
    let exported = export(&world.host, &unnamed, &[world.request()]).await;
    for error in [imported.unwrap_err(), exported.unwrap_err()] {
        assert_eq!(rejection(&error).field, "application.client-id");
    }
    let none = TokenRequest { scopes: Vec::new(), options: Vec::new() };
    let error =
        export(&world.host, &world.application(), &[world.request(), none]).await.unwrap_err();
    assert!(rejection(&error).field.contains("scopes"), "{error:?}");
    assert!(world.store.entries().is_empty());
}

/// Imports a cache with this one entry into the demo application's.
async fn import_entry(world: &World, entry: Value) -> ImportReport {
    let report = import(&world.host, &world.application(), &cache_of(entry)).await.unwrap();
    assert_eq!(world.emulator.connections(), 0, "an import sends no request");
    report
}

/// Asserts that a text is refused without any use of the store, and returns the reason.
async fn refused(world: &World, text: &str) -> AcquireError {
    let error = import(&world.host, &world.application(), text).await.unwrap_err();
    assert!(matches!(error.cause, ErrorCause::InvalidRequest(_)), "{error:?}");
    assert_eq!(rejection(&error).field, "cache");
    assert!(world.store.journal().is_empty());
    error
}

async fn import(
    host: &Host,
    application: &Application,
    text: &str,
) -> Result<ImportReport, AcquireError> {
    host.import_token_cache(application, text).await.expect("the host does not fail")
}

async fn export(
    host: &Host,
    application: &Application,
    requests: &[TokenRequest],
) -> Result<String, AcquireError> {
    host.export_token_cache(application, requests).await.expect("the host does not fail")
}

/// An entry of the demo application for the demo API in MSAL Python's format, with a change.
fn entry(change: impl FnOnce(&mut Value)) -> Value {
    let mut entry = json!({
        "home_account_id": null,
        "environment": "login.microsoftonline.com",
        "credential_type": "AccessToken",
        "client_id": demo::CLIENT_ID,
        "realm": demo::TENANT,
        "target": demo::API_SCOPE,
        "secret": "a-token",
        "token_type": "Bearer",
        "cached_at": now().to_string(),
        "expires_on": (now() + 3_600).to_string(),
        "extended_expires_on": (now() + 3_600).to_string(),
    });
    change(&mut entry);
    entry
}

fn cache_of(entry: Value) -> String {
    json!({ "AccessToken": { "a-key": entry } }).to_string()
}

fn entries(text: &str) -> serde_json::Map<String, Value> {
    parsed(text)["AccessToken"].as_object().cloned().unwrap_or_default()
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}
