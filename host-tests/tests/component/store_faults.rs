//! A store that fails, returns wrong results or is controlled by an attacker costs token requests, but never yields a wrong
//! token.
//!
//! Test names begin with the line of the fault catalogue. A host call that traps is not covered: it ends the instance before
//! the component can react.

use std::time::Duration;
use std::time::Instant;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use msal_artifact::Artifact;
use msal_emulator::Scripted;
use msal_emulator::demo;
use msal_host::contract::Application;
use msal_host::contract::ApplicationOption;
use msal_host::contract::AuthenticationResult;
use msal_host::contract::CacheRefreshReason;
use msal_host::contract::ErrorCause;
use msal_host::contract::RequestOption;
use msal_host::contract::TokenRequest;
use msal_host::contract::TokenSource;
use msal_host::store::StoreError;
use msal_host_tests::Fault;
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
async fn e01_a_store_that_cannot_be_opened_costs_a_token_request_and_one_warning() {
    for error in errors() {
        let world = World::new();
        world.store.fail(Operation::Open, Fault::Error(error.clone()));
        let result = world.acquire_demo().await.unwrap();
        assert_fetched(&world, &result);
        assert_eq!(result.metadata.warnings.len(), 1, "{:?}", result.metadata.warnings);
        assert!(result.metadata.warnings[0].contains("open the key-value store"));
        let is_denied = error == StoreError::AccessDenied;
        assert_eq!(result.metadata.warnings[0].contains("key_value_stores"), is_denied);
        assert_eq!(world.store.operations(), [Operation::Open], "opened once: {error:?}");
        assert_eq!(world.token_requests(), 1);
    }
    // Opening succeeds after 3 s.
    let world = World::new();
    world.store.fail(Operation::Open, Fault::Slow(Duration::from_secs(3)));
    assert_fetched(&world, &world.acquire_demo().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn e02_any_failed_read_is_a_miss() {
    for number in 1..=2 {
        let world = World::new();
        let old = with_cache_keys(&world.application(), &[[1; 32]]);
        let both = with_cache_keys(&world.application(), &[[2; 32], [1; 32]]);
        let cached = world.acquire(&old, &world.request()).await.unwrap();
        let fault = Fault::Error(StoreError::Other("read error".to_owned()));
        world.store.fail_once(Operation::Get, number, fault);
        world.store.clear_journal();

        let result = world.acquire(&both, &world.request()).await.unwrap();
        assert_fetched(&world, &result);
        assert_ne!(result.access_token, cached.access_token);
        assert_eq!(result.metadata.warnings.len(), 1, "{:?}", result.metadata.warnings);
        // The last read is that of the remembered failure.
        assert_eq!(count(&world, Operation::Get), number + 1);
        assert_eq!(count(&world, Operation::Set), 1);

        let next = world.acquire(&both, &world.request()).await.unwrap();
        assert_eq!(
            next.access_token, result.access_token,
            "the token was stored regardless of the fault"
        );
    }
    // The second read is that of the remembered throttle, after the missing token.
    let world = World::new();
    world.emulator.script_any(vec![Scripted::status(429).header("Retry-After", "60")]);
    world.acquire_demo().await.unwrap_err();
    world.store.fail_once(Operation::Get, 2, Fault::Error(StoreError::Other("x".to_owned())));
    let result = world.acquire_demo().await.unwrap();
    assert_fetched(&world, &result);
    assert_eq!(result.metadata.warnings.len(), 1, "{:?}", result.metadata.warnings);
}

#[tokio::test(flavor = "multi_thread")]
async fn e03_a_failed_write_costs_the_next_call_a_token_request_and_is_not_retried() {
    for error in errors() {
        let world = World::new();
        world.store.fail(Operation::Set, Fault::Error(error));
        for call in 1..=3 {
            world.store.clear_journal();
            let result = world.acquire_demo().await.unwrap();
            assert_fetched(&world, &result);
            assert_eq!(result.metadata.warnings.len(), 1, "{:?}", result.metadata.warnings);
            // The ticket is returned, so that no call waits for a token that was not stored.
            let expected = [
                Operation::Open,
                Operation::Get,
                Operation::Get,
                Operation::Increment,
                Operation::Set,
                Operation::Delete,
            ];
            assert_eq!(world.store.operations(), expected);
            assert_eq!(world.token_requests(), call);
        }
        world.store.heal();
        world.acquire_demo().await.unwrap();
        assert_hit(&world.acquire_demo().await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e04_a_failed_removal_is_not_an_error() {
    for error in errors() {
        let world = World::new();
        world.acquire_demo().await.unwrap();
        world.store.fail(Operation::Delete, Fault::Error(error));
        world.store.clear_journal();
        let removed =
            world.host.remove_token_for_client(&world.application(), &world.request()).await;
        removed.unwrap().unwrap();
        let expected = [Operation::Open, Operation::Delete, Operation::Get, Operation::Delete];
        assert_eq!(world.store.operations(), expected);
        assert_hit(&world.acquire_demo().await.unwrap());
    }
}

/// Store calls block under WASI 0.2, so only the host can end a slow one, and it should have a time limit. The component can
/// only check the time between two calls.
#[tokio::test(flavor = "multi_thread")]
async fn e05_a_slow_store_delays_the_token_and_does_not_prevent_it() {
    let world = World::new();
    let pause = Duration::from_millis(300);
    for operation in [Operation::Open, Operation::Get, Operation::Set] {
        world.store.fail(operation, Fault::Slow(pause));
    }
    let started = Instant::now();
    let result = world.acquire_demo().await.unwrap();
    assert_fetched(&world, &result);
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    let in_cache = Duration::from_micros(result.metadata.duration_in_cache_us.into());
    assert!(in_cache >= 2 * pause, "{in_cache:?}");
    assert_eq!(world.token_requests(), 1);
}

/// The component checks the time between two reads, so that the reads for eight cache keys do not use up the deadline.
#[tokio::test(flavor = "multi_thread")]
async fn e05_a_slow_store_does_not_use_up_the_deadline_of_a_call_with_many_cache_keys() {
    let world = World::new();
    world.store.fail(Operation::Get, Fault::Slow(Duration::from_millis(500)));
    let keys: Vec<[u8; 32]> = (1..=8).map(|byte| [byte; 32]).collect();
    let application = with_cache_keys(&world.application(), &keys);
    let request = request_options(&world.request(), [RequestOption::DeadlineMs(3_000)]);
    assert_fetched(&world, &world.acquire(&application, &request).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn e06_the_stores_error_messages_are_truncated_and_escaped() {
    let text = "no \u{1b}[31mroom\r\nSet-Cookie: \u{202e}token=eyJhbGciOi\0".repeat(1 << 15);
    assert!(text.len() > 1 << 20);
    for operation in [Operation::Open, Operation::Get, Operation::Set] {
        let world = World::new();
        world.store.fail(operation, Fault::Error(StoreError::Other(text.clone())));
        let result = world.acquire_demo().await.unwrap();
        assert_fetched(&world, &result);
        let [warning] = &result.metadata.warnings[..] else {
            panic!("expected one warning, not {:?}", result.metadata.warnings.len())
        };
        assert!(warning.len() <= 256, "{} bytes", warning.len());
        assert!(warning.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{warning:?}");
        assert!(warning.contains("no \\u{1b}[31mroom Set-Cookie"), "{warning}");
        assert!(world.host.statistics().peak_memory <= MEMORY, "bounded");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e07_random_values_are_misses() {
    let world = World::new();
    world.acquire_demo().await.unwrap();
    let (key, sealed) = world.store.only_entry();
    let mut values = vec![vec![], vec![0], vec![b'm'], vec![0x5a; 3 << 20]];
    for number in 0..300_usize {
        // Random bytes after no header, a part of it, the whole header, and header and nonce; up to 2000 bytes.
        let right = [0, 3, 4, 12, 36][number % 5];
        let random = pseudorandom(number).into_iter().cycle().take(number * 37 % 2_000);
        values.push(sealed[..right].iter().copied().chain(random).collect());
    }
    for (number, value) in values.into_iter().enumerate() {
        world.store.plant(&key, value).await;
        world.let_time_pass();
        let result = world.acquire_demo().await.unwrap();
        assert_fetched(&world, &result);
        assert!(result.metadata.warnings.is_empty(), "{number}: {:?}", result.metadata.warnings);
        assert_eq!(world.token_requests(), number + 2);
    }
    assert!(world.host.statistics().peak_memory <= MEMORY, "bounded");
    assert_hit(&world.acquire_demo().await.unwrap());
}

/// The component cannot refuse a value that the host passes to it, so the host must. Otherwise a large value would end every
/// instance that reads it, and none of them could replace it.
#[tokio::test(flavor = "multi_thread")]
async fn e07_a_value_or_an_error_that_is_larger_than_an_instance_costs_a_token_request() {
    let large = vec![0x5a; 10 << 20];
    let error = StoreError::Other("e".repeat(large.len()));
    for fault in [Fault::Value(large), Fault::Error(error)] {
        let world = World::new();
        world.store.fail(Operation::Get, fault);
        assert_fetched(&world, &world.acquire_demo().await.unwrap());
        world.store.heal();
        assert_hit(&world.acquire_demo().await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e08_truncated_and_changed_values_are_misses() {
    let world = World::new();
    world.acquire_demo().await.unwrap();
    let (key, sealed) = world.store.only_entry();
    let mut values: Vec<Vec<u8>> =
        (0..sealed.len()).step_by(7).map(|length| sealed[..length].to_vec()).collect();
    for place in (0..sealed.len()).step_by(5) {
        let mut changed = sealed.clone();
        changed[place] ^= 1 << (place % 8);
        values.push(changed);
    }
    values.push([&sealed[..], &[0]].concat());
    for (number, value) in values.into_iter().enumerate() {
        world.store.plant(&key, value).await;
        world.let_time_pass();
        assert_fetched(&world, &world.acquire_demo().await.unwrap());
        assert_eq!(world.token_requests(), number + 2);
    }
    world.set_clock_offset(0);
    world.store.plant(&key, sealed).await;
    assert_hit(&world.acquire_demo().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn e09_values_of_other_programs_are_misses_and_only_our_entry_is_overwritten() {
    let world = World::new();
    world.acquire_demo().await.unwrap();
    let (key, _) = world.store.only_entry();
    let msal = json!({ "AccessToken": { "-login.windows.net-accesstoken-client-tenant-scope": {
        "secret": "not-our-token", "expires_on": "4102444800", "credential_type": "AccessToken",
        "environment": "login.windows.net", "client_id": demo::CLIENT_ID, "realm": demo::TENANT,
    } } });
    let utf16: Vec<u8> = "{\"t\":\"x\"}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let foreign = [
        msal.to_string().into_bytes(),
        utf16,
        [&[0xff, 0xfe][..], b"m\0t\0k\0"].concat(),
        b"\x80\x04\x95pickle".to_vec(),
        b"SQLite format 3\0".to_vec(),
    ];
    for (number, value) in foreign.iter().enumerate() {
        world.store.plant(&format!("other-program-{number}"), value.clone()).await;
    }
    for value in &foreign {
        world.store.plant(&key, value.clone()).await;
        world.let_time_pass();
        assert_fetched(&world, &world.acquire_demo().await.unwrap());
        assert_hit(&world.acquire_demo().await.unwrap());
    }
    let entries = world.store.entries();
    assert_eq!(entries.len(), foreign.len() + 1);
    for (number, value) in foreign.iter().enumerate() {
        assert_eq!(&entries[&format!("other-program-{number}")], value, "untouched");
    }
}

/// The pinned entries were sealed by the component in version 3 of the format. If they cannot be opened, entries of earlier
/// releases are lost, and the version of the format must change. The failure message shows today's entries.
#[tokio::test(flavor = "multi_thread")]
async fn e10_entries_of_this_format_always_open_and_those_of_an_older_one_are_misses() {
    for fixture in [SEALED_WITH_CACHE_KEY, SEALED_WITH_SECRET] {
        let world = World::new();
        let application = fixture_application(&world, fixture.cache_key);
        let sealed = from_hex(fixture.value);
        world.set_clock_offset(FIXTURE_TIME.cast_signed() - now().cast_signed());
        world.emulator.script_any(vec![fixture_answer()]);
        world.store.plant(fixture.key, sealed.clone()).await;
        let result = world.acquire(&application, &world.request()).await.unwrap();
        let is_served = result.metadata.token_source == TokenSource::Cache;
        assert!(
            is_served,
            "{}: cannot be opened; today's entries: {:#?}",
            fixture.key,
            in_hex(&world)
        );
        assert_eq!(result.access_token, FIXTURE_TOKEN);
        assert_eq!(result.scopes, [demo::API_SCOPE]);
        assert_eq!(result.expires_on, FIXTURE_TIME + 7_200);
        assert_eq!(result.refresh_on, Some(FIXTURE_TIME + 3_600));
        assert_eq!(world.token_requests(), 0);
        world.emulator.clear_scripts();

        let mut older = sealed;
        assert_eq!(older[..4], *b"mtk\x03");
        older[3] = 2;
        world.store.plant(fixture.key, older).await;
        assert_fetched(&world, &world.acquire(&application, &world.request()).await.unwrap());
        assert_eq!(world.store.only_entry().0, fixture.key, "overwritten");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e11_an_entry_of_a_newer_format_is_a_miss_and_overwritten_once() {
    for version in [4, 5, 0xff] {
        let world = World::new();
        world.acquire_demo().await.unwrap();
        let (key, mut newer) = world.store.only_entry();
        newer[3] = version;
        world.store.plant(&key, newer).await;
        world.let_time_pass();
        world.store.clear_journal();
        for call in 0..4 {
            let result = world.acquire_demo().await.unwrap();
            let expected =
                if call == 0 { TokenSource::IdentityProvider } else { TokenSource::Cache };
            assert_eq!(result.metadata.token_source, expected);
        }
        assert_eq!(count(&world, Operation::Set), 1, "it is overwritten only once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e12_an_entry_under_another_tenants_key_is_a_miss() {
    let world = World::new();
    let application = world.application();
    let other = Application { authority: demo::OTHER_TENANT.to_owned(), ..application.clone() };
    let request = world.request();
    assert_swap_is_a_miss(&world, (&application, &request), (&other, &request)).await;
    let elsewhere =
        request_options(&request, [RequestOption::Tenant(demo::OTHER_TENANT.to_owned())]);
    let world = World::new();
    assert_swap_is_a_miss(&world, (&application, &request), (&application, &elsewhere)).await;
}

/// All use one cache key, so that only the name of the requested token separates the entries.
#[tokio::test(flavor = "multi_thread")]
async fn e13_entries_swapped_between_clients_scopes_clouds_and_capabilities_are_misses() {
    let world = World::new();
    let client = with_cache_keys(&world.application(), &[[7; 32]]);
    let other_client = Application {
        client_id: demo::OTHER_CLIENT_ID.to_owned(),
        credentials: vec![secret(demo::other_client_secret())],
        ..client.clone()
    };
    let tenant = Application { authority: demo::OTHER_TENANT.to_owned(), ..client.clone() };
    let domain = Application { authority: demo::TENANT_DOMAIN.to_owned(), ..client.clone() };
    let cloud = Application {
        authority: format!("https://login.microsoftonline.us/{}", demo::TENANT),
        ..client.clone()
    };
    let capable = |names: &[&str]| {
        options(
            &client,
            [ApplicationOption::ClientCapabilities(
                names.iter().map(|&name| name.to_owned()).collect(),
            )],
        )
    };
    let request = world.request();
    let scope = TokenRequest::new(demo::OTHER_API_SCOPE);
    let others = [
        (&other_client, &request),
        (&tenant, &request),
        (&domain, &request),
        (&cloud, &request),
        (&capable(&["cp1"]), &request),
        (&client, &scope),
    ];
    for other in others {
        assert_swap_is_a_miss(&World::new(), (&client, &request), other).await;
    }
    let (one, two) = (capable(&["cp1"]), capable(&["cp1", "cp2"]));
    assert_swap_is_a_miss(&World::new(), (&one, &request), (&two, &request)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn e14_an_attackers_entry_is_a_miss_whether_unsealed_or_sealed_with_another_key() {
    let world = World::new();
    let victim = with_cache_keys(&world.application(), &[[1; 32]]);
    let attacker = with_cache_keys(&world.application(), &[[2; 32]]);
    world.acquire(&victim, &world.request()).await.unwrap();
    let (key, sealed) = world.store.only_entry();
    let stolen = world.acquire(&attacker, &world.request()).await.unwrap().access_token;
    let entries = world.store.entries();
    let (_, foreign) = entries.iter().find(|(name, _)| **name != key).unwrap();
    let open = json!({ "t": stolen, "s": [demo::API_SCOPE], "i": now(), "e": now() + 3_600 });
    let open = open.to_string().into_bytes();
    let nonce = [0; 24];
    let forgeries = [
        open.clone(),
        [&sealed[..12], &open].concat(),
        [&sealed[..12], &nonce, &open].concat(),
        [&sealed[..12], &nonce, &open, &[0; 16]].concat(),
        [&sealed[..36], &open, &sealed[sealed.len() - 16..]].concat(),
        foreign.clone(),
        [&sealed[..12], &foreign[12..]].concat(),
        [&sealed[..36], &foreign[36..]].concat(),
    ];
    for forgery in forgeries {
        world.store.plant(&key, forgery).await;
        world.let_time_pass();
        let result = world.acquire(&victim, &world.request()).await.unwrap();
        assert_fetched(&world, &result);
        assert_ne!(result.access_token, stolen);
    }
    // An entry of an application with another secret and without a cache key is just as foreign.
    let world = World::new();
    world.acquire_demo().await.unwrap();
    let (_, by_secret) = world.store.only_entry();
    world.acquire(&victim, &world.request()).await.unwrap();
    world.store.plant(&key, by_secret).await;
    world.let_time_pass();
    assert_fetched(&world, &world.acquire(&victim, &world.request()).await.unwrap());
}

/// The entries are sealed with the right key by a component with a wrong clock. Times that no clock shows, such as 0 and the
/// largest number, are in the unit tests of the cache.
#[tokio::test(flavor = "multi_thread")]
async fn e15_an_entry_with_impossible_times_is_a_miss() {
    for (offset, is_believed) in
        [(240, true), (600, false), (86_400, false), (10 * YEAR, false), (7_900 * YEAR, false)]
    {
        let world = World::new();
        world.set_clock_offset(offset);
        world.acquire_demo().await.unwrap();
        world.set_clock_offset(0);
        let result = world.acquire_demo().await.unwrap();
        if is_believed {
            assert_hit(&result);
        } else {
            assert_fetched(&world, &result);
            let reason = result.metadata.cache_refresh_reason;
            assert_eq!(reason, CacheRefreshReason::NoCachedAccessToken, "{offset}");
            assert_hit(&world.acquire_demo().await.unwrap());
        }
    }
    // A lifetime of more than a day is capped at a day.
    let world = World::new();
    for promise in [86_401, 8_000 * YEAR.unsigned_abs(), u64::MAX] {
        world.emulator.script_any(vec![Scripted::token(promise)]);
        let request = request_options(&world.request(), [RequestOption::ForceRefresh]);
        let result = world.acquire(&world.application(), &request).await.unwrap();
        assert!(result.expires_on <= now() + 86_400, "{promise}");
        assert_hit(&world.acquire_demo().await.unwrap());
    }
    world.set_clock_offset(86_400);
    assert_fetched(&world, &world.acquire_demo().await.unwrap());
}

/// An older entry that has not expired is served. An attacker with write access to the store can thus undo a refresh, which
/// is accepted.
#[tokio::test(flavor = "multi_thread")]
async fn e16_a_restored_older_entry_is_served_until_it_expires() {
    let world = World::new();
    world.set_clock_offset(-86_400);
    world.acquire_demo().await.unwrap();
    let (key, yesterdays) = world.store.only_entry();
    world.set_clock_offset(0);
    let result = world.acquire_demo().await.unwrap();
    assert_fetched(&world, &result);
    assert_eq!(result.metadata.cache_refresh_reason, CacheRefreshReason::Expired);

    let (_, older) = world.store.only_entry();
    let request = request_options(&world.request(), [RequestOption::ForceRefresh]);
    let newest = world.acquire(&world.application(), &request).await.unwrap();
    world.store.plant(&key, older).await;
    let restored = world.acquire_demo().await.unwrap();
    assert_hit(&restored);
    assert_eq!(restored.access_token, result.access_token);
    assert_ne!(restored.access_token, newest.access_token);

    world.store.plant(&key, yesterdays).await;
    world.let_time_pass();
    assert_fetched(&world, &world.acquire_demo().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn e24_a_store_without_counters_still_caches_tokens() {
    for error in errors() {
        let world = World::new();
        world.store.fail(Operation::Increment, Fault::Error(error));
        let result = world.acquire_demo().await.unwrap();
        assert_fetched(&world, &result);
        assert!(result.metadata.warnings.is_empty(), "{:?}", result.metadata.warnings);
        assert_eq!(count(&world, Operation::Increment), 1);
        assert_hit(&world.acquire_demo().await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e24_the_store_only_component_shares_the_cache_and_does_not_count() {
    let world = World::new();
    for artifact in [Artifact::ComponentDraft2StoreOnly, Artifact::ComponentDraftStoreOnly] {
        let host = world.host_of(built(artifact));
        let (application, request) = (world.application(), world.request());
        world.store.clear_journal();
        let acquired = host.acquire_token_for_client(&application, &request).await;
        assert_fetched(&world, &acquired.unwrap().unwrap());
        assert_eq!(count(&world, Operation::Increment), 0);
        assert_hit(&world.acquire_demo().await.unwrap());
        host.remove_token_for_client(&application, &request).await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e25_an_invalid_counter_is_ignored() {
    let largest = i64::MAX.to_string();
    for value in ["", "abc", "9223372036854775808", "-5", &largest] {
        let world = World::new();
        // Removing a token deletes its counter, whose name stays the same for some seconds.
        world.stop_clock(1_800_000_000);
        world.acquire_demo().await.unwrap();
        let journal = world.store.journal();
        let (_, counter) =
            journal.iter().find(|(operation, _)| *operation == Operation::Increment).unwrap();
        world
            .host
            .remove_token_for_client(&world.application(), &world.request())
            .await
            .unwrap()
            .unwrap();
        world.store.plant(counter, value.as_bytes().to_vec()).await;
        let result = world.acquire_demo().await.unwrap();
        assert_fetched(&world, &result);
        assert!(result.metadata.warnings.is_empty(), "{value}: {:?}", result.metadata.warnings);
        assert_hit(&world.acquire_demo().await.unwrap());
    }
}

/// Not in the catalogue: a call whose deadline passes in the store ends with a clean error, and the next one works.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_takes_longer_than_the_deadline_ends_the_call_cleanly() {
    let world = World::new();
    world.store.fail(Operation::Get, Fault::Slow(Duration::from_millis(400)));
    let request = request_options(&world.request(), [RequestOption::DeadlineMs(100)]);
    match world.acquire(&world.application(), &request).await {
        Ok(result) => assert_fetched(&world, &result),
        Err(error) => assert!(matches!(error.cause, ErrorCause::Unreachable(_)), "{error:?}"),
    }
    world.store.heal();
    let result = world.acquire_demo().await.unwrap();
    assert!(world.emulator.was_issued(&result.access_token));
}

/// Gets a token for each of two calls, swaps their entries in the store, and repeats the calls.
async fn assert_swap_is_a_miss(
    world: &World,
    one: (&Application, &TokenRequest),
    other: (&Application, &TokenRequest),
) {
    let (first, first_key) = acquire_and_find_key(world, one).await;
    let (second, second_key) = acquire_and_find_key(world, other).await;
    assert_ne!(first_key, second_key, "two entries: {other:?}");
    let entries = world.store.entries();
    world.store.plant(&first_key, entries[&second_key].clone()).await;
    world.store.plant(&second_key, entries[&first_key].clone()).await;
    world.let_time_pass();
    for (application, request) in [one, other] {
        let result = world.acquire(application, request).await.unwrap();
        assert_fetched(world, &result);
        assert_ne!(result.access_token, first.access_token, "{other:?}");
        assert_ne!(result.access_token, second.access_token, "{other:?}");
    }
}

async fn acquire_and_find_key(
    world: &World,
    (application, request): (&Application, &TokenRequest),
) -> (AuthenticationResult, String) {
    world.store.clear_journal();
    let result = world.acquire(application, request).await.unwrap();
    assert_fetched(world, &result);
    let journal = world.store.journal();
    let (_, key) = journal.into_iter().find(|(operation, _)| *operation == Operation::Set).unwrap();
    (result, key)
}

fn assert_fetched(world: &World, result: &AuthenticationResult) {
    assert_eq!(result.metadata.token_source, TokenSource::IdentityProvider);
    assert_eq!(result.metadata.token_requests, 1);
    assert!(world.emulator.was_issued(&result.access_token));
}

fn assert_hit(result: &AuthenticationResult) {
    assert_eq!(result.metadata.token_source, TokenSource::Cache);
    assert_eq!(result.metadata.token_requests, 0);
    assert!(result.metadata.warnings.is_empty(), "{:?}", result.metadata.warnings);
}

fn count(world: &World, operation: Operation) -> usize {
    world.store.operations().into_iter().filter(|done| *done == operation).count()
}

fn errors() -> [StoreError; 5] {
    let other = |text: &str| StoreError::Other(text.to_owned());
    [
        StoreError::NoSuchStore,
        StoreError::AccessDenied,
        other("the store is full"),
        other("the quota is exceeded"),
        other(""),
    ]
}

fn with_cache_keys(application: &Application, keys: &[[u8; 32]]) -> Application {
    options(
        application,
        [ApplicationOption::CacheKeys(keys.iter().map(|key| key.to_vec()).collect())],
    )
}

/// The application of the pinned entries.
fn fixture_application(world: &World, cache_key: Option<[u8; 32]>) -> Application {
    match cache_key {
        Some(key) => with_cache_keys(&world.application(), &[key]),
        None => world.application(),
    }
}

/// The authority's answer from which the pinned entries were made.
fn fixture_answer() -> Scripted {
    Scripted::json(
        200,
        json!({
            "token_type": "Bearer",
            "expires_in": 7_200,
            "refresh_in": 3_600,
            "access_token": FIXTURE_TOKEN,
        }),
    )
}

/// The current entries in the notation of the pinned ones: keys and values.
fn in_hex(world: &World) -> Vec<String> {
    let hex = |value: &[u8]| value.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let mut written = world.store.journal();
    written.retain(|(operation, _)| *operation == Operation::Set);
    let entries = world.store.entries();
    written.iter().map(|(_, key)| format!("{key} {}", hex(&entries[key]))).collect()
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// 2048 pseudo-random bytes, the same in every run.
fn pseudorandom(seed: usize) -> Vec<u8> {
    (0..64_u32)
        .flat_map(|block| {
            let mut hash = Sha256::new();
            hash.update(seed.to_be_bytes());
            hash.update(block.to_be_bytes());
            hash.finalize()
        })
        .collect()
}

fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().filter(|character| !character.is_whitespace()).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(&String::from_iter(pair), 16).expect("hexadecimal"))
        .collect()
}

/// An entry that a component with this format wrote.
struct Fixture {
    cache_key: Option<[u8; 32]>,
    key: &'static str,
    value: &'static str,
}

const SEALED_WITH_CACHE_KEY: Fixture = Fixture {
    cache_key: Some([0x42; 32]),
    key: "mt3-y4stcq63foo4eyzondjcv2c3wlrirhe3eecjx373hf7x2ab7ya3q",
    value: "6d746b03fe6eac4da3d50ff748cfef0150f6891b47720b1ad4065e259bd1c21199e02eece3c49fb7486a0bc90b2e3db3\
            df6968dfc2d582311da1c22b0f6c68d910ba552c08d0bf34f6e64fb64bbc08f07425637e70c59e638b73fcd7a2680829\
            078f7900026e9486a2766741960a0ae095432be7e79d8cf7f0f1c484342d926e8f1e3dd9cf81475da8171a1ac39f4a3c\
            a44781c92dc19a974ff6313bfa0fbda4929deb9a2a51b1eb9f535096",
};

/// Sealed with a key derived from the demo application's secret.
const SEALED_WITH_SECRET: Fixture = Fixture {
    cache_key: None,
    key: "mt3-rosyy2fiixnhuh7awcd3iuafwiijtdovfqjogkvgxl7k6rqrqatq",
    value: "6d746b032242a9f748d7fb372fa95692bcc65a0d73c57582b0f5879dccd8f9040fe2612784a9f80475e2854e5272f15f\
            f978516f9e56e28bb9c4a6bf5e559a75afcaa695e30b8b4d70cf6768a49811d6cdc8c805ae159da13aa163671c9b07e9\
            32e104717fbd6aeddb8f1ad7a27d83e409ed48ef26fb8f353654dfb03a578a7ce2a1658553630edb18483dc91efed001\
            a9bb8b87bfb0036e4feefa04d351a92f067f14f852601ed52e826d6f",
};

/// 2026-01-01T00:00:00Z.
const FIXTURE_TIME: u64 = 1_767_225_600;
const FIXTURE_TOKEN: &str = "pinned-entry.of-format.version-3";

/// The memory limit of an instance.
const MEMORY: usize = 16 << 20;

const YEAR: i64 = 365 * 86_400;
