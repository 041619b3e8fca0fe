//! The state that instances share through the store: leases, remembered failures, the credential that works, discovery.
//!
//! All of it is a hint: a call succeeds without it.

use std::time::Duration;

use crate::cache::EntryKey;
use crate::call::Call;
use crate::discovery;
use crate::error::Cause;
use crate::host::Host;
use crate::host::random_bytes;
use crate::policy::AttemptState;
use crate::policy::Limits;
use crate::policy::backoff::Backoff;
use crate::policy::backoff::Party;
use crate::policy::election;
use crate::policy::election::Claim;
use crate::policy::election::Round;
use crate::policy::failover;
use crate::sealed_store::SealedStore;
use crate::time::UnixTime;
use crate::time::to_milliseconds;

/// A call's view of the shared state.
pub(crate) struct Notes<'a> {
    call: &'a Call,
    store: &'a SealedStore,
    token: &'a EntryKey,
    party: Party,
    /// Whether this call leads, so that followers wait for it.
    is_awaited: bool,
    /// The lease of this call.
    claim: Option<Claim>,
    /// When the last failure for this token was stored.
    last_failure: Option<UnixTime>,
    /// The round of the election in which that call failed.
    failed_round: Option<Round>,
    /// The round of the election in which this call took a ticket.
    round: Option<Round>,
    /// Whether its ticket was the first.
    is_first: bool,
}

/// The shared state of a token.
pub(crate) enum Standing {
    /// Neither a lease nor a failure.
    Free,
    /// A caller holds or has released the lease.
    Claimed(Claim),
    /// A remembered failure, which applies to this call.
    Failed(Cause),
    /// A record that concerns other tokens or callers only.
    Foreign,
}

impl<'a> Notes<'a> {
    /// The shared state of a token, not read yet.
    pub(crate) fn new(call: &'a Call, store: &'a SealedStore, token: &'a EntryKey) -> Self {
        Self {
            call,
            store,
            token,
            party: Party {
                credentials: call
                    .application
                    .credentials
                    .iter()
                    .map(|credential| store.fingerprint(call.to_identity(credential).expose()))
                    .collect(),
                token: store.fingerprint(token.as_bytes()),
                arguments: store.fingerprint(&call.to_arguments(token)),
                has_extras: call.has_extras(),
                patience: to_milliseconds(call.request.deadline),
            },
            is_awaited: false,
            claim: None,
            last_failure: None,
            failed_round: None,
            round: None,
            is_first: false,
        }
    }

    /// Whether there is shared state: the store needs a key to encrypt it.
    pub(crate) fn are_kept(&self) -> bool {
        self.store.is_usable()
    }

    /// Whether the store has failed this call.
    pub(crate) fn have_failed(&self) -> bool {
        self.store.has_failed()
    }

    /// Whether the store took so long that it is not used any more.
    pub(crate) fn is_store_left_alone(&self) -> bool {
        self.store.is_left_alone()
    }

    /// Reads the shared state of the token.
    pub(crate) async fn standing<H: Host>(&mut self, host: &mut H, now: UnixTime) -> Standing {
        let Some(note) = self.read(host, &self.call.backoff_key()).await else {
            return Standing::Free;
        };
        if let Some(claim) = Claim::from_bytes(&note) {
            let is_about_it = claim.token == self.party.token;
            return if is_about_it { Standing::Claimed(claim) } else { Standing::Foreign };
        }
        let Some(backoff) = Backoff::from_bytes(&note) else {
            return Standing::Free;
        };
        if backoff.token == self.party.token {
            self.last_failure = Some(backoff.noted_at);
            self.failed_round = backoff.round;
        }
        let is_over = backoff.until <= now;
        match backoff.into_cause(&self.party, now) {
            Some(cause) => Standing::Failed(cause),
            _ if is_over => Standing::Free,
            _ => Standing::Foreign,
        }
    }

    /// When the last failure for this token was stored, even if it no longer applies.
    pub(crate) fn last_failure(&self) -> Option<UnixTime> {
        self.last_failure
    }

    /// Writes a lease for this call; `None` if the store failed.
    pub(crate) async fn claim<H: Host>(&mut self, host: &mut H, now: UnixTime) -> Option<Claim> {
        self.write_claim(host, now, false).await
    }

    async fn write_claim<H: Host>(
        &mut self,
        host: &mut H,
        now: UnixTime,
        is_given_up: bool,
    ) -> Option<Claim> {
        let claimant = random_bytes(host).await;
        let claim = Claim { claimed_at: now, token: self.party.token, claimant, is_given_up };
        let is_written = self.write(host, &self.call.backoff_key(), Some(claim.to_bytes())).await;
        self.claim = Some(claim).filter(|_| is_written);
        self.claim
    }

    /// Makes this call the leader, which followers wait for.
    pub(crate) fn lead(&mut self) {
        self.is_awaited = true;
    }

    /// Releases the lease without a verdict, so that a follower takes over. Does nothing if the record belongs to
    /// another token or caller, whose followers then wait for their turn.
    pub(crate) async fn give_up<H: Host>(&mut self, host: &mut H) {
        if !self.is_awaited || self.have_failed() {
            return;
        }
        let now = host.now().await.wall;
        match self.standing(host, now).await {
            // The caller deletes the ticket counter anyway if it stores no failure.
            Standing::Foreign => return,
            // A remembered failure, or another leader's lease: followers act on that.
            Standing::Failed(_) => (),
            Standing::Claimed(claim)
                if self.claim != Some(claim) && claim.holds(now, election::CLAIM_SECONDS) => {}
            Standing::Claimed(_) | Standing::Free => {
                self.forget(host, self.own_round()).await;
                // The release overwrites the record that names this round.
                self.forget(host, self.failed_round).await;
                self.write_claim(host, now, true).await;
            }
        }
        self.round = None;
    }

    /// Takes a ticket of the election that replaces the token issued at `replaced`: 1 for the first caller. `None` if
    /// the store cannot count.
    pub(crate) async fn take_place<H: Host>(
        &mut self,
        host: &mut H,
        now: UnixTime,
        replaced: Option<UnixTime>,
    ) -> Option<u64> {
        let mut round = Round::new(now, replaced, self.last_failure);
        if self.failed_round == Some(round) {
            // That round began and ended within one second.
            round.last = round.last.saturating_add(1);
        }
        let key = EntryKey::of_places(self.token, round.to_numbers());
        let place = self.store.take_ticket(host, &key).await?;
        self.round = Some(round);
        self.is_first = place == 1;
        Some(place)
    }

    /// The round that this call leads; `None` if another call leads it. Its counter is deleted if this call leaves
    /// neither a token nor a failure, so that the next caller gets the first ticket.
    pub(crate) fn own_round(&self) -> Option<Round> {
        self.round.filter(|_| self.is_first || self.is_awaited)
    }

    /// The previous round, if known: the one of the replaced token, or of a failure since. Not one that cached a token
    /// in this window: a caller that missed just before may still take a ticket of it.
    pub(crate) fn earlier_round(&mut self, replaced: Option<UnixTime>) -> Option<Round> {
        let present = self.round?;
        if replaced < self.last_failure {
            return self.failed_round.take().filter(|&round| round != present);
        }
        let of_token = Round::new(replaced?, None, None);
        (of_token.window != present.window).then_some(of_token)
    }

    /// Deletes the ticket counter of a round.
    pub(crate) async fn forget<H: Host>(&self, host: &mut H, round: Option<Round>) {
        if let Some(round) = round {
            self.store.delete(host, &EntryKey::of_places(self.token, round.to_numbers())).await;
        }
    }

    /// Stores a failure; returns whether it did. Releases the lease instead if the failure is local to this call.
    pub(crate) async fn note_failure<H: Host>(
        &mut self,
        host: &mut H,
        cause: &Cause,
        limits: &Limits,
        sent: Option<Duration>,
    ) -> bool {
        let now = host.now().await;
        let Some(mut backoff) = Backoff::of(cause, &self.party, now.wall) else {
            self.give_up(host).await;
            return false;
        };
        let Some(patience) = limits.reach(cause, sent, now) else {
            return false;
        };
        // Read what this record would replace: it may name a counter to delete, or a longer delay to keep.
        let standing = self.standing(host, now.wall).await;
        let seconds = backoff.until.seconds_since(now.wall);
        if matches!(&standing, Standing::Failed(Cause::Throttled(throttle)) if seconds < throttle.retry_after_seconds.into())
        {
            return false;
        }
        // A failure that binds no plain call does not replace a record that may.
        if backoff.is_only_for(self.party.arguments)
            && self.call.has_unkeyed_extras()
            && !matches!(standing, Standing::Free)
        {
            return false;
        }
        backoff.patience = patience;
        backoff.round = self.round.or(self.failed_round);
        self.write(host, &self.call.backoff_key(), backoff.to_bytes()).await
    }

    /// The order in which to try the credentials.
    pub(crate) async fn credential_order<H: Host>(&mut self, host: &mut H) -> Vec<usize> {
        let worked = match self.party.credentials.len() {
            0 | 1 => None,
            _ => self.read(host, &self.call.credential_key()).await,
        };
        failover::order(&self.party.credentials, worked.as_deref())
    }

    /// Stores the credential that worked, unless it was the first one tried.
    pub(crate) async fn note_credential<H: Host>(
        &mut self,
        host: &mut H,
        attempt: &AttemptState<'_>,
    ) {
        if attempt.has_changed_credential()
            && let Some(&credential) = self.party.credentials.get(attempt.credential_index())
        {
            self.write(host, &self.call.credential_key(), Some(credential.to_vec())).await;
        }
    }

    /// The stored fact of the discovery document at a URL.
    pub(crate) async fn fact<H: Host>(
        &mut self,
        host: &mut H,
        url: &str,
        now: UnixTime,
    ) -> Option<String> {
        let note = self.read(host, &EntryKey::of_document(url)).await?;
        discovery::from_note(&note, now)
    }

    pub(crate) async fn note_fact<H: Host>(
        &mut self,
        host: &mut H,
        url: &str,
        fact: &str,
        now: UnixTime,
    ) {
        self.write(host, &EntryKey::of_document(url), discovery::to_note(fact, now)).await;
    }

    async fn read<H: Host>(&mut self, host: &mut H, key: &EntryKey) -> Option<Vec<u8>> {
        self.store.read(host, key).await
    }

    async fn write<H: Host>(
        &mut self,
        host: &mut H,
        key: &EntryKey,
        note: Option<Vec<u8>>,
    ) -> bool {
        match note {
            Some(note) => self.store.write(host, key, &note).await,
            None => false,
        }
    }
}
