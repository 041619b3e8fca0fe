//! A call's exchange with the authority: discovery and token requests, within the deadline.

use std::time::Duration;

use crate::authority::Authority;
use crate::cache::EntryKey;
use crate::call::Call;
use crate::correlation::random_guid;
use crate::credential::Credential;
use crate::credential::Proof;
use crate::discovery;
use crate::discovery::Question;
use crate::error::Cause;
use crate::error::NoAnswer;
use crate::error::Unreachable;
use crate::host::Host;
use crate::host::random_bytes;
use crate::limits::Limits;
use crate::outcome::Metadata;
use crate::recovery::AttemptState;
use crate::recovery::retry::retry_pause;
use crate::sealed_store::SealedStore;
use crate::time::Moment;
use crate::time::UnixTime;
use crate::token_endpoint::Redaction;
use crate::token_endpoint::TokenAnswer;
use crate::token_endpoint::TokenRequestForm;
use crate::token_endpoint::judge;
use crate::token_endpoint::server_time;

/// The state that all HTTP requests of a call share.
pub(crate) struct Exchange<'a> {
    call: &'a Call,
    correlation_id: String,
    limits: Limits,
    /// When the last HTTP request was sent, on the monotonic clock.
    sent: Option<Duration>,
    /// Whether `Retry-After` is stored for later calls.
    can_wait: bool,
    redaction: Redaction,
}

/// The outcome of one token request.
pub(crate) struct Outcome {
    pub(crate) answer: Result<TokenAnswer, Cause>,
    /// When the request started.
    pub(crate) started: UnixTime,
    /// The time on the server's clock.
    pub(crate) server_time: Option<UnixTime>,
}

impl<'a> Exchange<'a> {
    /// A further exchange of a call has the correlation ID of the first one.
    pub(crate) async fn new<H: Host>(
        host: &mut H,
        call: &'a Call,
        limits: Limits,
        can_wait: bool,
        earlier: Option<String>,
    ) -> Self {
        let correlation_id = match call.request.correlation_id.clone().or(earlier) {
            Some(id) => id,
            None => random_guid(random_bytes(host).await),
        };
        // The authority may know all of them, from earlier calls.
        let credentials = call.application.credentials.iter();
        let mut redaction = Redaction::new(call.application.client_id.as_str());
        for proof in credentials.filter_map(Credential::to_lasting_proof) {
            redaction.add(&proof);
        }
        Self { call, correlation_id, limits, sent: None, can_wait, redaction }
    }

    pub(crate) fn correlation_id(&self) -> &str {
        &self.correlation_id
    }

    /// When the last HTTP request was sent, on the monotonic clock.
    pub(crate) fn sent(&self) -> Option<Duration> {
        self.sent
    }

    /// Gives the request time that a store used up.
    pub(crate) async fn make_up_for_the_store<H: Host>(
        &mut self,
        host: &mut H,
        store: &SealedStore,
    ) {
        let time_in_store = host.time_in_store();
        if store.is_left_alone() || self.limits.is_much(time_in_store) {
            self.limits = self.limits.extended_from(host.now().await, time_in_store);
        }
    }

    /// Returns the authority, ready to be sent a credential. Runs discovery if its host must be validated or its token
    /// endpoint found.
    pub(crate) async fn settle_authority<H: Host>(
        &mut self,
        host: &mut H,
        store: &SealedStore,
    ) -> Result<Authority, Cause> {
        let authority = &self.call.authority;
        let validate = self.call.application.authority_rules.validate;
        let Some(question) = Question::about(authority, validate) else {
            return Ok(Authority::clone(authority));
        };
        let request = question.to_request(authority, &self.correlation_id);
        let url = request.to_url();
        let now = host.now().await;
        let key = EntryKey::of_document(&url);
        let known = store.read(host, &key).await;
        if let Some(fact) = known.and_then(|record| discovery::from_record(&record, now.wall)) {
            return question.apply(&fact, authority);
        }
        let within = self.time_for_a_request(now)?;
        self.sent = Some(now.monotonic);
        let response = host.send(request, within).await?;
        let fact = question.judge(&response, authority, now.wall, &self.redaction)?;
        if let Some(record) = discovery::to_record(&fact, now.wall) {
            store.write(host, &key, &record).await;
        }
        question.apply(&fact, authority)
    }

    /// Sends one token request with a new proof: a server may reject a `jti` that it has seen.
    pub(crate) async fn request_token<H: Host>(
        &mut self,
        host: &mut H,
        attempt: &AttemptState<'_>,
        metadata: &mut Metadata,
    ) -> Result<Outcome, Cause> {
        // An earlier request's time does not apply to this one.
        self.sent = None;
        let now = host.now().await;
        self.time_left(now)?;
        let (proof, sent) = match self.prove(host, attempt, now).await {
            Ok(proven) => proven,
            Err(cause) => {
                return Ok(Outcome { answer: Err(cause), started: now.wall, server_time: None });
            }
        };
        let within = self.time_for_a_request(sent)?;
        self.sent = Some(sent.monotonic);
        self.redaction.add(&proof);
        let form = TokenRequestForm {
            application: &self.call.application,
            request: &self.call.request,
            authority: &attempt.authority,
            claims: self.call.claims(),
            proof: &proof,
            correlation_id: &self.correlation_id,
            reason: metadata.cache_refresh_reason,
            can_wait: self.can_wait,
        };
        attempt.record(metadata);
        let response = host.send(form.to_http(), within).await;
        let server_time = response.as_ref().ok().and_then(server_time);
        let answer = match response {
            Ok(response) => judge(&response, now.wall, &self.redaction),
            Err(error) => Err(error.into()),
        };
        Ok(Outcome { answer, started: now.wall, server_time })
    }

    /// Waits before a retry. Returns `false` if no time is left for it, or if the failed request already took long.
    pub(crate) async fn pause<H: Host>(&self, host: &mut H) -> bool {
        let [jitter] = random_bytes(host).await;
        let pause = retry_pause(jitter);
        let now = host.now().await;
        let sent = self.sent.unwrap_or(now.monotonic);
        let was_silent = LONG_SILENCE < now.monotonic.saturating_sub(sent);
        if was_silent || !self.time_left(now).is_ok_and(|left| left > pause) {
            return false;
        }
        host.sleep(pause).await;
        true
    }

    /// Makes a proof; returns it with the time when it was ready, because a provider may be slow.
    async fn prove<H: Host>(
        &self,
        host: &mut H,
        attempt: &AttemptState<'_>,
        now: Moment,
    ) -> Result<(Proof, Moment), Cause> {
        let audience = attempt.authority.to_token_endpoint();
        let mut random = vec![0; attempt.credential.random_length()];
        if !random.is_empty() {
            host.random(&mut random).await;
        }
        let params = attempt.assertion_params(&audience, now.wall);
        let proof = attempt.credential.prove(&params, &random).map_err(Cause::InvalidCredential)?;
        if let Some(proof) = proof {
            return Ok((proof, now));
        }
        let within = self.time_for_a_request(now)?;
        let request = self.call.assertion_request(&audience, &self.correlation_id, within);
        let given = host.assertion(request).await;
        let proof = Proof::from_provider(given).map_err(Cause::InvalidCredential)?;
        Ok((proof, host.now().await))
    }

    /// The time limit of one HTTP request.
    fn time_for_a_request(&self, now: Moment) -> Result<Duration, Cause> {
        Ok(self.time_left(now)?.min(self.limits.attempt))
    }

    fn time_left(&self, now: Moment) -> Result<Duration, Cause> {
        let left = self.limits.deadline.saturating_sub(now.monotonic);
        if left.is_zero() {
            return Err(Cause::Unreachable(Unreachable {
                kind: NoAnswer::NotSent,
                reason: "the call's deadline passed before a request was sent".to_owned(),
            }));
        }
        Ok(left)
    }
}

/// Transient faults show sooner. A retry after a longer wait, such as for a connection, would only double it.
const LONG_SILENCE: Duration = Duration::from_secs(2);
