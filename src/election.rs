//! One token request for all instances that miss together. The store says who makes it; nothing depends on that being true.

use crate::cache::CachedToken;
use crate::cache::EntryKey;
use crate::call::Call;
use crate::error::Cause;
use crate::host::Host;
use crate::host::random_bytes;
use crate::lookup::Missing;
use crate::lookup::look_up;
use crate::notes::Notes;
use crate::notes::Standing;
use crate::outcome::CacheRefreshReason;
use crate::policy::Limits;
use crate::policy::election;
use crate::policy::election::Round;
use crate::time::Moment;
use crate::time::UnixTime;
use crate::vault::Vault;

/// What is left for a call to do.
pub(crate) enum Turn {
    /// Ask for a token.
    Ask,
    /// Nothing: another instance has brought one.
    Served(CachedToken),
    /// Nothing: another instance has asked in vain.
    Failed(Cause),
}

/// Waits until there is a token, or a failure, or until it is for this call to ask.
pub(crate) async fn wait_for_turn<H: Host>(
    host: &mut H,
    call: &Call,
    vault: &Vault,
    key: &EntryKey,
    notes: &mut Notes<'_>,
    limits: &Limits,
    replaced: Option<UnixTime>,
) -> Turn {
    if let Standing::Failed(cause) = notes.standing(host, limits.started).await {
        return Turn::Failed(cause);
    }
    let is_elected = call.is_elected() && notes.are_kept() && !notes.have_failed();
    // A store may be so slow that no time is left to wait.
    if !is_elected || limits.wait <= host.now().await.monotonic {
        return Turn::Ask;
    }
    let mut wait = Wait { call, vault, key, limits, replaced, pauses: 0 };
    let place = notes.take_place(host, Round::new(limits.started, replaced)).await;
    if place == Some(1) {
        return Turn::Ask;
    }
    if let Some(place) = place {
        let turn = limits.started_monotonic.saturating_add(election::turn(place));
        if let Some(turn) = wait.until(host, notes, |now| turn <= now.monotonic).await {
            return turn;
        }
    }
    // Those whose turn came are unknown in number, so each says that it asks, and reads whether it was the last to say so.
    loop {
        let now = host.now().await;
        if limits.wait <= now.monotonic || wait.is_exhausted() {
            return Turn::Ask;
        }
        let holder = match notes.standing(host, now.wall).await {
            Standing::Failed(cause) => return Turn::Failed(cause),
            Standing::Claimed(claim) if claim.holds(now.wall, HOLD) => Some(claim),
            _ => claim_then_check(host, notes, now).await,
        };
        let Some(holder) = holder else {
            return Turn::Ask;
        };
        let is_over = |now: Moment| !holder.holds(now.wall, HOLD);
        if let Some(turn) = wait.until(host, notes, is_over).await {
            return turn;
        }
    }
}

/// Whether it is for this call to refresh a token that is still valid. Nobody waits for it.
pub(crate) async fn is_chosen_to_refresh<H: Host>(
    host: &mut H,
    notes: &mut Notes<'_>,
    now: Moment,
    replaced: UnixTime,
) -> bool {
    match notes.standing(host, now.wall).await {
        // What keeps others from asking is no news to one who has a token.
        Standing::Failed(_) => return false,
        Standing::Claimed(claim) if claim.holds(now.wall, election::REFRESH_SECONDS) => {
            return false;
        }
        _ => (),
    }
    let is_recent = |time| election::is_within(time, now.wall, election::REFRESH_SECONDS);
    if notes.have_failed() || notes.last_failure().is_some_and(is_recent) {
        return false;
    }
    let round = Round::new(now.wall, Some(replaced));
    let is_chosen = match notes.take_place(host, round).await {
        Some(1) => notes.claim(host, now.wall).await.is_some(),
        Some(_) => return false,
        None => claim_then_check(host, notes, now).await.is_none() && !notes.have_failed(),
    };
    if !is_chosen {
        // If the store takes no claim, it would take no token either.
        notes.forget_places(host).await;
    }
    is_chosen
}

/// Claims the token request; another's claim if that came after.
async fn claim_then_check<H: Host>(
    host: &mut H,
    notes: &mut Notes<'_>,
    now: Moment,
) -> Option<election::Claim> {
    let own = notes.claim(host, now.wall).await?;
    match notes.standing(host, now.wall).await {
        Standing::Claimed(claim) if claim != own && claim.holds(now.wall, HOLD) => Some(claim),
        _ => None,
    }
}

/// Waiting for what another instance brings.
struct Wait<'a> {
    call: &'a Call,
    vault: &'a Vault,
    key: &'a EntryKey,
    limits: &'a Limits,
    replaced: Option<UnixTime>,
    pauses: u32,
}

impl Wait<'_> {
    /// What came; none if it is for this call to act.
    async fn until<H: Host>(
        &mut self,
        host: &mut H,
        notes: &mut Notes<'_>,
        is_over: impl Fn(Moment) -> bool,
    ) -> Option<Turn> {
        loop {
            let now = host.now().await;
            if is_over(now) || self.limits.wait <= now.monotonic || self.is_exhausted() {
                return None;
            }
            let [jitter] = random_bytes(host).await;
            let left = self.limits.wait.saturating_sub(now.monotonic);
            host.sleep(election::pause(self.pauses, jitter).min(left)).await;
            let reads_notes = election::reads_notes_at(self.pauses);
            self.pauses = self.pauses.saturating_add(1);
            let now = host.now().await;
            let mut warnings = Vec::new();
            let found = look_up(host, self.call, self.vault, self.key, now, &mut warnings).await;
            match found {
                Ok((token, _)) => return Some(Turn::Served(token)),
                Err(missing) if self.is_brand_new(&missing, now) => return Some(Turn::Ask),
                Err(_) => (),
            }
            // A store that fails has nothing to wait for.
            if !warnings.is_empty() || notes.have_failed() {
                return Some(Turn::Ask);
            }
            if reads_notes && let Standing::Failed(cause) = notes.standing(host, now.wall).await {
                return Some(Turn::Failed(cause));
            }
        }
    }

    /// Whether what is there has just been asked for, and yet does not live for as long as this call wants: none does.
    fn is_brand_new(&self, missing: &Missing, now: Moment) -> bool {
        missing.reason == CacheRefreshReason::Expired
            && missing.issued_at > self.replaced
            && missing.issued_at.is_some_and(|time| election::is_within(time, now.wall, HOLD))
    }

    fn is_exhausted(&self) -> bool {
        election::MOST_PAUSES <= self.pauses
    }
}

const HOLD: u64 = election::CLAIM_SECONDS;
