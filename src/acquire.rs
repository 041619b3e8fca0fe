//! The flow, top to bottom: validate, look into the cache, prove, ask, judge, remember.
//!
//! The only file that calls the steps, and the only one that names [`Host`].

use std::time::Duration;

use crate::application::ApplicationParts;
use crate::application::StoreName;
use crate::cache::CachedToken;
use crate::cache::Freshness;
use crate::cache::KeyRing;
use crate::cache::freshness;
use crate::cache::open;
use crate::cache::seal;
use crate::call::Call;
use crate::correlation::random_guid;
use crate::credential::LoadedCredential;
use crate::error::AcquireError;
use crate::error::Cause;
use crate::http::HttpRequest;
use crate::http::HttpResponse;
use crate::http::SendError;
use crate::outcome::AuthenticationResult;
use crate::outcome::CacheRefreshReason;
use crate::outcome::Metadata;
use crate::remedy::remedy;
use crate::request::TokenRequestParts;
use crate::retry::is_worth_a_retry;
use crate::retry::retry_pause;
use crate::time::Moment;
use crate::time::UnixTime;
use crate::token_endpoint::Answer;
use crate::token_endpoint::Redaction;
use crate::token_endpoint::TokenAnswer;
use crate::token_endpoint::TokenRequestForm;
use crate::token_endpoint::judge;

/// Everything that a call needs from outside.
///
/// Under WASI 0.2 every future is ready at once; a test may make each a point where others run.
#[allow(async_fn_in_trait, reason = "used with static dispatch only, on one thread")]
pub trait Host {
    /// Reads both clocks.
    async fn now(&mut self) -> Moment;
    /// Fills the buffer from the host's secure random source.
    async fn random(&mut self, buffer: &mut [u8]);
    /// Reads an entry. An error's text is for a warning.
    async fn get(&mut self, store: &StoreName, key: &str) -> Result<Option<Vec<u8>>, String>;
    /// Writes an entry.
    async fn set(&mut self, store: &StoreName, key: &str, value: &[u8]) -> Result<(), String>;
    /// Deletes an entry.
    async fn delete(&mut self, store: &StoreName, key: &str) -> Result<(), String>;
    /// Sends a request and reads the answer to its end, within the time given.
    async fn send(
        &mut self,
        request: HttpRequest,
        within: Duration,
    ) -> Result<HttpResponse, SendError>;
    /// Waits.
    async fn sleep(&mut self, pause: Duration);
}

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
    let mut metadata = call.metadata();

    let keys = if call.application.is_cache_disabled {
        KeyRing::none()
    } else {
        KeyRing::new(&call.application)
    };
    match read_cache(host, &call, &keys, started, &mut metadata).await {
        Ok((token, refresh_due)) => return Ok(call.cached_result(token, refresh_due, metadata)),
        Err(reason) => metadata.cache_refresh_reason = reason,
    }
    match request_token(host, &call, started, &mut metadata).await {
        Ok((token, requested_at)) => {
            let result = call.fetched_result(token, requested_at, metadata);
            Ok(write_cache(host, &call, &keys, requested_at, result).await)
        }
        Err(cause) => Err(AcquireError { remedy: remedy(&cause), cause, metadata: Some(metadata) }),
    }
}

/// Deletes the entry that [`acquire_token_for_client`] would serve.
pub async fn remove_token_for_client<H: Host>(
    host: &mut H,
    application: ApplicationParts,
    request: TokenRequestParts,
) -> Result<(), AcquireError> {
    let call = Call::new(application, request).map_err(AcquireError::before_the_call)?;
    let token_key = call.token_key();
    for key in KeyRing::new(&call.application).keys() {
        // A store that fails is no reason to fail the caller.
        let _ = host.delete(&call.application.cache_store, &key.name(token_key.as_bytes())).await;
    }
    Ok(())
}

/// A token that may be served, and whether it should be refreshed; or why there is none.
async fn read_cache<H: Host>(
    host: &mut H,
    call: &Call,
    keys: &KeyRing,
    started: Moment,
    metadata: &mut Metadata,
) -> Result<(CachedToken, bool), CacheRefreshReason> {
    if keys.keys().is_empty() {
        return Err(CacheRefreshReason::CacheDisabled);
    }
    let names_bad_token = call.request.rejected_token_sha256.is_some();
    if call.request.force_refresh || (call.request.claims.is_some() && !names_bad_token) {
        return Err(CacheRefreshReason::ForceRefreshOrClaims);
    }
    let token_key = call.token_key();
    let mut reason = CacheRefreshReason::NoCachedAccessToken;
    for (index, key) in keys.keys().iter().enumerate() {
        // Older keys are worth a look only while the store is quick; the first read is free of clocks.
        if index > 0 && STORE_BUDGET < host.now().await.monotonic.saturating_sub(started.monotonic)
        {
            metadata
                .warnings
                .push("the key-value store is slow; older cache keys were not tried".to_owned());
            break;
        }
        let store_key = key.name(token_key.as_bytes());
        let sealed = match host.get(&call.application.cache_store, &store_key).await {
            Ok(Some(sealed)) => sealed,
            Ok(None) => continue,
            Err(warning) => {
                metadata.warnings.push(warning);
                break;
            }
        };
        let Some(token) = open(key, &sealed, &token_key, &store_key) else {
            continue;
        };
        match freshness(&token, call.request.minimum_validity_seconds, started.wall) {
            Freshness::Fresh { .. } if call.is_rejected(&token) => {
                return Err(CacheRefreshReason::ForceRefreshOrClaims);
            }
            Freshness::Fresh { refresh_due } => return Ok((token, refresh_due)),
            Freshness::Expired => reason = CacheRefreshReason::Expired,
            Freshness::Implausible => {}
        }
    }
    Err(reason)
}

/// A token from the authority, and when its request started; at most two requests within the call's deadline.
async fn request_token<H: Host>(
    host: &mut H,
    call: &Call,
    started: Moment,
    metadata: &mut Metadata,
) -> Result<(TokenAnswer, UnixTime), Cause> {
    let credential =
        call.application.credential.load(started.wall).map_err(Cause::InvalidCredential)?;
    metadata.warnings.extend_from_slice(credential.warnings());
    let correlation_id = match metadata.correlation_id.clone() {
        Some(id) => id,
        None => metadata.correlation_id.insert(new_correlation_id(host).await).clone(),
    };
    let deadline = started.monotonic.saturating_add(call.request.deadline);
    let mut redaction = Redaction::default();
    loop {
        let now = host.now().await;
        let within = deadline.saturating_sub(now.monotonic);
        if within.is_zero() {
            return Err(Cause::Unreachable("the call's deadline passed".to_owned()));
        }
        let request = build_request(
            host,
            call,
            &credential,
            &correlation_id,
            now.wall,
            metadata,
            &mut redaction,
        )
        .await?;
        metadata.token_requests = metadata.token_requests.saturating_add(1);
        let cause = match host.send(request, within).await {
            Ok(response) => match judge(&response, now.wall, &redaction) {
                Answer::Token(token) => return Ok((token, now.wall)),
                Answer::Refused(refusal) => Cause::of_refusal(refusal),
                Answer::Unexpected(reason) => Cause::unexpected(Some(response.status), reason),
            },
            Err(error) => Cause::from(error),
        };
        let may_retry = !call.application.is_retry_disabled && credential.can_prove_again();
        if !may_retry || !is_worth_a_retry(&cause, metadata.token_requests) {
            return Err(cause);
        }
        let [jitter] = random_bytes(host).await;
        let pause = retry_pause(jitter);
        if deadline.saturating_sub(host.now().await.monotonic) <= pause {
            return Err(cause);
        }
        host.sleep(pause).await;
    }
}

/// One attempt's request, with a proof of its own: a server may refuse a `jti` that it has seen.
async fn build_request<H: Host>(
    host: &mut H,
    call: &Call,
    credential: &LoadedCredential<'_>,
    correlation_id: &str,
    now: UnixTime,
    metadata: &Metadata,
    redaction: &mut Redaction,
) -> Result<HttpRequest, Cause> {
    let mut random = vec![0; credential.random_length()];
    if !random.is_empty() {
        host.random(&mut random).await;
    }
    let endpoint = call.authority.to_token_endpoint();
    let proof = credential
        .prove(call.application.client_id.as_str(), &endpoint, now, &random)
        .map_err(Cause::InvalidCredential)?;
    redaction.add(&proof);
    let form = TokenRequestForm {
        application: &call.application,
        request: &call.request,
        authority: &call.authority,
        proof: &proof,
        correlation_id,
        reason: metadata.cache_refresh_reason,
    };
    Ok(form.to_http())
}

/// Remembers a token that has a lifetime; the result is the same whether or not the store took it.
async fn write_cache<H: Host>(
    host: &mut H,
    call: &Call,
    keys: &KeyRing,
    requested_at: UnixTime,
    mut result: AuthenticationResult,
) -> AuthenticationResult {
    let Some(key) = keys.keys().first() else {
        return result;
    };
    if result.expires_on <= requested_at {
        return result;
    }
    let token_key = call.token_key();
    let store_key = key.name(token_key.as_bytes());
    let entry = CachedToken {
        access_token: result.access_token.clone(),
        scopes: result.scopes.clone(),
        issued_at: requested_at,
        expires_on: result.expires_on,
        refresh_on: result.refresh_on,
    };
    let nonce = random_bytes(host).await;
    if let Some(sealed) = seal(key, &entry, &token_key, &store_key, nonce)
        && let Err(warning) = host.set(&call.application.cache_store, &store_key, &sealed).await
        && !result.metadata.warnings.contains(&warning)
    {
        result.metadata.warnings.push(warning);
    }
    result
}

async fn new_correlation_id<H: Host>(host: &mut H) -> String {
    random_guid(random_bytes(host).await)
}

async fn random_bytes<H: Host, const N: usize>(host: &mut H) -> [u8; N] {
    let mut bytes = [0; N];
    host.random(&mut bytes).await;
    bytes
}

/// What all reads of a call may take before the rest is left out; a single one cannot be cut short under WASI 0.2.
const STORE_BUDGET: Duration = Duration::from_millis(500);
