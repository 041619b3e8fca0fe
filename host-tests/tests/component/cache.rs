//! The cache in the real host: shared by instances, separated by tenant and client, and safe against tampering.

use std::collections::BTreeSet;

use msal_artifact::Artifact;
use msal_emulator::Scripted;
use msal_emulator::demo;
use msal_host::contract::Application;
use msal_host::contract::ApplicationOption;
use msal_host::contract::AuthenticationResult;
use msal_host::contract::CacheRefreshReason;
use msal_host::contract::ErrorCause;
use msal_host::contract::RejectionCode;
use msal_host::contract::RequestOption;
use msal_host::contract::TokenRequest;
use msal_host::contract::TokenSource;
use msal_host::store::Store;
use msal_host_tests::Operation;
use msal_host_tests::World;
use msal_host_tests::built;
use msal_host_tests::options;
use msal_host_tests::request_options;
use msal_host_tests::secret;
use serde_json::json;
use sha2::Digest;
use sha2::Sha256;

#[tokio::test(flavor = "multi_thread")]
async fn a_second_instance_is_served_from_the_cache_with_one_store_read() {
    let world = World::new();
    let first = world.acquire_demo().await.unwrap();
    assert_eq!(first.metadata.token_source, TokenSource::IdentityProvider);
    assert!(world.emulator.was_issued(&first.access_token));

    world.store.clear_journal();
    let second = world.acquire_demo().await.unwrap();
    assert_eq!(second.metadata.token_source, TokenSource::Cache);
    assert_eq!(second.access_token, first.access_token);
    assert_eq!(world.store.operations(), [Operation::Open, Operation::Get]);
    assert_eq!(world.token_requests(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_clients_scopes_clouds_and_capabilities_have_separate_entries() {
    let world = World::new();
    let calls = every_combination(&world);
    let mut tokens = Vec::new();
    for (application, request) in &calls {
        let result = world.acquire(application, request).await.unwrap();
        assert_eq!(result.metadata.token_source, TokenSource::IdentityProvider);
        tokens.push(result.access_token);
    }
    assert_eq!(tokens.iter().collect::<BTreeSet<_>>().len(), calls.len(), "all differ");
    assert_eq!(world.store.entries().len(), calls.len());
    for ((application, request), token) in calls.iter().zip(&tokens).rev() {
        let result = world.acquire(application, request).await.unwrap();
        assert_hit(&result);
        assert_eq!(&result.access_token, token);
    }
    assert_eq!(world.token_requests(), calls.len());
    let issued = world.emulator.issued_tokens();
    for ((application, request), token) in calls.iter().zip(&tokens) {
        let issued = issued.iter().find(|issued| &issued.token == token).unwrap();
        assert_eq!(issued.client_id, application.client_id);
        assert_eq!(issued.scope, request.scopes[0]);
        assert!(application.authority.ends_with(&issued.tenant));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn equivalent_spellings_share_one_entry() {
    let world = World::new();
    let first = world.acquire_demo().await.unwrap();
    let application = world.application();
    let authorities = [
        demo::TENANT.to_uppercase(),
        format!("https://login.microsoftonline.com/{}", demo::TENANT),
        format!("HTTPS://LOGIN.microsoftonline.com:443/{}/", demo::TENANT),
        format!("https://login.windows.net/{}", demo::TENANT),
        format!("https://sts.windows.net/{}", demo::TENANT),
    ];
    for authority in authorities {
        let application = Application { authority, ..application.clone() };
        let result = world.acquire(&application, &world.request()).await.unwrap();
        assert_hit(&result);
        assert_eq!(result.access_token, first.access_token, "{}", application.authority);
    }
    let scope = TokenRequest::new(demo::API_SCOPE.to_uppercase());
    assert_hit(&world.acquire(&application, &scope).await.unwrap());
    assert_eq!(world.store.entries().len(), 1);

    // A domain and its tenant's GUID are not recognized as the same tenant.
    let domain = Application { authority: demo::TENANT_DOMAIN.to_owned(), ..application };
    let result = world.acquire(&domain, &world.request()).await.unwrap();
    assert_eq!(result.metadata.token_source, TokenSource::IdentityProvider);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenant_of_the_request_shares_the_entry_of_an_authority_with_that_tenant() {
    let world = World::new();
    let request =
        request_options(&world.request(), [RequestOption::Tenant(demo::OTHER_TENANT.to_owned())]);
    let first = world.acquire(&world.application(), &request).await.unwrap();
    assert_eq!(first.tenant_id, demo::OTHER_TENANT);
    let other = Application { authority: demo::OTHER_TENANT.to_owned(), ..world.application() };
    let second = world.acquire(&other, &world.request()).await.unwrap();
    assert_hit(&second);
    assert_eq!(second.access_token, first.access_token);
    let home = world.acquire_demo().await.unwrap();
    assert_eq!(home.metadata.token_source, TokenSource::IdentityProvider);
    assert_eq!(home.tenant_id, demo::TENANT);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forced_refresh_does_not_read_the_cache_and_replaces_the_entry() {
    let world = World::new();
    let first = world.acquire_demo().await.unwrap();
    world.store.clear_journal();
    let request = request_options(&world.request(), [RequestOption::ForceRefresh]);
    let forced = world.acquire(&world.application(), &request).await.unwrap();
    assert_fetched_again(&forced);
    assert_ne!(forced.access_token, first.access_token);
    assert_eq!(world.store.operations(), [Operation::Open, Operation::Get, Operation::Set]);
    let (read, written) = (&world.store.journal()[1].1, &world.store.journal()[2].1);
    assert_ne!(read, written, "the remembered failure is read, not the token");
    assert_eq!(world.acquire_demo().await.unwrap().access_token, forced.access_token);
    assert_eq!(world.store.entries().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claims_challenge_does_not_read_the_cache_and_replaces_the_entry() {
    let world = World::new();
    world.acquire_demo().await.unwrap();
    let request = request_options(
        &world.request(),
        [RequestOption::Claims(r#"{"access_token":{"nbf":{"essential":true}}}"#.to_owned())],
    );
    let challenged = world.acquire(&world.application(), &request).await.unwrap();
    assert_fetched_again(&challenged);
    let next = world.acquire_demo().await.unwrap();
    assert_hit(&next);
    assert_eq!(next.access_token, challenged.access_token);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_token_is_not_served_and_any_other_is() {
    let world = World::new();
    let first = world.acquire_demo().await.unwrap();
    let rejecting = |token: &str| {
        let hash: String = Sha256::digest(token).iter().map(|byte| format!("{byte:02X}")).collect();
        request_options(&world.request(), [RequestOption::RefreshIfSha256(hash)])
    };
    let request = rejecting(&first.access_token);
    let second = world.acquire(&world.application(), &request).await.unwrap();
    assert_fetched_again(&second);
    // The next caller that rejects the token finds its replacement.
    let third = world.acquire(&world.application(), &request).await.unwrap();
    assert_hit(&third);
    assert_eq!(third.access_token, second.access_token);
    assert_eq!(world.token_requests(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn removing_a_token_removes_only_that_token() {
    let world = World::new();
    let (application, other) = (world.application(), TokenRequest::new(demo::OTHER_API_SCOPE));
    let first = world.acquire_demo().await.unwrap();
    world.acquire(&application, &other).await.unwrap();

    world.store.clear_journal();
    remove(&world, &application, &world.request()).await;
    let removed = [Operation::Open, Operation::Delete, Operation::Get, Operation::Delete];
    assert_eq!(world.store.operations(), removed, "the token, the record, and the ticket counter");
    assert_eq!(world.store.entries().len(), 1);
    assert_eq!(world.token_requests(), 2, "nothing was sent");
    assert_hit(&world.acquire(&application, &other).await.unwrap());

    let next = world.acquire_demo().await.unwrap();
    assert_eq!(next.metadata.token_source, TokenSource::IdentityProvider);
    assert_eq!(next.metadata.cache_refresh_reason, CacheRefreshReason::NoCachedAccessToken);
    assert_ne!(next.access_token, first.access_token);
    // A token that was never stored, and one that was already removed.
    remove(&world, &application, &TokenRequest::new(demo::GRAPH_SCOPE)).await;
    remove(&world, &application, &world.request()).await;
    remove(&world, &application, &world.request()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn removing_a_token_removes_it_under_every_cache_key() {
    let world = World::new();
    let (old, new) = (with_cache_keys(&world, &[1]), with_cache_keys(&world, &[2]));
    world.acquire(&old, &world.request()).await.unwrap();
    world.acquire(&new, &world.request()).await.unwrap();
    assert_eq!(world.store.entries().len(), 2);
    remove(&world, &with_cache_keys(&world, &[2, 1]), &world.request()).await;
    assert!(world.store.entries().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_cache_key_seals_and_every_one_opens() {
    let world = World::new();
    let (old, new) = (with_cache_keys(&world, &[1]), with_cache_keys(&world, &[2]));
    let both = with_cache_keys(&world, &[2, 1]);
    let request = world.request();
    let first = world.acquire(&old, &request).await.unwrap();
    let during = world.acquire(&both, &request).await.unwrap();
    assert_hit(&during);
    assert_eq!(during.access_token, first.access_token);

    let forced = request_options(&request, [RequestOption::ForceRefresh]);
    let second = world.acquire(&both, &forced).await.unwrap();
    let after = world.acquire(&new, &request).await.unwrap();
    assert_hit(&after);
    assert_eq!(after.access_token, second.access_token);
    // The entry of the old key stays, for instances that do not have the new key yet.
    assert_eq!(world.acquire(&old, &request).await.unwrap().access_token, first.access_token);
    assert_eq!(world.acquire(&both, &request).await.unwrap().access_token, second.access_token);
    assert_eq!(world.token_requests(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_survive_a_new_secret_only_with_an_explicit_cache_key() {
    for (cache_keys, is_kept) in [(&[1][..], true), (&[], false)] {
        let world = World::new();
        let application = with_cache_keys(&world, cache_keys);
        let first = world.acquire(&application, &world.request()).await.unwrap();
        let rotated = Application { credentials: vec![secret("new-secret")], ..application };
        world.emulator.script_any(vec![Scripted::token(3_600)]);
        let second = world.acquire(&rotated, &world.request()).await.unwrap();
        assert_eq!(second.metadata.token_source == TokenSource::Cache, is_kept);
        assert_eq!(second.access_token == first.access_token, is_kept);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cache_key_that_is_too_short_is_refused() {
    let world = World::new();
    let application = options(
        &world.application(),
        [ApplicationOption::CacheKeys(vec![vec![1; 32], vec![2; 31]])],
    );
    let error = world.refused_locally(&application, &world.request()).await;
    let ErrorCause::InvalidCredential(rejection) = error.cause else { panic!("{error:?}") };
    assert_eq!(rejection.code, RejectionCode::TooWeak);
    assert_eq!(rejection.field, "application.options.cache-keys");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_flavours_share_the_cache() {
    let world = World::new();
    let draft = world.host_of(built(Artifact::ComponentDraft));
    let draft2 = world.host_of(built(Artifact::ComponentDraft2));
    let application = world.application();
    for (writer, reader, scope) in
        [(&draft, &draft2, demo::API_SCOPE), (&draft2, &draft, demo::OTHER_API_SCOPE)]
    {
        let request = TokenRequest::new(scope);
        let written = writer.acquire_token_for_client(&application, &request).await;
        let written = written.unwrap().unwrap();
        assert_eq!(written.metadata.token_source, TokenSource::IdentityProvider);
        let read = reader.acquire_token_for_client(&application, &request).await.unwrap().unwrap();
        assert_hit(&read);
        assert_eq!(read.access_token, written.access_token);
        reader.remove_token_for_client(&application, &request).await.unwrap().unwrap();
    }
    assert!(world.store.entries().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_concurrent_instances_all_get_a_token() {
    let world = World::new();
    let cold = side_by_side(&world, 60).await;
    let requests = world.token_requests();
    assert!((1..=2).contains(&requests), "{requests}: one for each window of the ticket counter");
    for result in &cold {
        assert!(world.emulator.was_issued(&result.access_token));
    }
    let entries = world.store.entries();
    assert!((1..=2).contains(&entries.len()), "the token, and the announcement of its leader");

    let warm = side_by_side(&world, 200).await;
    assert!(warm.iter().all(|result| result.access_token == warm[0].access_token));
    warm.iter().for_each(assert_hit);
    assert_eq!(world.token_requests(), requests, "nothing more was sent");
    assert_eq!(world.store.entries(), entries, "nothing more was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_is_at_most_320_bytes_longer_than_its_token_and_reveals_nothing() {
    let world = World::new();
    let request = request_options(&world.request(), [RequestOption::ForceRefresh]);
    for length in [1, 2, 100, 127, 128, 129, 1_000, 1_500, 1_999, 2_048, 16_000] {
        let token = "t".repeat(length);
        world.emulator.script_any(vec![Scripted::json(
            200,
            json!({
                "token_type": "Bearer",
                "expires_in": 86_399,
                "refresh_in": 43_199,
                "access_token": token,
            }),
        )]);
        let result = world.acquire(&world.application(), &request).await.unwrap();
        assert_eq!(result.access_token, token);
        assert!(result.refresh_on.is_some());
        let (key, entry) = world.store.only_entry();
        assert!(entry.len() <= length + 320, "{length}: {}", entry.len());
        assert_store_key(&key);
        assert_hit(&world.acquire_demo().await.unwrap());
    }
    world.acquire(&world.application(), &request).await.unwrap();
    let (key, entry) = world.store.only_entry();
    let text = format!("{key} {}", String::from_utf8_lossy(&entry));
    for open in ["eyJ", demo::CLIENT_ID, demo::TENANT, "api:", demo::client_secret(), ".default"] {
        assert!(!text.contains(open), "{open}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e26_all_store_keys_have_the_same_shape() {
    let world = World::new();
    for (application, request) in every_combination(&world) {
        world.acquire(&application, &request).await.unwrap();
    }
    // A remembered failure.
    world.acquire(&world.application_with(secret("wrong")), &world.request()).await.unwrap_err();
    let removal = world.host.remove_token_for_client(&world.application(), &world.request()).await;
    removal.unwrap().unwrap();
    let journal = world.store.journal();
    let keys = journal.iter().filter(|(operation, _)| *operation != Operation::Open);
    keys.for_each(|(_, key)| assert_store_key(key));
    for operation in [Operation::Get, Operation::Set, Operation::Delete, Operation::Increment] {
        assert!(journal.iter().any(|(done, _)| *done == operation), "{operation:?}");
    }
}

/// Stores do not expire entries, and no instance knows that it is the last one to need a token.
#[tokio::test(flavor = "multi_thread")]
async fn e29_obsolete_entries_can_be_removed_and_counters_do_not_accumulate() {
    let world = World::new();
    let (old, new) = (with_cache_keys(&world, &[1]), with_cache_keys(&world, &[2]));
    for expiry in 0..5 {
        world.set_clock_offset(expiry * 100_000);
        world.acquire(&old, &world.request()).await.unwrap();
        let keys = world.store.list_keys("default", None).await.unwrap().keys;
        assert!(keys.len() <= 2, "the token and its ticket counter, not {keys:?}");
    }
    world.acquire(&new, &world.request()).await.unwrap();
    assert_eq!(world.store.entries().len(), 2, "the rotated key's token stays");
    remove(&world, &with_cache_keys(&world, &[2, 1]), &world.request()).await;
    assert!(world.store.entries().is_empty());
}

/// All combinations of what a token may depend on.
fn every_combination(world: &World) -> Vec<(Application, TokenRequest)> {
    let clients = [
        (demo::CLIENT_ID, demo::client_secret()),
        (demo::OTHER_CLIENT_ID, demo::other_client_secret()),
    ];
    let mut calls = Vec::new();
    for (client_id, client_secret) in clients {
        for tenant in [demo::TENANT, demo::OTHER_TENANT] {
            for cloud in ["", "https://login.microsoftonline.us/"] {
                for capabilities in [&[][..], &["cp1".to_owned()]] {
                    for scope in [demo::API_SCOPE, demo::OTHER_API_SCOPE] {
                        let application = Application {
                            client_id: client_id.to_owned(),
                            authority: format!("{cloud}{tenant}"),
                            credentials: vec![secret(client_secret)],
                            options: Vec::new(),
                        };
                        // One sealing key for all, so that only names separate the entries.
                        let application = options(
                            &application,
                            [
                                ApplicationOption::CacheKeys(vec![vec![9; 32]]),
                                ApplicationOption::ClientCapabilities(capabilities.to_vec()),
                            ],
                        );
                        let request =
                            TokenRequest { scopes: vec![scope.to_owned()], ..world.request() };
                        calls.push((application, request));
                    }
                }
            }
        }
    }
    calls
}

async fn side_by_side(world: &World, calls: usize) -> Vec<AuthenticationResult> {
    let started: Vec<_> = (0..calls)
        .map(|_| {
            let host = world.host.clone();
            let (application, request) = (world.application(), world.request());
            tokio::spawn(async move { host.acquire_token_for_client(&application, &request).await })
        })
        .collect();
    let mut results = Vec::new();
    for call in started {
        results.push(call.await.unwrap().unwrap().unwrap());
    }
    results
}

async fn remove(world: &World, application: &Application, request: &TokenRequest) {
    world.host.remove_token_for_client(application, request).await.unwrap().unwrap();
}

/// The demo application with cache keys that consist of 32 times one of these bytes.
fn with_cache_keys(world: &World, bytes: &[u8]) -> Application {
    options(
        &world.application(),
        [ApplicationOption::CacheKeys(bytes.iter().map(|&byte| vec![byte; 32]).collect())],
    )
}

fn assert_hit(result: &AuthenticationResult) {
    assert_eq!(result.metadata.token_source, TokenSource::Cache);
    assert_eq!(result.metadata.cache_refresh_reason, CacheRefreshReason::NotApplicable);
    assert_eq!(result.metadata.token_requests, 0);
    assert!(result.metadata.warnings.is_empty(), "{:?}", result.metadata.warnings);
}

fn assert_fetched_again(result: &AuthenticationResult) {
    assert_eq!(result.metadata.token_source, TokenSource::IdentityProvider);
    assert_eq!(result.metadata.cache_refresh_reason, CacheRefreshReason::ForceRefreshOrClaims);
}

/// `mt3-[a-z2-7]{52}`
fn assert_store_key(key: &str) {
    let digits = key.strip_prefix("mt3-").unwrap_or_else(|| panic!("{key}"));
    assert_eq!(digits.len(), 52, "{key}");
    let is_digit = |byte: u8| byte.is_ascii_lowercase() || (b'2'..=b'7').contains(&byte);
    assert!(digits.bytes().all(is_digit), "{key}");
}
