//! The flow of a call, top to bottom: validate the arguments, read the cache, request a token, judge the answer, store
//! it.
//!
//! The store is reached through `SealedStore` and `Notes`, the authority through `Exchange`. The election decides
//! which of the callers that miss the same token requests it.

use crate::application::ApplicationParts;
use crate::cache::CachedToken;
use crate::cache::EntryKey;
use crate::call::Call;
use crate::election::Turn;
use crate::election::is_chosen_to_refresh;
use crate::election::wait_for_turn;
use crate::error::AcquireError;
use crate::error::Cause;
use crate::exchange::Exchange;
use crate::host::Host;
use crate::lookup::CacheMiss;
use crate::lookup::look_up;
use crate::notes::Notes;
use crate::outcome::AuthenticationResult;
use crate::outcome::CacheRefreshReason;
use crate::outcome::Metadata;
use crate::policy::AttemptState;
use crate::policy::Limits;
use crate::policy::Recovery;
use crate::policy::choose_recovery;
use crate::rejections::Rejections;
use crate::remedy::remedy;
use crate::request::TokenRequestParts;
use crate::sealed_store::SealedStore;
use crate::time::UnixTime;
use crate::token_endpoint::TokenAnswer;

/// Returns a token, from the cache if possible.
pub async fn acquire_token_for_client<H: Host>(
    host: &mut H,
    application: ApplicationParts,
    request: TokenRequestParts,
) -> Result<AuthenticationResult, AcquireError> {
    let call = Call::new(application, request).map_err(AcquireError::before_the_call)?;
    let started = host.now().await;
    if !started.wall.is_plausible() {
        return Err(AcquireError::before_the_call(Cause::implausible_clock()));
    }
    let store = SealedStore::new(&call.application);
    let key = call.token_key();
    let mut metadata = call.metadata();
    let mut rejections = Rejections::default();
    let found = match reason_to_bypass(&call, &store) {
        None => {
            rejections = Rejections::load(host, &call, &store, &key).await;
            look_up(host, &call, &store, &key, started, &rejections, true).await
        }
        Some(reason) => Err(CacheMiss { reason, issued_at: None }),
    };
    let found = match found {
        Ok((token, false)) => {
            metadata.warn(store.take_warnings());
            return Ok(call.cached_result(token, metadata));
        }
        found => found,
    };

    let mut limits = Limits::new(&call, started);
    let mut notes = Notes::new(&call, &store, &key);
    let (mut replaced, mut still_good) = (None, None);
    let turn = match found {
        Ok((token, _)) => {
            let is_chosen = is_chosen_to_refresh(host, &mut notes, started, token.issued_at).await;
            metadata.refresh_due = is_chosen && call.request.is_refresh_deferred;
            if is_chosen && !metadata.refresh_due {
                metadata.cache_refresh_reason = CacheRefreshReason::ProactivelyRefreshed;
                limits = limits.for_refresh();
                still_good = Some(token);
                Turn::Ask
            } else {
                Turn::Served(token)
            }
        }
        Err(missing) => {
            metadata.cache_refresh_reason = missing.reason;
            replaced = missing.issued_at;
            wait_for_turn(host, &call, &store, &key, &rejections, &mut notes, &limits, replaced)
                .await
        }
    };
    let outcome = match turn {
        Turn::Ask => {
            match ask_for_token(host, &call, &mut notes, limits, replaced, &mut metadata).await {
                Ok((token, requested_at)) => {
                    let mut result = call.fetched_result(token, requested_at, metadata);
                    keep(host, &store, &key, &mut notes, replaced, requested_at, &mut result).await;
                    result.metadata.warn(store.take_warnings());
                    return Ok(result);
                }
                Err(cause) => Err(cause),
            }
        }
        Turn::Served(token) => {
            metadata.cache_refresh_reason = CacheRefreshReason::NotApplicable;
            Ok(token)
        }
        Turn::Failed(cause) => Err(cause),
    };
    metadata.warn(store.take_warnings());
    match (outcome, still_good) {
        (Ok(token), _) => Ok(call.cached_result(token, metadata)),
        // The cached token is still valid, so a failed refresh is only a warning.
        (Err(cause), Some(token)) => {
            metadata.warnings.push(format!("the token was not refreshed: {cause}"));
            Ok(call.cached_result(token, metadata))
        }
        (Err(cause), None) => {
            Err(AcquireError { remedy: remedy(&cause), cause, metadata: Some(metadata) })
        }
    }
}

/// Why this call must not read the cache; `None` if it may.
fn reason_to_bypass(call: &Call, store: &SealedStore) -> Option<CacheRefreshReason> {
    if !store.is_usable() {
        return Some(CacheRefreshReason::CacheDisabled);
    }
    call.bypasses_cache().then_some(CacheRefreshReason::ForceRefreshOrClaims)
}

/// Requests a token. Returns it with the start of its request; stores a failure for other callers.
async fn ask_for_token<H: Host>(
    host: &mut H,
    call: &Call,
    notes: &mut Notes<'_>,
    limits: Limits,
    replaced: Option<UnixTime>,
    metadata: &mut Metadata,
) -> Result<(TokenAnswer, UnixTime), Cause> {
    let mut exchange = Exchange::new(host, call, limits, notes.are_kept()).await;
    let outcome = request_token(host, call, &mut exchange, notes, limits, metadata).await;
    if let Err(cause) = &outcome {
        let is_noted = notes.note_failure(host, cause, &limits, exchange.sent()).await;
        let obsolete = if is_noted { notes.earlier_round(replaced) } else { notes.own_round() };
        notes.forget(host, obsolete).await;
    }
    outcome
}

/// Sends token requests until one succeeds, the policies allow no further recovery, or the deadline passes.
async fn request_token<H: Host>(
    host: &mut H,
    call: &Call,
    exchange: &mut Exchange<'_>,
    notes: &mut Notes<'_>,
    limits: Limits,
    metadata: &mut Metadata,
) -> Result<(TokenAnswer, UnixTime), Cause> {
    metadata.correlation_id = Some(exchange.correlation_id().to_owned());
    exchange.make_up_for_the_store(host, notes).await;
    let authority = exchange.settle_authority(host, notes).await?;
    let order = notes.credential_order(host).await;
    exchange.make_up_for_the_store(host, notes).await;
    let mut attempt = AttemptState::start(call, authority, order, limits, &mut metadata.warnings)?;
    loop {
        let outcome = exchange.request_token(host, &attempt, metadata).await?;
        let cause = match outcome.answer {
            Ok(token) => {
                notes.note_credential(host, &attempt).await;
                return Ok((token, outcome.started));
            }
            Err(cause) => cause,
        };
        if let (Cause::InvalidCredential(rejection), true) =
            (&cause, attempt.recovery_options().has_more_credentials)
        {
            metadata.warnings.push(attempt.skipped_warning(rejection));
        }
        let recovery = choose_recovery(
            &cause,
            attempt.recovery_options(),
            outcome.server_time,
            outcome.started,
        );
        let is_applied = attempt.apply(recovery, outcome.started, &mut metadata.warnings);
        if !is_applied || (recovery == Recovery::Retry && !exchange.pause(host).await) {
            return Err(cause);
        }
    }
}

/// Caches the token for the followers. A token that cannot be cached is still returned, and the followers are released.
async fn keep<H: Host>(
    host: &mut H,
    store: &SealedStore,
    key: &EntryKey,
    notes: &mut Notes<'_>,
    replaced: Option<UnixTime>,
    requested_at: UnixTime,
    result: &mut AuthenticationResult,
) {
    let is_lasting = requested_at < result.expires_on;
    let is_kept = is_lasting && {
        let entry = CachedToken::of_result(result, requested_at);
        store.write_token(host, key, &entry).await
    };
    if !is_lasting {
        notes.give_up(host).await;
    }
    let obsolete = if is_kept { notes.earlier_round(replaced) } else { notes.own_round() };
    notes.forget(host, obsolete).await;
}
