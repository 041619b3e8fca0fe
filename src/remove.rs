//! Removal of one token from the cache.

use crate::application::ApplicationParts;
use crate::call::Call;
use crate::error::AcquireError;
use crate::host::Host;
use crate::limits::Limits;
use crate::request::TokenRequestParts;
use crate::sealed_store::SealedStore;
use crate::single_flight::Flight;

/// Deletes the entry that [`acquire_token_for_client`](crate::acquire::acquire_token_for_client) would serve.
pub async fn remove_token_for_client<H: Host>(
    host: &mut H,
    application: ApplicationParts,
    request: TokenRequestParts,
) -> Result<(), AcquireError> {
    let call = Call::new(application, request).map_err(AcquireError::before_the_call)?;
    let (store, key) = (SealedStore::new(&call.application), call.token_key());
    store.delete_token(host, &key).await;
    let limits = Limits::new(&call, host.now().await);
    Flight::new(&call, &store, &key, None, &limits).forget(host, &limits).await;
    Ok(())
}
