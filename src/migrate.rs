//! Export and import of cached tokens in the JSON schema that the MSAL libraries share.

mod unified_cache;

use std::rc::Rc;

use msal_sealing::SealingKey;

use crate::application::Application;
use crate::application::ApplicationParts;
use crate::cache::CachedToken;
use crate::cache::EntryKey;
use crate::cache::Freshness;
use crate::cache::freshness;
use crate::call::Call;
use crate::credential::Credential;
use crate::error::AcquireError;
use crate::error::Cause;
use crate::error::Rejection;
use crate::host::Host;
use crate::request::TokenRequestParts;
use crate::scope;
use crate::sealed_store::SealedStore;
use crate::secret::Secret;
use crate::time::Moment;

use unified_cache::Owner;
pub use unified_cache::SkipReason;
use unified_cache::UnifiedToken;

/// The result of an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Tokens that were written to the store.
    pub imported: u32,
    /// Entries that were skipped.
    pub skipped: u32,
}

/// Returns the cached tokens of these requests in MSAL's unified schema.
pub async fn export_token_cache<H: Host>(
    host: &mut H,
    application: ApplicationParts,
    requests: Vec<TokenRequestParts>,
) -> Result<Secret<String>, AcquireError> {
    let application =
        Application::from_parts(application).map_err(AcquireError::before_the_call)?;
    let application = Rc::new(application);
    let store = SealedStore::new(&application);
    let now = plausible_now(host).await?;
    check_seal(&store).map_err(rejected)?;
    check_credential(&application).map_err(rejected)?;
    let mut tokens = Vec::new();
    for request in requests {
        let call = Call::of(Rc::clone(&application), request).map_err(rejected)?;
        // The libraries disagree on the keys of such entries.
        if !call.request.to_cache_key_extras().is_empty() {
            continue;
        }
        let exportable = |token: CachedToken, key: &SealingKey| {
            let is_fresh = matches!(freshness(&token, 0, now), Freshness::Fresh { .. });
            (is_fresh && may_export(&application, &token, key)).then_some(token)
        };
        let found = store.find_token(host, &call.token_key(), Some(now), exportable).await;
        if let Some(token) = found {
            let tenant = call.authority.to_realm();
            let scopes = call.request.scopes.to_vec();
            tokens.push((call.authority, UnifiedToken { tenant, scopes, token }));
        }
    }
    Ok(unified_cache::to_text(application.client_id.as_str(), &tokens))
}

/// Stores the application's own tokens from a cache in MSAL's unified schema, as if they had been acquired here.
pub async fn import_token_cache<H: Host>(
    host: &mut H,
    application: ApplicationParts,
    cache: &Secret<String>,
) -> Result<ImportReport, AcquireError> {
    let application =
        Application::from_parts(application).map_err(AcquireError::before_the_call)?;
    let application = Rc::new(application);
    let store = SealedStore::new(&application);
    let now = plausible_now(host).await?;
    check_seal(&store).map_err(rejected)?;
    let (tokens, skipped) = importable(&application, cache.expose(), now).map_err(rejected)?;
    let skipped = u32::try_from(skipped.len()).unwrap_or(u32::MAX);
    let mut report = ImportReport { imported: 0, skipped };
    let credential = application.credentials.iter().find(|it| it.is_long_lived());
    let acquired_with = store.fingerprint_in_entry(credential);
    for Importable { key, token } in tokens {
        let token = CachedToken { acquired_with, ..token };
        let is_stored = store.write_token(host, &key, &token).await;
        let count = if is_stored { &mut report.imported } else { &mut report.skipped };
        *count = count.saturating_add(1);
    }
    Ok(report)
}

/// Why entries of a cache would be skipped by an import. For tools: the contract reports only their number.
pub fn skip_reasons(
    application: ApplicationParts,
    cache: &str,
    now: Moment,
) -> Result<Vec<SkipReason>, Cause> {
    let application = Rc::new(Application::from_parts(application)?);
    let (_, skipped) = importable(&application, cache, now).map_err(Cause::InvalidRequest)?;
    Ok(skipped)
}

/// The tokens that can be stored, and why the others cannot.
fn importable(
    application: &Rc<Application>,
    cache: &str,
    now: Moment,
) -> Result<(Vec<Importable>, Vec<SkipReason>), Rejection> {
    let owner = Owner {
        client_id: application.client_id.as_str(),
        authority: &application.authority,
        rules: &application.authority_rules,
    };
    let (tokens, mut skipped) = owner.read(cache, now.wall)?;
    let mut importable = Vec::with_capacity(tokens.len());
    for UnifiedToken { tenant, scopes, token } in tokens {
        let tenant = Some(tenant).filter(|tenant| !application.authority.is_realm(tenant));
        let parts = TokenRequestParts { scopes, tenant, ..TokenRequestParts::default() };
        if !matches!(freshness(&token, 0, now), Freshness::Fresh { .. }) {
            skipped.push(SkipReason::Expired);
            continue;
        }
        match Call::of(Rc::clone(application), parts) {
            Ok(call) => importable.push(Importable { key: call.token_key(), token }),
            Err(rejection) if rejection.field == scope::FIELD => {
                skipped.push(SkipReason::OtherKind);
            }
            Err(_) => skipped.push(SkipReason::OtherAuthority),
        }
    }
    Ok((importable, skipped))
}

/// A token with its key.
struct Importable {
    key: EntryKey,
    token: CachedToken,
}

/// Without a key there is no cache, and an empty answer would look like an empty cache.
fn check_seal(store: &SealedStore) -> Result<(), Rejection> {
    if store.is_usable() {
        return Ok(());
    }
    Err(Rejection::missing(
        "application.options.cache-keys",
        "is missing: an assertion cannot seal the cache; give a key, or a secret or certificate as credential, and do \
         not disable the cache",
    ))
}

/// The holder of a cache key can open the entries, so an export also demands the credential. An assertion is another one
/// each time: it cannot show that a token is its application's.
fn check_credential(application: &Application) -> Result<(), Rejection> {
    if application.cache_keys.is_empty()
        || application.credentials.iter().any(Credential::is_long_lived)
    {
        return Ok(());
    }
    Err(Rejection::not_allowed(
        "application.credentials",
        "contains only assertions; with cache-keys, a token is exported to the secret or certificate that acquired it",
    ))
}

/// Whether one of the credentials acquired the token. Without cache keys, a credential has opened the entry.
fn may_export(application: &Application, token: &CachedToken, key: &SealingKey) -> bool {
    let is_holder = |credential: &Credential| {
        token.acquired_with.is_some() && token.acquired_with == credential.to_fingerprint(key)
    };
    application.cache_keys.is_empty() || application.credentials.iter().any(is_holder)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::KeyRing;
    use crate::credential::CredentialParts;
    use crate::time::UnixTime;

    fn secret(text: &str) -> CredentialParts {
        CredentialParts::Secret(Secret::from(text.to_owned()))
    }

    fn application(credentials: Vec<CredentialParts>, cache_keys: &[u8]) -> Application {
        let application = ApplicationParts {
            client_id: "client".to_owned(),
            authority: "contoso.com".to_owned(),
            credentials,
            cache_keys: cache_keys.iter().map(|&byte| vec![byte; 32].into()).collect(),
            ..ApplicationParts::default()
        };
        Application::from_parts(application).unwrap()
    }

    #[test]
    fn with_cache_keys_a_token_is_exported_to_its_acquirer_alone() {
        let key = |byte| KeyRing::new(&application(vec![secret("s")], &[byte]));
        let (first, second) = (key(1), key(2));
        let (first, second) = (first.sealing().unwrap(), second.sealing().unwrap());
        let own = application(vec![secret("another"), secret("own")], &[1]);
        let acquired_with = own.credentials[1].to_fingerprint(first);
        let token = CachedToken {
            access_token: Secret::from("a-token".to_owned()),
            scopes: Vec::new(),
            issued_at: UnixTime::from_seconds(1),
            expires_on: UnixTime::from_seconds(2),
            refresh_on: None,
            ended: None,
            acquired_with,
        };
        assert!(may_export(&own, &token, first));
        assert!(!may_export(&own, &token, second), "the fingerprint is keyed");
        let other = application(vec![secret("another")], &[1]);
        assert!(!may_export(&other, &token, first));
        let unknown = CachedToken { acquired_with: None, ..token };
        assert!(!may_export(&own, &unknown, first));
        assert!(may_export(&application(vec![secret("s")], &[]), &unknown, first));
    }

    #[test]
    fn with_cache_keys_an_export_needs_a_lasting_credential() {
        let assertion = || CredentialParts::Assertion(Secret::from("e30.e30.c2ln".to_owned()));
        let fails =
            |credentials, keys: &[u8]| check_credential(&application(credentials, keys)).is_err();
        assert!(fails(vec![assertion(), CredentialParts::Provider], &[1]));
        assert!(!fails(vec![assertion(), secret("s")], &[1]));
        assert!(!fails(vec![secret("s")], &[]));
    }
}
