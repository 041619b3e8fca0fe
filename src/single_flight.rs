//! Single flight: one token request for all callers that miss the same token at once.
//!
//! A caller reads the token's entry and record, lets [`decide`] choose what to do, does it, and reads again. If the
//! store is wrong, the cost is an extra token request.

mod decide;
mod ending;
mod flight;
mod record;
mod role;
mod schedule;
#[cfg(test)]
mod tests;

use crate::cache::CachedToken;
use crate::error::Cause;
use crate::host::Host;
use crate::host::random_bytes;
use crate::lookup::CacheMiss;
use crate::lookup::Lookup;
use crate::lookup::look_up_again;
use crate::outcome::CacheRefreshReason;
use crate::session::Session;
use crate::time::Moment;

use decide::Decision;
use decide::Entry;
use decide::Ticket;
use decide::View;
use decide::decide;
pub(crate) use flight::Flight;

/// How the election ends for a call.
pub(crate) enum Joined {
    /// It leads: it must request the token.
    Leads,
    /// Return the token that another caller has cached.
    Served(CachedToken),
    /// Return the remembered failure of another caller.
    Failed(Cause),
}

/// Waits for a token or a remembered failure, or until this call must request the token itself.
pub(crate) async fn join<H: Host>(session: &mut Session<'_, H>, flight: &mut Flight<'_>) -> Joined {
    let (mut token, mut entry) = (None, Entry::Missing);
    let mut record = flight.read(session.host).await;
    let (mut is_current, mut has_contended) = (true, false);
    let mut now = session.started;
    loop {
        flight.observe(record.as_ref(), now);
        let view = View { has_contended, ..flight.view(record.as_ref(), entry, now) };
        has_contended = false;
        match decide(&view, &flight.progress) {
            Decision::Serve => return token.map_or(Joined::Leads, Joined::Served),
            Decision::Fail => {
                return flight
                    .failure(record.as_ref(), now.wall)
                    .map_or(Joined::Leads, Joined::Failed);
            }
            Decision::Lead => {
                flight.lead(&view);
                // A call that has waited looks once more before it requests the token.
                if flight.progress.pauses > 0 && entry == Entry::Missing {
                    (token, _) = look(session, flight, now).await;
                }
                return token.map_or(Joined::Leads, Joined::Served);
            }
            Decision::TakeTicket => {
                now = session.host.now().await;
                flight.take_ticket(session.host).await;
                if flight.progress.announces_leader() {
                    record = flight.announce_leader(session.host, record, now.wall).await;
                }
            }
            Decision::Contend if is_current => {
                flight.contend(session.host, now.wall).await;
                record = flight.read(session.host).await;
                (is_current, has_contended) = (true, true);
            }
            Decision::Contend => {
                record = flight.read(session.host).await;
                is_current = true;
            }
            Decision::Pause => {
                pause(session.host, flight, now).await;
                now = session.host.now().await;
                (token, entry) = look(session, flight, now).await;
                is_current = entry == Entry::Missing && flight.progress.reads_record();
                if is_current {
                    record = flight.read(session.host).await;
                }
                flight.progress.pauses = flight.progress.pauses.saturating_add(1);
            }
        }
    }
}

async fn pause<H: Host>(host: &mut H, flight: &Flight<'_>, now: Moment) {
    let [jitter] = random_bytes(host).await;
    let left = flight.progress.wait_until.saturating_sub(now.monotonic);
    host.sleep(schedule::pause(flight.progress.pauses, jitter).min(left)).await;
}

/// Reads the cache again.
async fn look<H: Host>(
    session: &mut Session<'_, H>,
    flight: &Flight<'_>,
    now: Moment,
) -> (Option<CachedToken>, Entry) {
    match look_up_again(session, now).await {
        Lookup::Fresh(token) | Lookup::RefreshDue(token) => (Some(token), Entry::Usable),
        Lookup::Miss(CacheMiss { reason: CacheRefreshReason::Expired, token: Some(token) })
            if flight.is_too_short(&token, now.wall) =>
        {
            (None, Entry::TooShort)
        }
        Lookup::Miss(_) => (None, Entry::Missing),
    }
}

/// Whether this call must refresh a token that is still valid. No other caller waits for the refresh.
pub(crate) async fn is_chosen_to_refresh<H: Host>(
    session: &mut Session<'_, H>,
    flight: &mut Flight<'_>,
) -> bool {
    let now = session.started;
    let record = flight.read(session.host).await;
    flight.observe(record.as_ref(), now);
    if flight.forbids_refresh(record.as_ref(), now.wall) || session.store.has_failed() {
        return false;
    }
    flight.take_ticket(session.host).await;
    if !matches!(flight.progress.ticket, Ticket::Number(1) | Ticket::Unavailable) {
        return false;
    }
    // The lease also covers the rest of the window, and the time after a failed refresh.
    flight.contend(session.host, now.wall).await;
    let record = match session.store.has_failed() {
        true => None,
        false => flight.read(session.host).await,
    };
    let view = flight.view(record.as_ref(), Entry::Missing, now);
    flight.refresh(session.host, &view).await
}
