//! The component for hosts without a key-value store: its cache is in the instance's memory.

use msal_artifact::Artifact;
use msal_emulator::demo;
use msal_host::Host;
use msal_host::contract::ApplicationOption;
use msal_host::contract::TokenSource;
use msal_host_tests::World;
use msal_host_tests::built;
use msal_host_tests::options;
use msal_host_tests::secret;

#[tokio::test(flavor = "multi_thread")]
async fn h10_without_a_store_a_reused_instance_serves_the_second_call_from_its_memory() {
    let (world, host) = without_a_store();
    let (application, request) = (world.application(), world.request());
    let mut instance = host.instance().await.unwrap();
    let first = instance.acquire_token_for_client(&application, &request).await.unwrap().unwrap();
    assert_eq!(first.metadata.token_source, TokenSource::IdentityProvider);
    assert!(first.metadata.warnings.is_empty(), "{:?}", first.metadata.warnings);
    let second = instance.acquire_token_for_client(&application, &request).await.unwrap().unwrap();
    assert_eq!(second.metadata.token_source, TokenSource::Cache);
    assert_eq!(second.access_token, first.access_token);
    assert_eq!(world.token_requests(), 1);

    instance.remove_token_for_client(&application, &request).await.unwrap().unwrap();
    let third = instance.acquire_token_for_client(&application, &request).await.unwrap().unwrap();
    assert_eq!(third.metadata.token_source, TokenSource::IdentityProvider);
    assert!(world.store.journal().is_empty(), "the host's store is not used");
}

#[tokio::test(flavor = "multi_thread")]
async fn h10_a_fresh_instance_has_an_empty_memory() {
    let (world, host) = without_a_store();
    for expected in 1..=2 {
        let result = host.acquire_token_for_client(&world.application(), &world.request()).await;
        let result = result.unwrap().unwrap();
        assert_eq!(result.metadata.token_source, TokenSource::IdentityProvider);
        assert_eq!(world.token_requests(), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn h10_in_one_instance_a_token_serves_only_the_credential_and_the_store_name_that_cached_it()
{
    let (world, host) = without_a_store();
    let (application, request) = (world.application(), world.request());
    let mut instance = host.instance().await.unwrap();
    instance.acquire_token_for_client(&application, &request).await.unwrap().unwrap();
    let elsewhere = options(&application, [ApplicationOption::CacheStore("other".to_owned())]);
    let result = instance.acquire_token_for_client(&elsewhere, &request).await.unwrap().unwrap();
    assert_eq!(result.metadata.token_source, TokenSource::IdentityProvider);
    let wrong = world.application_with(secret(&demo::client_secret().to_uppercase()));
    let refused = instance.acquire_token_for_client(&wrong, &request).await.unwrap();
    assert_eq!(refused.unwrap_err().kind, "refused");
}

/// A host of the component without a store.
fn without_a_store() -> (World, Host) {
    let world = World::new();
    let host = world.host_of(built(Artifact::ComponentMemory));
    (world, host)
}
