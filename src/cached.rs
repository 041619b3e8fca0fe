//! What else can be done with cached tokens: forget one, hand them over, take them over.

use std::rc::Rc;

use crate::application::Application;
use crate::application::ApplicationParts;
use crate::cache::EntryKey;
use crate::cache::Freshness;
use crate::cache::freshness;
use crate::call::Call;
use crate::error::AcquireError;
use crate::error::Cause;
use crate::error::Rejection;
use crate::host::Host;
use crate::policy::election::Round;
use crate::request::TokenRequestParts;
use crate::secret::Secret;
use crate::time::Moment;
use crate::unified_cache;
use crate::unified_cache::Owner;
use crate::unified_cache::UnifiedToken;
use crate::vault::Vault;

/// What came of an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Tokens that are in the store now.
    pub imported: u32,
    /// Entries that were passed over.
    pub skipped: u32,
}

/// Deletes the entry that [`acquire_token_for_client`](crate::acquire::acquire_token_for_client) would serve.
pub async fn remove_token_for_client<H: Host>(
    host: &mut H,
    application: ApplicationParts,
    request: TokenRequestParts,
) -> Result<(), AcquireError> {
    let call = Call::new(application, request).map_err(AcquireError::before_the_call)?;
    let (vault, key) = (Vault::new(&call.application), call.token_key());
    vault.delete_token(host, &key).await;
    // The election that brought it, if that was the first in its window: its places would hold up the next caller.
    let round = Round::new(host.now().await.wall, None, None);
    vault.delete_note(host, &EntryKey::of_places(&key, round.to_numbers())).await;
    Ok(())
}

/// The cached tokens of these requests in MSAL's unified schema.
pub async fn export_token_cache<H: Host>(
    host: &mut H,
    application: ApplicationParts,
    requests: Vec<TokenRequestParts>,
) -> Result<Secret<String>, AcquireError> {
    let application =
        Application::from_parts(application).map_err(AcquireError::before_the_call)?;
    let application = Rc::new(application);
    let vault = Vault::new(&application);
    let now = plausible_now(host).await?;
    let mut tokens = Vec::new();
    for request in requests {
        let call = Call::of(Rc::clone(&application), request).map_err(rejected)?;
        // The libraries do not agree on how such entries are told apart.
        if !call.request.to_cache_key_extras().is_empty() {
            continue;
        }
        let is_fresh = |token| match freshness(&token, 0, now) {
            Freshness::Fresh { .. } => Some(token),
            Freshness::Expired | Freshness::Implausible => None,
        };
        let found =
            vault.find_token(host, &call.token_key(), now, true, &mut Vec::new(), is_fresh).await;
        if let Some(token) = found {
            let tenant = call.authority.to_realm();
            let scopes = call.request.scopes.to_vec();
            tokens.push((call.authority, UnifiedToken { tenant, scopes, token }));
        }
    }
    Ok(unified_cache::to_text(application.client_id.as_str(), &tokens))
}

/// Stores the application's own tokens of a cache in MSAL's unified schema, as if they had been acquired here.
pub async fn import_token_cache<H: Host>(
    host: &mut H,
    application: ApplicationParts,
    cache: &Secret<String>,
) -> Result<ImportReport, AcquireError> {
    let application =
        Application::from_parts(application).map_err(AcquireError::before_the_call)?;
    let application = Rc::new(application);
    let vault = Vault::new(&application);
    let now = plausible_now(host).await?;
    let owner = Owner {
        client_id: application.client_id.as_str(),
        authority: &application.authority,
        rules: &application.authority_rules,
    };
    let (tokens, skipped) = owner.read(cache.expose(), now.wall).map_err(rejected)?;
    let mut report = ImportReport { imported: 0, skipped };
    for UnifiedToken { tenant, scopes, token } in tokens {
        let tenant = Some(tenant).filter(|tenant| !application.authority.is_realm(tenant));
        let parts = TokenRequestParts { scopes, tenant, ..TokenRequestParts::default() };
        let is_stored = match Call::of(Rc::clone(&application), parts) {
            Ok(call) if matches!(freshness(&token, 0, now), Freshness::Fresh { .. }) => {
                vault.write_token(host, &call.token_key(), &token, &mut Vec::new()).await
            }
            _ => false,
        };
        let count = if is_stored { &mut report.imported } else { &mut report.skipped };
        *count = count.saturating_add(1);
    }
    Ok(report)
}

async fn plausible_now<H: Host>(host: &mut H) -> Result<Moment, AcquireError> {
    let now = host.now().await;
    if now.wall.is_plausible() {
        return Ok(now);
    }
    Err(AcquireError::before_the_call(Cause::implausible_clock()))
}

fn rejected(rejection: Rejection) -> AcquireError {
    AcquireError::before_the_call(Cause::InvalidRequest(rejection))
}
