//! The flow, top to bottom: check, look into the cache, ask, judge, remember.
//!
//! Every order in which things happen is decided here. The outside is reached through two things: the vault, with the
//! notes in it, and the exchange with the authority.

use crate::application::ApplicationParts;
use crate::cache::CachedToken;
use crate::cache::EntryKey;
use crate::cache::Freshness;
use crate::cache::freshness;
use crate::call::Call;
use crate::error::AcquireError;
use crate::error::Cause;
use crate::exchange::Exchange;
use crate::host::Host;
use crate::notes::Notes;
use crate::outcome::AuthenticationResult;
use crate::outcome::CacheRefreshReason;
use crate::outcome::Metadata;
use crate::policy::Course;
use crate::policy::Limits;
use crate::policy::Step;
use crate::policy::next_step;
use crate::remedy::remedy;
use crate::request::TokenRequestParts;
use crate::time::Moment;
use crate::time::UnixTime;
use crate::token_endpoint::TokenAnswer;
use crate::vault::Vault;

/// Returns a token, from the cache if it can.
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
    let vault = Vault::new(&call.application);
    let key = call.token_key();
    let mut metadata = call.metadata();
    let cached = read_cache(host, &call, &vault, &key, started, &mut metadata).await;
    let cached = match cached {
        Ok((token, false)) => return Ok(call.cached_result(token, metadata)),
        Ok((token, true)) => Some(token),
        Err(reason) => {
            metadata.cache_refresh_reason = reason;
            None
        }
    };

    let mut limits = Limits::new(&call, started);
    if let Some(token) = &cached {
        let mut notes = Notes::new(&call, &vault);
        let is_chosen = notes.claim_refresh(host, started.wall).await;
        metadata.warn(notes.into_warnings());
        metadata.refresh_due = is_chosen && call.request.is_refresh_deferred;
        if !is_chosen || call.request.is_refresh_deferred {
            return Ok(call.cached_result(token.clone(), metadata));
        }
        metadata.cache_refresh_reason = CacheRefreshReason::ProactivelyRefreshed;
        limits = limits.for_refresh();
    }
    let outcome = request_token(host, &call, &vault, limits, &mut metadata).await;
    match (outcome, cached) {
        (Ok((token, requested_at)), _) => {
            let mut result = call.fetched_result(token, requested_at, metadata);
            write_cache(host, &vault, &key, requested_at, &mut result).await;
            Ok(result)
        }
        // Nobody asked for a new one, and the old one is good.
        (Err(cause), Some(token)) => {
            metadata.warnings.push(format!("the token was not refreshed: {cause}"));
            Ok(call.cached_result(token, metadata))
        }
        (Err(cause), None) => {
            Err(AcquireError { remedy: remedy(&cause), cause, metadata: Some(metadata) })
        }
    }
}

/// A token that may be served, and whether it should be refreshed; or why there is none.
async fn read_cache<H: Host>(
    host: &mut H,
    call: &Call,
    vault: &Vault,
    key: &EntryKey,
    started: Moment,
    metadata: &mut Metadata,
) -> Result<(CachedToken, bool), CacheRefreshReason> {
    if !vault.is_usable() {
        return Err(CacheRefreshReason::CacheDisabled);
    }
    if call.passes_over_the_cache() {
        return Err(CacheRefreshReason::ForceRefreshOrClaims);
    }
    let mut reason = CacheRefreshReason::NoCachedAccessToken;
    let minimum = call.request.minimum_validity_seconds;
    let judge = |token: CachedToken| match freshness(&token, minimum, started) {
        Freshness::Fresh { .. } if call.is_rejected(&token) => {
            Some(Err(CacheRefreshReason::ForceRefreshOrClaims))
        }
        Freshness::Fresh { refresh_due } => Some(Ok((token, refresh_due))),
        Freshness::Expired => {
            reason = CacheRefreshReason::Expired;
            None
        }
        Freshness::Implausible => None,
    };
    let found = vault.find_token(host, key, started, &mut metadata.warnings, judge).await;
    found.unwrap_or(Err(reason))
}

/// A token from the authority, and when its request started, unless it is known that none is to be had yet.
async fn request_token<H: Host>(
    host: &mut H,
    call: &Call,
    vault: &Vault,
    limits: Limits,
    metadata: &mut Metadata,
) -> Result<(TokenAnswer, UnixTime), Cause> {
    let mut notes = Notes::new(call, vault);
    let outcome = match notes.backoff(host, limits.started).await {
        Some(cause) => Err(cause),
        None => {
            let outcome = ask_for_token(host, call, &mut notes, limits, metadata).await;
            if let Err(cause) = &outcome {
                notes.note_failure(host, cause).await;
            }
            outcome
        }
    };
    metadata.warn(notes.into_warnings());
    outcome
}

/// One request, and what else each policy allows, within the deadline.
async fn ask_for_token<H: Host>(
    host: &mut H,
    call: &Call,
    notes: &mut Notes<'_>,
    limits: Limits,
    metadata: &mut Metadata,
) -> Result<(TokenAnswer, UnixTime), Cause> {
    let mut exchange = Exchange::new(host, call, limits.deadline, notes.are_kept()).await;
    metadata.correlation_id = Some(exchange.correlation_id().to_owned());
    let authority = exchange.settle_authority(host, notes).await?;
    let order = notes.credential_order(host).await;
    let mut course = Course::start(call, authority, order, limits, &mut metadata.warnings)?;
    loop {
        let outcome = exchange.request_token(host, &course, metadata).await?;
        let cause = match outcome.answer {
            Ok(token) => {
                notes.note_credential(host, &course).await;
                return Ok((token, outcome.started));
            }
            Err(cause) => cause,
        };
        if let (Cause::InvalidCredential(rejection), true) =
            (&cause, course.attempt().has_more_credentials)
        {
            metadata.warnings.push(course.passed_over(rejection));
        }
        let step = next_step(&cause, course.attempt(), outcome.server_time, outcome.started);
        let is_taken = course.take(step, outcome.started, &mut metadata.warnings);
        if !is_taken || (step == Step::Retry && !exchange.pause(host).await) {
            return Err(cause);
        }
    }
}

/// Remembers a token that has a lifetime; the result is the same whether or not the store takes it.
async fn write_cache<H: Host>(
    host: &mut H,
    vault: &Vault,
    key: &EntryKey,
    requested_at: UnixTime,
    result: &mut AuthenticationResult,
) {
    if result.expires_on > requested_at {
        let entry = CachedToken::of_result(result, requested_at);
        let mut warnings = Vec::new();
        vault.write_token(host, key, &entry, &mut warnings).await;
        result.metadata.warn(warnings);
    }
}
