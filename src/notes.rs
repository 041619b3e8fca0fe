//! What the instances tell one another through the store. Every note is a hint: without it a call still ends well.

use std::time::Duration;

use crate::cache::EntryKey;
use crate::call::Call;
use crate::credential::Fingerprint;
use crate::discovery;
use crate::error::Cause;
use crate::host::Host;
use crate::host::random_bytes;
use crate::policy::Course;
use crate::policy::Limits;
use crate::policy::backoff::Backoff;
use crate::policy::backoff::seconds_after;
use crate::policy::election::Claim;
use crate::policy::election::Round;
use crate::policy::failover;
use crate::time::UnixTime;
use crate::vault::Vault;

/// The notes of one call.
pub(crate) struct Notes<'a> {
    call: &'a Call,
    vault: &'a Vault,
    token: &'a EntryKey,
    credentials: Vec<Fingerprint>,
    warnings: Vec<String>,
    /// When the last call started whose failure was noted.
    last_failure: Option<UnixTime>,
    /// The round of the election in which this call took a place.
    round: Option<Round>,
}

/// What is noted about asking for a token.
pub(crate) enum Standing {
    /// Nothing that is in the way.
    Free,
    /// Somebody is asking for it.
    Claimed(Claim),
    /// Somebody asked for it, and it is not to be asked for again yet.
    Failed(Cause),
}

impl<'a> Notes<'a> {
    /// The notes about a token.
    pub(crate) fn new(call: &'a Call, vault: &'a Vault, token: &'a EntryKey) -> Self {
        Self {
            call,
            vault,
            token,
            credentials: failover::to_fingerprints(&call.application.credentials),
            warnings: Vec::new(),
            last_failure: None,
            round: None,
        }
    }

    /// Whether notes are kept at all.
    pub(crate) fn are_kept(&self) -> bool {
        self.vault.is_usable()
    }

    /// Whether the store has failed this call.
    pub(crate) fn have_failed(&self) -> bool {
        !self.warnings.is_empty()
    }

    /// Faults of the store that were met.
    pub(crate) fn into_warnings(self) -> Vec<String> {
        self.warnings
    }

    /// What is known about asking for the token.
    pub(crate) async fn standing<H: Host>(&mut self, host: &mut H, now: UnixTime) -> Standing {
        let Some(note) = self.read(host, &self.call.backoff_key()).await else {
            return Standing::Free;
        };
        let token = self.token.to_fingerprint();
        if let Some(claim) = Claim::from_bytes(&note) {
            let is_about_it = claim.token == token;
            return if is_about_it { Standing::Claimed(claim) } else { Standing::Free };
        }
        let Some(backoff) = Backoff::from_bytes(&note) else {
            return Standing::Free;
        };
        self.last_failure = Some(backoff.started);
        match backoff.into_cause(&self.credentials, token, now) {
            Some(cause) if !self.call.is_alone_with(&cause) => Standing::Failed(cause),
            _ => Standing::Free,
        }
    }

    /// When the last call started whose failure was noted, whether or not it is still to be told.
    pub(crate) fn last_failure(&self) -> Option<UnixTime> {
        self.last_failure
    }

    /// Says that this call asks for the token, in words of its own; none if the store did not take it.
    pub(crate) async fn claim<H: Host>(&mut self, host: &mut H, now: UnixTime) -> Option<Claim> {
        let claimant = random_bytes(host).await;
        let claim = Claim { claimed_at: now, token: self.token.to_fingerprint(), claimant };
        let is_written = self.write(host, &self.call.backoff_key(), Some(claim.to_bytes())).await;
        is_written.then_some(claim)
    }

    /// How many want the token in this round, this call included; none where the store cannot count.
    pub(crate) async fn take_place<H: Host>(&mut self, host: &mut H, round: Round) -> Option<u64> {
        let key = EntryKey::of_places(self.token, round.to_bytes());
        let place = self.vault.take_place(host, &key).await.filter(|&place| place > 0)?;
        self.round = Some(round);
        Some(place)
    }

    /// Forgets the places that were taken, when no token came of it: the next caller is the first again.
    pub(crate) async fn forget_places<H: Host>(&mut self, host: &mut H) {
        if let Some(round) = self.round.take() {
            self.vault.delete_note(host, &EntryKey::of_places(self.token, round.to_bytes())).await;
        }
    }

    /// Forgets the places of those who asked before, as far as it is known when that was. Those of this window stay: one
    /// who missed just before the token came may still be about to take one.
    pub(crate) async fn forget_earlier_places<H: Host>(
        &self,
        host: &mut H,
        issued_at: Option<UnixTime>,
    ) {
        let (Some(present), Some(earlier)) = (self.round, issued_at.or(self.last_failure)) else {
            return;
        };
        let round = Round::new(earlier, None);
        if round.window != present.window {
            self.vault.delete_note(host, &EntryKey::of_places(self.token, round.to_bytes())).await;
        }
    }

    /// Notes a failure, unless it says more about this call than about the authority.
    pub(crate) async fn note_failure<H: Host>(
        &mut self,
        host: &mut H,
        cause: &Cause,
        limits: &Limits,
        sent: Option<Duration>,
    ) {
        if seconds_after(cause).is_none() || self.call.is_alone_with(cause) {
            return;
        }
        let now = host.now().await;
        if limits.was_too_short(cause, sent, now) {
            return;
        }
        let token = self.token.to_fingerprint();
        let backoff = Backoff::of(cause, &self.credentials, token, limits.started, now.wall);
        if let Some(backoff) = backoff {
            self.write(host, &self.call.backoff_key(), backoff.to_bytes()).await;
        }
    }

    /// The order in which to try the credentials.
    pub(crate) async fn credential_order<H: Host>(&mut self, host: &mut H) -> Vec<usize> {
        let credentials = &self.call.application.credentials;
        if credentials.len() < 2 {
            return failover::order(credentials, None);
        }
        let noted = self.read(host, &self.call.credential_key()).await;
        failover::order(credentials, noted.as_deref())
    }

    /// Remembers the credential that worked, unless it was the first to be tried.
    pub(crate) async fn note_credential<H: Host>(&mut self, host: &mut H, course: &Course<'_>) {
        if course.has_changed_credential()
            && let Some(credential) = self.credentials.get(course.credential_index()).copied()
        {
            self.write(host, &self.call.credential_key(), Some(credential.to_vec())).await;
        }
    }

    /// What a server published under a URL, as far as it was kept.
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
        self.vault.read_note(host, key, &mut self.warnings).await
    }

    async fn write<H: Host>(
        &mut self,
        host: &mut H,
        key: &EntryKey,
        note: Option<Vec<u8>>,
    ) -> bool {
        match note {
            Some(note) => self.vault.write_note(host, key, &note, &mut self.warnings).await,
            None => false,
        }
    }
}
