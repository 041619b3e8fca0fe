//! Builds the component with plain cargo, without `artifact`.

use msal_host::contract::TokenSource;
use msal_host_tests::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_cargo_build_for_wasip2_makes_a_working_component() {
    let path = msal_artifact::build_plainly().unwrap();
    let world = World::new();
    let host = world.host_of(std::fs::read(path).unwrap());
    for source in [TokenSource::IdentityProvider, TokenSource::Cache] {
        let result = host.acquire_token_for_client(&world.application(), &world.request()).await;
        assert_eq!(result.unwrap().unwrap().metadata.token_source, source);
    }
}
