//! Clocks that differ or jump, and the refresh of a token before it expires: F10 to F21 of the fault catalogue.
//!
//! The emulator sets the refresh time of a token with a lifetime of a day to half a day; the component adds a jitter of up
//! to 5 minutes.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use msal_emulator::Scripted;
use msal_emulator::demo;
use msal_host::Host;
use msal_host::contract::AcquireError;
use msal_host::contract::ApplicationOption;
use msal_host::contract::AuthenticationResult;
use msal_host::contract::CacheRefreshReason;
use msal_host::contract::RequestOption;
use msal_host::contract::TokenRequest;
use msal_host::contract::TokenSource;
use msal_host::store::StoreError;
use msal_host_tests::Fault;
use msal_host_tests::Operation;
use msal_host_tests::World;
use msal_host_tests::options;
use msal_host_tests::request_options;
use msal_host_tests::unreachable_reason;
use serde_json::json;
use sha2::Digest;
use sha2::Sha256;

#[tokio::test(flavor = "multi_thread")]
async fn f10_a_lease_from_the_future_is_ignored() {
    let world = World::new();
    let first = long_lived(&world).await;
    // An instance whose clock is 10 minutes ahead takes the lease for the refresh, and fails.
    world.set_clock_offset(DUE + 600);
    world.emulator.script_any(vec![Scripted::status(500)]);
    assert_not_refreshed(&world.acquire_demo().await.unwrap(), &first);
    assert_eq!(world.token_requests(), 2);
    world.set_clock_offset(DUE);
    let refreshed = world.acquire_demo().await.unwrap();
    assert_refreshed(&refreshed, &first);
    assert_eq!(world.token_requests(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn f10_a_refresh_lease_expires_after_half_a_minute() {
    let world = World::new();
    let first = long_lived(&world).await;
    world.emulator.script_any(vec![Scripted::reset()]);
    world.set_clock_offset(DUE);
    assert_not_refreshed(&world.acquire_demo().await.unwrap(), &first);
    world.set_clock_offset(DUE + 25);
    let held = world.acquire_demo().await.unwrap();
    assert_eq!((&held.access_token, held.metadata.token_requests), (&first.access_token, 0));
    assert!(held.metadata.warnings.is_empty(), "only the call that failed has a warning: {held:?}");
    world.set_clock_offset(DUE + 31);
    assert_refreshed(&world.acquire_demo().await.unwrap(), &first);
}

#[tokio::test(flavor = "multi_thread")]
async fn f10_a_throttle_from_the_future_is_ignored() {
    let world = World::new();
    world.set_clock_offset(600);
    world.emulator.script_any(vec![Scripted::status(429).header("Retry-After", "3600")]);
    world.acquire_demo().await.unwrap_err();
    world.set_clock_offset(0);
    world.acquire_demo().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn f11_clocks_five_minutes_apart_share_their_tokens_and_return_no_expired_one() {
    for (writer, reader) in [(0, 290), (290, 0), (-290, 0), (0, -290), (-145, 145), (145, -145)] {
        let world = World::new();
        world.emulator.set_token_lifetime(Some(3_600));
        world.set_clock_offset(writer);
        let first = world.acquire_demo().await.unwrap();
        world.set_clock_offset(reader);
        let shared = world.acquire_demo().await.unwrap();
        assert_eq!(shared.metadata.token_source, TokenSource::Cache, "{writer} {reader}");
        assert_eq!(shared.access_token, first.access_token);

        // What the reader's clock shows when the token expires by the authority's clock.
        world.set_clock_offset(reader + 3_600);
        let next = world.acquire_demo().await.unwrap();
        assert_ne!(next.access_token, first.access_token, "{writer} {reader}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f11_clocks_further_apart_cost_token_requests_but_yield_no_wrong_token() {
    let world = World::new();
    world.set_clock_offset(400);
    let ahead = world.acquire_demo().await.unwrap();
    world.set_clock_offset(0);
    let behind = world.acquire_demo().await.unwrap();
    assert_ne!(behind.access_token, ahead.access_token);
    assert_eq!(world.token_requests(), 2);
    // The instance whose clock is ahead accepts the entry of the instance whose clock is behind.
    world.set_clock_offset(400);
    assert_eq!(world.acquire_demo().await.unwrap().access_token, behind.access_token);
}

#[tokio::test(flavor = "multi_thread")]
async fn f12_a_clock_that_goes_back_an_hour_costs_one_request_and_causes_no_loop() {
    let world = World::new();
    let mut instance = world.host.instance().await.unwrap();
    let (application, request) = (world.application(), world.request());
    let first = instance.acquire_token_for_client(&application, &request).await.unwrap().unwrap();
    world.set_clock_offset(-3_600);
    let second = instance.acquire_token_for_client(&application, &request).await.unwrap().unwrap();
    assert_ne!(second.access_token, first.access_token, "an entry from the future is a miss");
    assert_eq!(second.metadata.token_source, TokenSource::IdentityProvider);
    assert!(second.expires_on < first.expires_on);
    let third = instance.acquire_token_for_client(&application, &request).await.unwrap().unwrap();
    assert_eq!(third.access_token, second.access_token);
    assert_eq!(third.metadata.token_source, TokenSource::Cache);
    assert_eq!(world.token_requests(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn f12_a_clock_that_goes_back_during_a_call_does_not_move_its_deadline() {
    let mut world = World::new();
    let started = Instant::now();
    // Each reading of the clock is an hour earlier than the last one.
    let looks = AtomicU64::new(0);
    world.host = world.host.with_wall_clock(move || {
        let looks = looks.fetch_add(1, Ordering::Relaxed);
        now().saturating_sub(Duration::from_secs(3_600 * looks))
    });
    world.emulator.script_any(vec![Scripted::hang()]);
    let request = request_options(&world.request(), [RequestOption::DeadlineMs(700)]);
    let error = world.acquire(&world.application(), &request).await.unwrap_err();
    assert!(!unreachable_reason(&error).is_empty());
    let elapsed = started.elapsed().as_millis();
    assert!((600..3_000).contains(&elapsed), "{elapsed} ms");
    let result = world.acquire_demo().await.unwrap();
    assert!(world.emulator.was_issued(&result.access_token));
}

#[tokio::test(flavor = "multi_thread")]
async fn f13_a_clock_that_jumps_a_day_ahead_finds_the_token_expired() {
    let world = World::new();
    let first = world.acquire_demo().await.unwrap();
    world.set_clock_offset(86_400);
    let second = world.acquire_demo().await.unwrap();
    assert_ne!(second.access_token, first.access_token);
    assert_eq!(second.metadata.cache_refresh_reason, CacheRefreshReason::Expired);
    assert_eq!(world.acquire_demo().await.unwrap().access_token, second.access_token);
    assert_eq!(world.token_requests(), 2);
}

/// Only the wall clock can be stopped: the guest's monotonic clock is the host's.
#[tokio::test(flavor = "multi_thread")]
async fn f14_a_stopped_clock_causes_no_loop() {
    let mut world = World::new();
    let stopped = now();
    world.host = world.host.with_wall_clock(move || stopped);
    world.emulator.script_any(vec![Scripted::status(503), Scripted::status(503)]);
    let error = world.acquire_demo().await.unwrap_err();
    assert_eq!(error.metadata.unwrap().token_requests, 2, "one retry, regardless of the clock");
    let waiting = world.acquire_demo().await.unwrap_err();
    assert_eq!(waiting.metadata.unwrap().token_requests, 0);
    assert_eq!(world.token_requests(), 2);

    let application =
        options(&world.application(), [ApplicationOption::CacheKeys(vec![vec![1; 32]])]);
    let first = world.acquire(&application, &world.request()).await.unwrap();
    let second = world.acquire(&application, &world.request()).await.unwrap();
    assert_eq!(second.access_token, first.access_token);
}

#[tokio::test(flavor = "multi_thread")]
async fn f15_a_token_is_served_until_five_minutes_before_its_expiry_to_the_second() {
    for (left, is_served) in [(301, true), (300, false), (299, false), (1, false), (0, false)] {
        let (world, _) = at_fixed_time(json!({"expires_in": 3_600})).await;
        let host = world.host.with_wall_clock(move || Duration::from_secs(NOW + 3_600 - left));
        let result = acquire(&host, &world, &world.request()).await.unwrap();
        assert_eq!(result.metadata.token_source == TokenSource::Cache, is_served, "{left}");
        assert!(result.expires_on > NOW + 3_600 - left + 300 || !is_served);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f15_a_longer_margin_is_exact_too() {
    let margin = 1_000;
    for (left, is_served) in [(margin + 1, true), (margin, false), (margin - 1, false)] {
        let (world, _) = at_fixed_time(json!({"expires_in": 3_600})).await;
        let host = world.host.with_wall_clock(move || Duration::from_secs(NOW + 3_600 - left));
        let request = request_options(
            &world.request(),
            [RequestOption::MinimumValiditySeconds(u32::try_from(margin).unwrap())],
        );
        let result = acquire(&host, &world, &request).await.unwrap();
        assert_eq!(result.metadata.token_source == TokenSource::Cache, is_served, "{left}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f16_a_token_shorter_than_the_margin_is_served_for_half_its_lifetime() {
    for (lifetime, age, is_served) in
        [(60, 29, true), (60, 30, false), (600, 299, true), (600, 300, false)]
    {
        let (world, first) = at_fixed_time(json!({"expires_in": lifetime})).await;
        assert!(first.metadata.warnings.is_empty());
        let host = world.host.with_wall_clock(move || Duration::from_secs(NOW + age));
        for _ in 0..3 {
            let result = acquire(&host, &world, &world.request()).await.unwrap();
            assert_eq!(result.access_token == first.access_token, is_served, "{lifetime} {age}");
        }
        // Three calls at the same time make at most one request.
        assert_eq!(world.token_requests(), if is_served { 1 } else { 2 }, "{lifetime} {age}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f17_a_refresh_time_outside_the_lifetime_is_ignored_and_not_invented() {
    for refresh_in in [
        json!(7_200),
        json!(7_201),
        json!(u64::MAX),
        json!(0),
        json!(-1),
        json!("x"),
        json!(null),
        json!([3_600]),
    ] {
        let body = json!({"expires_in": 7_200, "refresh_in": refresh_in});
        let (world, result) = at_fixed_time(body).await;
        assert_eq!(result.refresh_on, None, "{refresh_in}");
        let host = world.host.with_wall_clock(|| Duration::from_secs(NOW + 6_800));
        let served = acquire(&host, &world, &world.request()).await.unwrap();
        assert_eq!(served.metadata.token_source, TokenSource::Cache, "{refresh_in}");
        assert_eq!(world.token_requests(), 1, "{refresh_in}");
    }
    for refresh_in in [json!(3_600), json!("3600"), json!(3_600.9)] {
        let body = json!({"expires_in": 7_200, "refresh_in": refresh_in});
        let (_, result) = at_fixed_time(body).await;
        assert_eq!(result.refresh_on, Some(NOW + 3_600), "{refresh_in}");
    }
    let (_, result) = at_fixed_time(json!({"expires_in": 86_400})).await;
    assert_eq!(result.refresh_on, None, "the authority sent no refresh time");
}

#[tokio::test(flavor = "multi_thread")]
async fn f18_a_failed_refresh_returns_the_cached_token_with_a_warning() {
    for (name, answer) in [
        ("500", Scripted::status(500)),
        ("503", Scripted::error(503, "temporarily_unavailable", 90_033, "Later.")),
        ("503 and a time", Scripted::status(503).header("Retry-After", "20")),
        ("429", Scripted::status(429).header("Retry-After", "20")),
        ("400", Scripted::error(400, "invalid_scope", 70_011, "No.")),
        ("401", Scripted::error(401, "invalid_client", 7_000_222, "Expired.")),
        ("garbage", Scripted::status(200).body("garbage")),
        ("a redirect", Scripted::status(302).header("Location", "https://evil.example/")),
        ("an end", Scripted::close_without_answer()),
        ("a reset", Scripted::reset()),
    ] {
        let world = World::new();
        let first = long_lived(&world).await;
        world.set_clock_offset(DUE);
        world.emulator.script_any(vec![answer]);
        let served = world.acquire_demo().await.expect(name);
        assert_not_refreshed(&served, &first);
        assert_eq!(served.metadata.token_requests, 1, "{name}: not retried");
        assert_eq!(world.token_requests(), 2, "{name}");
        let next = world.acquire_demo().await.unwrap();
        assert_eq!(next.access_token, first.access_token, "{name}");
        assert_eq!(next.metadata.token_requests, 0, "{name}");

        world.set_clock_offset(DUE + 31);
        assert_refreshed(&world.acquire_demo().await.expect(name), &first);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f18_an_unanswered_refresh_returns_the_token_after_five_seconds() {
    let world = World::new();
    let first = long_lived(&world).await;
    world.set_clock_offset(DUE);
    world.emulator.script_any(vec![Scripted::hang()]);
    let started = Instant::now();
    let served = world.acquire_demo().await.unwrap();
    let elapsed = started.elapsed().as_millis();
    assert!((4_500..7_000).contains(&elapsed), "{elapsed} ms");
    assert_not_refreshed(&served, &first);

    // A shorter deadline of the caller takes precedence.
    world.set_clock_offset(DUE + 60);
    world.emulator.script_any(vec![Scripted::hang()]);
    let started = Instant::now();
    let request = request_options(&world.request(), [RequestOption::DeadlineMs(500)]);
    let served = world.acquire(&world.application(), &request).await.unwrap();
    let elapsed = started.elapsed().as_millis();
    assert!((400..2_000).contains(&elapsed), "{elapsed} ms");
    assert_not_refreshed(&served, &first);
}

#[tokio::test(flavor = "multi_thread")]
async fn f18_no_refresh_is_tried_if_the_store_refuses_writes() {
    let world = World::new();
    let first = long_lived(&world).await;
    world.set_clock_offset(DUE);
    let fault = StoreError::Other("read-only".to_owned());
    world.store.fail(Operation::Set, Fault::Error(fault));
    for _ in 0..3 {
        let served = world.acquire_demo().await.unwrap();
        assert_eq!(served.access_token, first.access_token);
        assert_eq!(served.metadata.token_requests, 0);
        assert_eq!(served.metadata.warnings.len(), 1, "{:?}", served.metadata.warnings);
    }
    assert_eq!(world.token_requests(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn f18_a_deferred_refresh_is_due_for_one_caller_and_delays_no_call() {
    let world = World::new();
    let first = long_lived(&world).await;
    world.set_clock_offset(DUE);
    let deferred = request_options(&world.request(), [RequestOption::DeferRefresh]);
    let mut due = 0;
    for _ in 0..5 {
        let served = world.acquire(&world.application(), &deferred).await.unwrap();
        assert_eq!(served.access_token, first.access_token);
        due += usize::from(served.metadata.refresh_due);
    }
    assert_eq!((due, world.token_requests()), (1, 1));
    let forced = request_options(&deferred, [RequestOption::ForceRefresh]);
    let refreshed = world.acquire(&world.application(), &forced).await.unwrap();
    assert_ne!(refreshed.access_token, first.access_token);
    let next = world.acquire(&world.application(), &deferred).await.unwrap();
    assert_eq!((next.access_token, next.metadata.refresh_due), (refreshed.access_token, false));
}

/// The new token replaces the old one even if the old one expires later: the authority may have a reason, such as a
/// revocation, and both tokens are valid.
#[tokio::test(flavor = "multi_thread")]
async fn f19_a_refreshed_token_replaces_the_old_one_even_if_it_expires_earlier() {
    let world = World::new();
    let first = long_lived(&world).await;
    world.set_clock_offset(DUE);
    world.emulator.set_token_lifetime(Some(1_200));
    let refreshed = world.acquire_demo().await.unwrap();
    assert_refreshed(&refreshed, &first);
    assert!(refreshed.expires_on < first.expires_on);
    let next = world.acquire_demo().await.unwrap();
    assert_eq!(next.access_token, refreshed.access_token);
    assert_eq!(next.expires_on, refreshed.expires_on);
    world.set_clock_offset(DUE + 1_000);
    let after = world.acquire_demo().await.unwrap();
    assert_eq!(after.metadata.cache_refresh_reason, CacheRefreshReason::Expired);
    assert_ne!(after.access_token, first.access_token, "the old token is not served again");
}

#[tokio::test(flavor = "multi_thread")]
async fn f20_each_forced_refresh_makes_its_own_request() {
    let world = Arc::new(World::new());
    let first = world.acquire_demo().await.unwrap();
    let calls: Vec<_> = (0..FORCED)
        .map(|_| {
            let world = Arc::clone(&world);
            tokio::spawn(async move {
                let forced = request_options(&world.request(), [RequestOption::ForceRefresh]);
                world.acquire(&world.application(), &forced).await
            })
        })
        .collect();
    let mut tokens = Vec::new();
    for call in calls {
        let result = call.await.unwrap().unwrap();
        assert_eq!(result.metadata.token_source, TokenSource::IdentityProvider);
        assert_eq!(result.metadata.token_requests, 1);
        tokens.push(result.access_token);
    }
    assert_eq!(world.token_requests(), 1 + FORCED, "every forced refresh sends a request");
    let cached = world.acquire_demo().await.unwrap();
    assert_eq!(cached.metadata.token_source, TokenSource::Cache);
    assert!(tokens.contains(&cached.access_token) && cached.access_token != first.access_token);
    assert_eq!(world.store.entries().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn f20_one_refresh_is_made_by_many_callers_around_the_refresh_time() {
    let world = Arc::new(World::new());
    let first = long_lived(&world).await;
    world.set_clock_offset(DUE);
    world.acquire_demo().await.unwrap();
    let calls: Vec<_> = (0..FORCED)
        .map(|_| {
            let world = Arc::clone(&world);
            tokio::spawn(async move { world.acquire_demo().await })
        })
        .collect();
    for call in calls {
        let served = call.await.unwrap().unwrap();
        assert_ne!(served.access_token, first.access_token);
        assert_eq!(served.metadata.token_source, TokenSource::Cache);
    }
    assert_eq!(world.token_requests(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn f21_two_callers_with_the_same_challenge_make_two_requests_at_most_and_lose_the_old_token()
{
    let world = Arc::new(World::new());
    let revoked = world.acquire_demo().await.unwrap();
    world.emulator.revoke(demo::CLIENT_ID);
    let hash: String =
        Sha256::digest(&revoked.access_token).iter().map(|byte| format!("{byte:02x}")).collect();
    let challenged = |with_hash: bool| {
        let claims = r#"{"access_token":{"nbf":{"essential":true}}}"#.to_owned();
        let rejected = with_hash.then(|| RequestOption::RefreshIfSha256(hash.clone()));
        let challenge = [RequestOption::Claims(claims)];
        request_options(&world.request(), challenge.into_iter().chain(rejected))
    };
    let calls: Vec<_> = [true, true]
        .map(|with_hash| (Arc::clone(&world), challenged(with_hash)))
        .map(|(world, request)| {
            tokio::spawn(async move { world.acquire(&world.application(), &request).await })
        })
        .into();
    for call in calls {
        assert_ne!(call.await.unwrap().unwrap().access_token, revoked.access_token);
    }
    assert!((2..=3).contains(&world.token_requests()), "{}", world.token_requests());
    // A later call finds that the rejected token has been replaced.
    let before = world.token_requests();
    let later = world.acquire(&world.application(), &challenged(true)).await.unwrap();
    assert_eq!(later.metadata.token_source, TokenSource::Cache);
    assert_ne!(later.access_token, revoked.access_token);
    assert_ne!(world.acquire_demo().await.unwrap().access_token, revoked.access_token);
    assert_eq!(world.token_requests(), before);

    // Without the hash the component cannot know that the token was replaced, so it answers the challenge again.
    let again = world.acquire(&world.application(), &challenged(false)).await.unwrap();
    assert_eq!(again.metadata.token_source, TokenSource::IdentityProvider);
    assert_eq!(world.token_requests(), before + 1);
}

/// Gets a token with a lifetime of a day.
async fn long_lived(world: &World) -> AuthenticationResult {
    world.emulator.set_token_lifetime(Some(86_400));
    let token = world.acquire_demo().await.unwrap();
    assert!(token.refresh_on.is_some());
    token
}

/// Gets a token from an answer with these members, at [`NOW`].
async fn at_fixed_time(members: serde_json::Value) -> (World, AuthenticationResult) {
    let mut body = json!({"token_type": "Bearer", "access_token": "planted-access-token"});
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    let world = World::new();
    let host = world.host.with_wall_clock(|| Duration::from_secs(NOW));
    world.emulator.script_any(vec![Scripted::json(200, body)]);
    let result = acquire(&host, &world, &world.request()).await.unwrap();
    (world, result)
}

async fn acquire(
    host: &Host,
    world: &World,
    request: &TokenRequest,
) -> Result<AuthenticationResult, AcquireError> {
    host.acquire_token_for_client(&world.application(), request).await.expect("the host works")
}

fn assert_refreshed(result: &AuthenticationResult, old: &AuthenticationResult) {
    assert_ne!(result.access_token, old.access_token);
    let metadata = &result.metadata;
    assert_eq!(metadata.cache_refresh_reason, CacheRefreshReason::ProactivelyRefreshed);
    assert_eq!(metadata.token_source, TokenSource::IdentityProvider);
    assert!(!metadata.refresh_due && metadata.warnings.is_empty(), "{metadata:?}");
}

/// Asserts that a refresh was tried and failed, and that the old token was returned with a warning.
fn assert_not_refreshed(result: &AuthenticationResult, old: &AuthenticationResult) {
    assert_eq!(result.access_token, old.access_token);
    let metadata = &result.metadata;
    assert_eq!(metadata.token_source, TokenSource::Cache, "{metadata:?}");
    let is_reported = |it: &String| it.contains("not refreshed");
    assert_eq!(metadata.warnings.iter().filter(|it| is_reported(it)).count(), 1, "{metadata:?}");
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap()
}

/// Seconds after which a token with a lifetime of a day is due for its refresh, regardless of the jitter.
const DUE: i64 = 43_200 + 301;
const FORCED: usize = 30;
const NOW: u64 = 1_800_000_000;
