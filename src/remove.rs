//! Removal of one token from the cache.

use crate::application::ApplicationParts;
use crate::cache::EntryKey;
use crate::call::Call;
use crate::error::AcquireError;
use crate::host::Host;
use crate::policy::election::Round;
use crate::request::TokenRequestParts;
use crate::sealed_store::SealedStore;

/// Deletes the entry that [`acquire_token_for_client`](crate::acquire::acquire_token_for_client) would serve.
pub async fn remove_token_for_client<H: Host>(
    host: &mut H,
    application: ApplicationParts,
    request: TokenRequestParts,
) -> Result<(), AcquireError> {
    let call = Call::new(application, request).map_err(AcquireError::before_the_call)?;
    let (store, key) = (SealedStore::new(&call.application), call.token_key());
    store.delete_token(host, &key).await;
    // Also deletes this window's ticket counter: left behind, it would make the next caller wait as a follower.
    let round = Round::new(host.now().await.wall, None, None);
    store.delete(host, &EntryKey::of_places(&key, round.to_numbers())).await;
    Ok(())
}
