//! The flow of a call, top to bottom: validate the arguments, read the cache, request a token, judge the answer, store
//! it.
//!
//! The store is reached through `SealedStore`, the authority through `Exchange`. Single flight decides which of the
//! callers that miss the same token requests it.

use crate::application::ApplicationParts;
use crate::cache::CachedToken;
use crate::call::Call;
use crate::error::AcquireError;
use crate::error::Cause;
use crate::exchange::Exchange;
use crate::host::Host;
use crate::limits::Limits;
use crate::lookup::CacheMiss;
use crate::lookup::Lookup;
use crate::lookup::judge_again;
use crate::lookup::look_up;
use crate::outcome::AuthenticationResult;
use crate::outcome::CacheRefreshReason;
use crate::recovery::AttemptState;
use crate::recovery::Recovery;
use crate::recovery::choose_recovery;
use crate::recovery::retry::is_worth_a_retry;
use crate::rejections::Rejections;
use crate::request::TokenRequestParts;
use crate::sealed_store::SealedStore;
use crate::session::Session;
use crate::single_flight;
use crate::single_flight::Flight;
use crate::single_flight::Joined;
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
    let (store, key) = (SealedStore::new(&call.application), call.token_key());
    let mut session = Session {
        host,
        call: &call,
        store: &store,
        key: &key,
        started,
        rejections: Rejections::default(),
        metadata: call.metadata(),
    };
    match look_up(&mut session).await {
        Lookup::Fresh(token) => Ok(session.serve(token)),
        Lookup::RefreshDue(token) => refresh(session, token).await,
        Lookup::Miss(miss) => fetch(session, miss).await,
    }
}

/// Returns a token that is past its refresh time, or its replacement if this call is the one to refresh it.
async fn refresh<H: Host>(
    mut session: Session<'_, H>,
    token: CachedToken,
) -> Result<AuthenticationResult, AcquireError> {
    let limits = Limits::new(session.call, session.started);
    let Session { call, store, key, .. } = session;
    let mut flight = Flight::new(call, store, key, Some(&token), &limits.for_refresh());
    let is_chosen = single_flight::is_chosen_to_refresh(&mut session, &mut flight).await;
    let token = match judge_again(&mut session, Lookup::RefreshDue(token)).await {
        Lookup::Fresh(token) | Lookup::RefreshDue(token) => token,
        // It expired while the store took long, so this call needs a token, and has all its time for it.
        Lookup::Miss(miss) if is_chosen => {
            session.metadata.cache_refresh_reason = miss.reason;
            return lead(session, flight, limits).await;
        }
        Lookup::Miss(miss) => return fetch(session, miss).await,
    };
    if !is_chosen || session.call.request.is_refresh_deferred {
        session.metadata.refresh_due = is_chosen;
        return Ok(session.serve(token));
    }
    session.metadata.cache_refresh_reason = CacheRefreshReason::ProactivelyRefreshed;
    match ask_for_token(&mut session, &mut flight, limits.for_refresh()).await {
        Ok((answer, requested_at)) => Ok(keep(session, flight, answer, requested_at).await),
        Err(cause) => match judge_again(&mut session, Lookup::RefreshDue(token)).await {
            // It expired, too, and a refresh has less time than the call.
            Lookup::Miss(miss) if may_ask_again(&session, &cause, &limits) => {
                fetch(session, miss).await
            }
            Lookup::Miss(_) => Err(session.fail(cause)),
            // The cached token is still valid, so a failed refresh is only a warning.
            Lookup::Fresh(token) | Lookup::RefreshDue(token) => {
                session.metadata.warn(session.store.take_warnings());
                session.metadata.warnings.push(format!("the token was not refreshed: {cause}"));
                Ok(session.serve(token))
            }
        },
    }
}

/// Whether a call may request a token after a refresh that failed: nothing was sent, or its only request had no answer and
/// may be retried.
fn may_ask_again<H: Host>(session: &Session<'_, H>, cause: &Cause, limits: &Limits) -> bool {
    match session.metadata.token_requests {
        0 => true,
        1 => limits.may_retry && matches!(cause, Cause::Unreachable(_)) && is_worth_a_retry(cause),
        _ => false,
    }
}

/// Returns a token that the cache does not have: the one that another caller requests meanwhile, or one of this call.
async fn fetch<H: Host>(
    mut session: Session<'_, H>,
    miss: CacheMiss,
) -> Result<AuthenticationResult, AcquireError> {
    let limits = Limits::new(session.call, session.started);
    // A refresh that was not answered counts as the first attempt.
    let limits = if session.metadata.token_requests > 0 { limits.without_retry() } else { limits };
    session.metadata.cache_refresh_reason = miss.reason;
    let Session { call, store, key, .. } = session;
    let mut flight = Flight::new(call, store, key, miss.token.as_ref(), &limits);
    match single_flight::join(&mut session, &mut flight).await {
        Joined::Leads => lead(session, flight, limits).await,
        Joined::Served(token) => {
            session.metadata.cache_refresh_reason = CacheRefreshReason::NotApplicable;
            Ok(session.serve(token))
        }
        Joined::Failed(cause) => Err(session.fail(cause)),
    }
}

/// Requests a token for this call and for those that wait for it.
async fn lead<H: Host>(
    mut session: Session<'_, H>,
    mut flight: Flight<'_>,
    limits: Limits,
) -> Result<AuthenticationResult, AcquireError> {
    match ask_for_token(&mut session, &mut flight, limits).await {
        Ok((answer, requested_at)) => Ok(keep(session, flight, answer, requested_at).await),
        Err(cause) => Err(session.fail(cause)),
    }
}

/// Requests a token. Returns it with the start of its request; stores a failure for other callers.
async fn ask_for_token<H: Host>(
    session: &mut Session<'_, H>,
    flight: &mut Flight<'_>,
    limits: Limits,
) -> Result<(TokenAnswer, UnixTime), Cause> {
    let can_wait = session.store.is_usable();
    let earlier = session.metadata.correlation_id.clone();
    let mut exchange = Exchange::new(session.host, session.call, limits, can_wait, earlier).await;
    // The failure of others counts as the first attempt.
    let limits = if flight.follows_failure() { limits.without_retry() } else { limits };
    let outcome = request_token(session, &mut exchange, flight, limits).await;
    if let Err(cause) = &outcome {
        flight.end_with_failure(session.host, cause, &limits, exchange.sent()).await;
    }
    outcome
}

/// Sends token requests until one succeeds, the policies allow no further recovery, or the deadline passes.
async fn request_token<H: Host>(
    session: &mut Session<'_, H>,
    exchange: &mut Exchange<'_>,
    flight: &Flight<'_>,
    limits: Limits,
) -> Result<(TokenAnswer, UnixTime), Cause> {
    session.metadata.correlation_id = Some(exchange.correlation_id().to_owned());
    exchange.make_up_for_the_store(session.host, session.store).await;
    let authority = exchange.settle_authority(session.host, session.store).await?;
    let order = session.credential_order(flight.credentials()).await;
    exchange.make_up_for_the_store(session.host, session.store).await;
    let Session { host, metadata, call, .. } = session;
    let mut attempt = AttemptState::start(call, authority, order, limits, &mut metadata.warnings)?;
    loop {
        let outcome = exchange.request_token(*host, &attempt, metadata).await?;
        let cause = match outcome.answer {
            Ok(token) => {
                if let Some(index) = attempt.changed_credential() {
                    session.remember_credential(flight.credentials().get(index)).await;
                }
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
        if !is_applied || (recovery == Recovery::Retry && !exchange.pause(*host).await) {
            return Err(cause);
        }
    }
}

/// Caches the token for the followers. A token that cannot be cached is still returned, and the followers are released.
async fn keep<H: Host>(
    session: Session<'_, H>,
    mut flight: Flight<'_>,
    answer: TokenAnswer,
    requested_at: UnixTime,
) -> AuthenticationResult {
    let Session { host, call, store, key, metadata, .. } = session;
    let mut result = call.fetched_result(answer, requested_at, metadata);
    let is_too_long = result.access_token.expose().len() > MAX_CACHED_LENGTH;
    if is_too_long {
        let warning = "the token is longer than 256 KiB, so it is not cached";
        result.metadata.warn(vec![warning.to_owned()]);
    }
    if requested_at < result.expires_on && !is_too_long {
        let mut entry = CachedToken::of_result(&result, requested_at, flight.election());
        let index = result.metadata.credential_index;
        let credential = index.and_then(|index| call.application.credentials.get(index));
        entry.acquired_with = store.fingerprint_in_entry(credential);
        if store.write_token(host, key, &entry).await {
            flight.end_with_token(host).await;
        } else {
            flight.abandon(host).await;
        }
    } else {
        flight.release(host).await;
    }
    result.metadata.warn(store.take_warnings());
    result
}

/// Ten times the longest token of Entra. Sealing a longer one would take most of an instance's memory.
const MAX_CACHED_LENGTH: usize = 256 << 10;
