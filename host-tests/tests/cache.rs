//! The cache in the real host: served across instances, kept apart, and never believed when tampered with.

use msal_host::contract::TokenSource;
use msal_host_tests::Operation;
use msal_host_tests::World;

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
