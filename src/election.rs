//! Single flight: one token request for all callers that miss the same token at once.
//!
//! The store elects the leader. If it is wrong, the cost is an extra token request.

use std::time::Duration;

use crate::cache::CachedToken;
use crate::error::Cause;
use crate::host::Host;
use crate::host::random_bytes;
use crate::lookup::CacheMiss;
use crate::lookup::Lookup;
use crate::lookup::look_up_again;
use crate::notes::Notes;
use crate::notes::Standing;
use crate::outcome::CacheRefreshReason;
use crate::policy::Limits;
use crate::policy::election;
use crate::policy::election::Claim;
use crate::session::Session;
use crate::time::Moment;
use crate::time::UnixTime;

/// What a call does after the election.
pub(crate) enum Turn {
    /// Request a token.
    Ask,
    /// Return the token that another caller has cached.
    Served(CachedToken),
    /// Return the remembered failure of another caller.
    Failed(Cause),
}

/// Waits for a token or a remembered failure, or until this call must request the token itself.
pub(crate) async fn wait_for_turn<H: Host>(
    session: &mut Session<'_, H>,
    notes: &mut Notes<'_>,
    limits: &Limits,
    replaced: Option<UnixTime>,
) -> Turn {
    let seen = match notes.standing(session.host, limits.started).await {
        Standing::Failed(cause) => return Turn::Failed(cause),
        Standing::Claimed(claim) => Some(claim),
        Standing::Free | Standing::Foreign => None,
    };
    if !session.call.uses_single_flight() || !notes.are_kept() || notes.have_failed() {
        return Turn::Ask;
    }
    // A slow store may leave no time to wait.
    if limits.wait <= session.host.now().await.monotonic {
        return Turn::Ask;
    }
    let mut wait = Wait { limits, replaced, seen, pauses: 0, given_up: 0 };
    if let Some(turn) = wait.for_election(session, notes).await {
        return turn;
    }
    notes.lead();
    if wait.pauses == 0 {
        return Turn::Ask;
    }
    let now = session.host.now().await;
    wait.look_again(session, notes, now).await.unwrap_or(Turn::Ask)
}

/// Whether this call must refresh a token that is still valid. No other caller waits for the refresh.
pub(crate) async fn is_chosen_to_refresh<H: Host>(
    host: &mut H,
    notes: &mut Notes<'_>,
    now: Moment,
    replaced: UnixTime,
) -> bool {
    let is_settled = match notes.standing(host, now.wall).await {
        // A remembered failure stops the refresh, but is not returned: the cached token is.
        Standing::Failed(_) => true,
        Standing::Claimed(claim) => claim.holds(now.wall, election::REFRESH_SECONDS),
        Standing::Free | Standing::Foreign => false,
    };
    let is_recent = |time| election::is_within(time, now.wall, election::REFRESH_SECONDS);
    if is_settled || notes.have_failed() || notes.last_failure().is_some_and(is_recent) {
        return false;
    }
    let place = notes.take_place(host, now.wall, Some(replaced)).await;
    if place.is_some_and(|place| place != 1) {
        return false;
    }
    let is_chosen = claim_then_check(host, notes, now).await.is_none() && !notes.have_failed();
    // A store that rejects the lease would reject the token too.
    let obsolete = if is_chosen { notes.earlier_round(Some(replaced)) } else { notes.own_round() };
    notes.forget(host, obsolete).await;
    is_chosen
}

/// Takes the lease, then reads it again. Returns another caller's lease if that one was written later.
async fn claim_then_check<H: Host>(
    host: &mut H,
    notes: &mut Notes<'_>,
    now: Moment,
) -> Option<Claim> {
    let own = notes.claim(host, now.wall).await?;
    match notes.standing(host, now.wall).await {
        Standing::Claimed(claim) if claim != own && claim.holds(now.wall, HOLD) => Some(claim),
        _ => None,
    }
}

/// A follower's wait for the leader's token.
struct Wait<'a> {
    limits: &'a Limits,
    replaced: Option<UnixTime>,
    /// The lease or release that was seen last: it is not new.
    seen: Option<Claim>,
    pauses: u32,
    /// How many leaders have released the lease without a token.
    given_up: u32,
}

impl Wait<'_> {
    /// Waits until a leader is elected; `None` if this call is the leader.
    async fn for_election<H: Host>(
        &mut self,
        session: &mut Session<'_, H>,
        notes: &mut Notes<'_>,
    ) -> Option<Turn> {
        let (started, replaced) = (self.limits.started, self.replaced);
        let mut since = self.limits.started_monotonic;
        let mut turn = Duration::MAX;
        while let Some(place) = notes.take_place(session.host, started, replaced).await {
            if place == 1 {
                return None;
            }
            let given_up = self.given_up;
            turn = turn.min(since.saturating_add(election::turn(place)));
            let came = self.until(session, notes, &|now| turn <= now.monotonic).await;
            if came.is_some() {
                return came;
            }
            if self.given_up == given_up {
                break;
            }
            // The leader has given up and deleted the ticket counter. Time already waited still counts towards the
            // turn.
            since = session.host.now().await.monotonic;
        }
        // Several followers may take over at once. Each writes its lease and reads it again; the last writer leads.
        loop {
            let now = session.host.now().await;
            if self.limits.wait <= now.monotonic || self.is_exhausted() {
                return Some(Turn::Ask);
            }
            let holder = match notes.standing(session.host, now.wall).await {
                Standing::Failed(cause) => return Some(Turn::Failed(cause)),
                Standing::Claimed(claim) if claim.holds(now.wall, HOLD) => claim,
                _ => claim_then_check(session.host, notes, now).await?,
            };
            let came = self.until(session, notes, &|now| !holder.holds(now.wall, HOLD)).await;
            if came.is_some() {
                return came;
            }
        }
    }

    /// Waits for the outcome until `is_over`; `None` if this call must act.
    async fn until<H: Host>(
        &mut self,
        session: &mut Session<'_, H>,
        notes: &mut Notes<'_>,
        is_over: &dyn Fn(Moment) -> bool,
    ) -> Option<Turn> {
        loop {
            let now = session.host.now().await;
            if is_over(now) || self.limits.wait <= now.monotonic || self.is_exhausted() {
                return None;
            }
            let [jitter] = random_bytes(session.host).await;
            let left = self.limits.wait.saturating_sub(now.monotonic);
            session.host.sleep(election::pause(self.pauses, jitter).min(left)).await;
            // After one release the next may follow soon, so read more often.
            let is_warned = self.given_up > 0 && self.pauses.is_multiple_of(2);
            let reads_notes = is_warned || election::reads_notes_at(self.pauses);
            self.pauses = self.pauses.saturating_add(1);
            let now = session.host.now().await;
            let turn = self.look_again(session, notes, now).await;
            if turn.is_some() {
                return turn;
            }
            if reads_notes {
                match notes.standing(session.host, now.wall).await {
                    Standing::Failed(cause) => return Some(Turn::Failed(cause)),
                    Standing::Claimed(claim) if claim.is_given_up && self.seen != Some(claim) => {
                        self.seen = Some(claim);
                        self.given_up = self.given_up.saturating_add(1);
                        // One failure may be specific to that leader; after two, each follower requests the token
                        // itself.
                        return (self.given_up > 1).then_some(Turn::Ask);
                    }
                    _ => (),
                }
            }
        }
    }

    /// Reads the cache; `None` if waiting still makes sense.
    async fn look_again<H: Host>(
        &self,
        session: &mut Session<'_, H>,
        notes: &Notes<'_>,
        now: Moment,
    ) -> Option<Turn> {
        match look_up_again(session, now).await {
            Lookup::Fresh(token) | Lookup::RefreshDue(token) => Some(Turn::Served(token)),
            Lookup::Miss(miss) if self.is_brand_new(&miss, now) => Some(Turn::Ask),
            // Waiting on a failing store is pointless.
            Lookup::Miss(_) if notes.have_failed() => Some(Turn::Ask),
            Lookup::Miss(_) => None,
        }
    }

    /// Whether the cached token is new and still too short-lived for this call: waiting for another one is pointless.
    fn is_brand_new(&self, missing: &CacheMiss, now: Moment) -> bool {
        missing.reason == CacheRefreshReason::Expired
            && missing.issued_at > self.replaced
            && missing.issued_at.is_some_and(|time| election::is_within(time, now.wall, HOLD))
    }

    fn is_exhausted(&self) -> bool {
        election::MOST_PAUSES <= self.pauses
    }
}

const HOLD: u64 = election::CLAIM_SECONDS;
