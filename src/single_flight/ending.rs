//! How a flight ends: what the call leaves for others in the store.

use std::time::Duration;

use super::decide::Entry;
use super::flight::Flight;
use super::record::Lease;
use super::record::Outcome;
use super::record::Record;
use super::record::State;
use super::role::Role;
use super::schedule::LEASE_SECONDS;
use super::schedule::SECONDS_PER_RELEASE;
use super::schedule::is_within;
use crate::error::Cause;
use crate::host::Host;
use crate::host::random_bytes;
use crate::limits::Limits;
use crate::negative_cache::RememberedFailure;
use crate::time::UnixTime;

impl Flight<'_> {
    /// Deletes what the flight has made obsolete, after its token was cached: a success clears a failure for all.
    pub(crate) async fn end_with_token<H: Host>(&self, host: &mut H) {
        self.delete_counter(host, self.replaced.ended).await;
        if self.follows_failure {
            self.store.delete(host, &self.key).await;
            self.delete_counter(host, self.last.ended).await;
        }
    }

    /// Writes the failure for those whom it binds. Others see that the request has ended, if they wait for this call.
    pub(crate) async fn end_with_failure<H: Host>(
        &mut self,
        host: &mut H,
        cause: &Cause,
        limits: &Limits,
        sent: Option<Duration>,
    ) {
        let now = host.now().await;
        let failure = limits.max_affected_deadline(cause, sent, now).and_then(|deadline| {
            let failure = RememberedFailure::of(cause, &self.requester, now.wall)?;
            Some(failure.for_deadlines_up_to(deadline))
        });
        self.end_without_token(host, failure, now.wall).await;
    }

    /// Ends the flight without a verdict, so that another caller takes over.
    pub(crate) async fn release<H: Host>(&mut self, host: &mut H) {
        let now = host.now().await.wall;
        self.end_without_token(host, None, now).await;
    }

    async fn end_without_token<H: Host>(
        &mut self,
        host: &mut H,
        failure: Option<RememberedFailure>,
        now: UnixTime,
    ) {
        let has_led = matches!(self.role, Role::Leader | Role::Alone);
        if failure.is_none() && (!has_led || self.store.has_failed()) {
            return self.abandon(host).await;
        }
        let record = self.read(host).await;
        if self.yields_to(record.as_ref(), failure.as_ref(), now) {
            return self.abandon(host).await;
        }
        let ended = self.election;
        let id = random_bytes(host).await;
        let last = record.as_ref().filter(|record| record.token == self.fingerprint);
        let last = last.map_or(self.last, Record::last);
        let state = match failure {
            Some(failure) => State::Failed(Outcome { ended, id, ..Outcome::UNKNOWN }, failure),
            None => State::Released(Outcome { ended, ..last.followed_by_release(id, now) }),
        };
        self.write(host, state.clone()).await;
        if self.role == Role::Leader && self.is_announced(host).await {
            self.write(host, state).await;
        }
        let obsolete = record.filter(|record| record.token == self.fingerprint);
        let obsolete = obsolete.and_then(|record| record.last().ended);
        self.delete_counter(host, obsolete.filter(|_| obsolete != ended)).await;
    }

    /// Deletes the counter of an election that this call won, if it leaves no outcome that names it: the next caller
    /// gets the first ticket.
    pub(crate) async fn abandon<H: Host>(&self, host: &mut H) {
        if matches!(self.role, Role::Leader | Role::Refresher) {
            self.delete_counter(host, self.election).await;
        }
    }

    /// Deletes what would make the next caller wait as a follower, after the token was removed from the cache.
    pub(crate) async fn forget<H: Host>(&mut self, host: &mut H, limits: &Limits) {
        let record = self.read(host).await;
        self.observe(record.as_ref(), limits.started);
        if self.view(record.as_ref(), Entry::Missing, limits.started).lease.is_some() {
            self.store.delete(host, &self.key).await;
        }
        self.delete_counter(host, Some(self.next_election())).await;
    }

    /// Whether the record must stay as it is.
    fn yields_to(
        &self,
        record: Option<&Record>,
        failure: Option<&RememberedFailure>,
        now: UnixTime,
    ) -> bool {
        let Some(record) = record else {
            return false;
        };
        match &record.state {
            State::Failed(_, earlier) => earlier.outranks(failure, &self.requester, now),
            // Another caller has taken over, or requests another token: its followers act on its lease.
            State::Lease(lease) if failure.is_none() => {
                let is_own = lease.holder.is_none() || lease.holder == self.progress.own_lease;
                let is_own = is_own && record.token == self.fingerprint;
                !is_own && lease.is_held(now, LEASE_SECONDS)
            }
            // A few writers are enough to show that the outage goes on.
            State::Released(outcome) if failure.is_none() && self.role == Role::Alone => {
                is_within(outcome.at, now, SECONDS_PER_RELEASE)
            }
            State::Lease(_) | State::Released(_) => false,
        }
    }

    /// Whether a follower has meanwhile announced this call as the leader, over the outcome that this call wrote.
    async fn is_announced<H: Host>(&self, host: &mut H) -> bool {
        self.read(host).await.is_some_and(|record| {
            let is_announcement = matches!(record.state, State::Lease(Lease { holder: None, .. }));
            is_announcement && record.token == self.fingerprint
        })
    }
}
