//! A call's part in the flight for its token: what it reads from the shared record, and what it writes there.

use std::time::Duration;

use super::decide::Entry;
use super::decide::Progress;
use super::decide::Ticket;
use super::decide::View;
use super::record::ElectionId;
use super::record::HolderId;
use super::record::Lease;
use super::record::Outcome;
use super::record::OutcomeId;
use super::record::Record;
use super::record::State;
use super::role::Role;
use super::schedule;
use super::schedule::REFRESH_SECONDS;
use crate::cache::CachedToken;
use crate::cache::EntryKey;
use crate::call::Call;
use crate::credential::Fingerprint;
use crate::error::Cause;
use crate::host::Host;
use crate::host::random_bytes;
use crate::limits::Limits;
use crate::negative_cache::Requester;
use crate::sealed_store::SealedStore;
use crate::time::Moment;
use crate::time::UnixTime;

/// A call's part in the flight for its token.
pub(crate) struct Flight<'a> {
    pub(super) store: &'a SealedStore,
    pub(super) token: &'a EntryKey,
    /// The key of the record.
    pub(super) key: EntryKey,
    /// The token's name in the record.
    pub(super) fingerprint: Fingerprint,
    pub(super) requester: Requester,
    pub(super) replaced: Replaced,
    /// The last outcome without a token.
    pub(super) last: Outcome,
    /// The election in which this call took a ticket; before that, the one of the lease that it has read.
    pub(super) election: Option<ElectionId>,
    started: UnixTime,
    /// When this call began to wait in its election, on the monotonic clock.
    since: Duration,
    pub(super) role: Role,
    /// Whether the record has, or had, a failure that concerns this call, or a release.
    pub(super) follows_failure: bool,
    pub(super) progress: Progress,
}

/// The cached token that a flight replaces.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Replaced {
    id: OutcomeId,
    issued_at: Option<UnixTime>,
    pub(super) ended: Option<ElectionId>,
}

impl<'a> Flight<'a> {
    /// The flight that replaces this cached token. Nothing is read yet.
    pub(crate) fn new(
        call: &Call,
        store: &'a SealedStore,
        token: &'a EntryKey,
        replaced: Option<&CachedToken>,
        limits: &Limits,
    ) -> Self {
        let replaced = replaced.map(|token| Replaced {
            id: store.fingerprint(&token.to_sha256()),
            issued_at: Some(token.issued_at),
            ended: token.ended,
        });
        let waits = call.uses_single_flight() && store.is_usable();
        Self {
            store,
            token,
            key: call.record_key(),
            fingerprint: store.fingerprint(token.as_bytes()),
            requester: Requester::new(call, store, token),
            replaced: replaced.unwrap_or_default(),
            last: Outcome::UNKNOWN,
            election: None,
            started: limits.started.wall,
            since: limits.started.monotonic,
            role: Role::Follower,
            follows_failure: false,
            progress: Progress::new(waits, limits.wait),
        }
    }

    /// The call's credentials, as the shared state names them.
    pub(crate) fn credentials(&self) -> &[Fingerprint] {
        &self.requester.credentials
    }

    /// The election that a new token of this call ends.
    pub(crate) fn election(&self) -> Option<ElectionId> {
        self.election
    }

    /// Whether other callers have just met a failure that concerns this call.
    pub(crate) fn follows_failure(&self) -> bool {
        self.follows_failure
    }

    /// Reads the record.
    pub(super) async fn read<H: Host>(&self, host: &mut H) -> Option<Record> {
        Record::from_bytes(&self.store.read(host, &self.key).await?)
    }

    /// What this call sees.
    pub(super) fn view(&self, record: Option<&Record>, entry: Entry, now: Moment) -> View {
        let lease = record.and_then(|record| match record.state {
            State::Lease(lease)
                if record.token == self.fingerprint && lease.entry == self.replaced.id =>
            {
                Some(lease)
            }
            _ => None,
        });
        View {
            now,
            entry,
            has_failed: self.failure(record, now.wall).is_some(),
            lease,
            has_contended: false,
            has_store_failed: self.store.has_failed(),
        }
    }

    /// The failure in the record, if it binds this call.
    pub(super) fn failure(&self, record: Option<&Record>, now: UnixTime) -> Option<Cause> {
        match &record?.state {
            State::Failed(_, failure) => failure.cause_for(&self.requester, now),
            _ => None,
        }
    }

    /// Whether the record forbids a refresh now: another caller refreshes, or has just failed.
    pub(super) fn forbids_refresh(&self, record: Option<&Record>, now: UnixTime) -> bool {
        let is_recent = |time| schedule::is_within(time, now, REFRESH_SECONDS);
        let is_own = record.is_some_and(|record| record.token == self.fingerprint);
        match record.map(|record| &record.state) {
            Some(State::Lease(lease)) => {
                is_own && lease.entry == self.replaced.id && is_recent(lease.since)
            }
            Some(State::Failed(_, failure)) => {
                (is_own && is_recent(failure.failed_at)) || self.failure(record, now).is_some()
            }
            Some(State::Released(_)) | None => false,
        }
    }

    /// Takes note of an outcome in the record. If it is new, the election begins again.
    pub(super) fn observe(&mut self, record: Option<&Record>, now: Moment) {
        let Some(record) = record else {
            return;
        };
        self.follows_failure |= match &record.state {
            State::Failed(_, failure) => failure.concerns(&self.requester),
            State::Released(_) => record.token == self.fingerprint,
            State::Lease(_) => false,
        };
        if record.token != self.fingerprint {
            return;
        }
        if let State::Lease(lease) = record.state
            && self.election.is_none()
        {
            self.election = lease.election;
        }
        let last = record.last();
        if last.id == self.last.id || last.id == OutcomeId::default() {
            return;
        }
        self.last = last;
        if self.progress.has_begun() {
            self.progress.begin_again();
            self.since = now.monotonic;
        }
        self.progress.releases = self.progress.releases.max(last.recent_releases(now.wall).into());
    }

    /// Whether a token that this call may not return has arrived since the flight began, so that waiting for another
    /// one is pointless.
    pub(super) fn is_too_short(&self, token: &CachedToken, now: UnixTime) -> bool {
        token.issued_at >= self.replaced.issued_at.unwrap_or(token.issued_at)
            && self.store.fingerprint(&token.to_sha256()) != self.replaced.id
            && schedule::is_within(token.issued_at, now, schedule::LEASE_SECONDS)
    }

    /// Takes a ticket.
    pub(super) async fn take_ticket<H: Host>(&mut self, host: &mut H) {
        let election = self.next_election();
        self.election = Some(election);
        let key = EntryKey::of_tickets(self.token, election);
        let ticket = self.store.take_ticket(host, &key).await;
        self.progress.take(ticket.map_or(Ticket::Unavailable, Ticket::Number), self.since);
    }

    /// Writes a lease in the leader's name, unless the record has changed: callers that read it need no ticket, and a read
    /// costs less than a ticket. Returns the record.
    pub(super) async fn announce_leader<H: Host>(
        &mut self,
        host: &mut H,
        record: Option<Record>,
        now: UnixTime,
    ) -> Option<Record> {
        if self.is_needed_by_others(record.as_ref(), now) {
            return record;
        }
        // The leader may have ended at once, and what it wrote must stay.
        let newer = self.read(host).await;
        if newer == record {
            self.write_lease(host, None, now).await;
        }
        newer
    }

    /// Writes a lease.
    pub(super) async fn contend<H: Host>(&mut self, host: &mut H, now: UnixTime) {
        let holder = Some(random_bytes(host).await);
        self.write_lease(host, holder, now).await;
        self.progress.own_lease = holder;
    }

    /// Makes this call the leader if it was elected, and did not just run out of time.
    pub(super) fn lead(&mut self, view: &View) {
        if view.has_contended || self.progress.is_elected() {
            self.role = Role::Leader;
        } else if self.progress.acts_alone() {
            self.role = Role::Alone;
        }
    }

    /// Makes this call the refresher; `false` if another caller has written its lease later.
    pub(super) async fn refresh<H: Host>(&mut self, host: &mut H, view: &View) -> bool {
        self.role = Role::Refresher;
        // A store that rejects the lease would reject the token too.
        if view.is_led_by_another(&self.progress) || view.has_store_failed {
            self.abandon(host).await;
            return false;
        }
        // Now, because the caller may put the refresh off, to a call that does not read the cache.
        let obsolete = self.replaced.ended.take();
        self.delete_counter(host, obsolete).await;
        true
    }

    /// Whether the record is of use to callers of other tokens.
    fn is_needed_by_others(&self, record: Option<&Record>, now: UnixTime) -> bool {
        record.is_some_and(|record| match &record.state {
            State::Failed(_, failure) => failure.outranks(None, &self.requester, now),
            State::Lease(lease) => {
                record.token != self.fingerprint && lease.is_held(now, schedule::LEASE_SECONDS)
            }
            State::Released(_) => false,
        })
    }

    /// The election of the callers that began in the same window of time and have seen the same outcomes.
    pub(super) fn next_election(&self) -> ElectionId {
        let window = schedule::window(self.started).to_be_bytes();
        self.store.fingerprint([window, self.replaced.id, self.last.id].as_flattened())
    }

    async fn write_lease<H: Host>(
        &self,
        host: &mut H,
        holder: Option<HolderId>,
        now: UnixTime,
    ) -> bool {
        let (election, entry, last) = (self.election, self.replaced.id, self.last);
        self.write(host, State::Lease(Lease { holder, since: now, election, entry, last })).await
    }

    pub(super) async fn write<H: Host>(&self, host: &mut H, state: State) -> bool {
        match (Record { token: self.fingerprint, state }).to_bytes() {
            Some(bytes) => self.store.write(host, &self.key, &bytes).await,
            None => false,
        }
    }

    pub(super) async fn delete_counter<H: Host>(&self, host: &mut H, election: Option<ElectionId>) {
        if let Some(election) = election {
            self.store.delete(host, &EntryKey::of_tickets(self.token, election)).await;
        }
    }
}
