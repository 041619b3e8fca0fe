//! What a caller does next, as a pure function of what it has read and of its progress.

use std::time::Duration;

use super::record::HolderId;
use super::record::Lease;
use super::schedule;
use super::schedule::LEASE_SECONDS;
use super::schedule::MOST_PAUSES;
use crate::time::Moment;

/// What a caller has read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    pub(crate) now: Moment,
    pub(crate) entry: Entry,
    /// Whether the record has a failure that binds this call.
    pub(crate) has_failed: bool,
    /// The lease in the record, if it is for the same flight.
    pub(crate) lease: Option<Lease>,
    /// Whether this call wrote a lease just before it read the record.
    pub(crate) has_contended: bool,
    /// Whether the store has failed this call.
    pub(crate) has_store_failed: bool,
}

/// The state of the token's entry in the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// A token that this call may return.
    Usable,
    /// A token that was just requested, and lives too short for this call.
    TooShort,
    /// No token that this call may return.
    Missing,
}

/// What a caller has done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    /// Whether this call may wait for a token that another caller requests.
    pub(crate) uses_single_flight: bool,
    /// When to stop waiting, on the monotonic clock.
    pub(crate) wait_until: Duration,
    pub(crate) ticket: Ticket,
    /// When this call may take over, on the monotonic clock.
    pub(crate) takeover_at: Duration,
    /// The holder of the lease that this call wrote last.
    pub(crate) own_lease: Option<HolderId>,
    /// How many leaders have ended without a result for this call.
    pub(crate) releases: u32,
    pub(crate) pauses: u32,
}

/// A caller's ticket in the election.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ticket {
    NotTaken,
    Number(u64),
    /// The store cannot count.
    Unavailable,
}

/// What a caller does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Return the token in the cache.
    Serve,
    /// Return the remembered failure.
    Fail,
    /// Request the token.
    Lead,
    /// Take a ticket.
    TakeTicket,
    /// Write a lease, and read it again: the last writer leads.
    Contend,
    /// Wait, then read the cache again.
    Pause,
}

/// Decides what a caller does next.
pub(crate) fn decide(view: &View, progress: &Progress) -> Decision {
    match view.entry {
        Entry::Usable => return Decision::Serve,
        Entry::TooShort => return Decision::Lead,
        Entry::Missing => {}
    }
    if view.has_failed {
        return Decision::Fail;
    }
    let is_out_of_time =
        progress.wait_until <= view.now.monotonic || MOST_PAUSES <= progress.pauses;
    if !progress.uses_single_flight
        || view.has_store_failed
        || is_out_of_time
        || progress.acts_alone()
    {
        return Decision::Lead;
    }
    if view.is_led_by_another(progress) {
        return Decision::Pause;
    }
    if view.has_contended {
        return Decision::Lead;
    }
    match progress.ticket {
        Ticket::NotTaken => Decision::TakeTicket,
        _ if progress.is_elected() => Decision::Lead,
        Ticket::Number(_) if view.now.monotonic < progress.takeover_at => Decision::Pause,
        Ticket::Number(_) | Ticket::Unavailable => Decision::Contend,
    }
}

impl View {
    /// Whether another caller holds the lease.
    pub(super) fn is_led_by_another(&self, progress: &Progress) -> bool {
        self.lease.is_some_and(|lease| {
            let binds = match lease.holder {
                // An announcement of the leader: callers with a ticket know when they may take over, and after two releases
                // there are several leaders.
                None => progress.ticket == Ticket::NotTaken && progress.releases < 2,
                holder => holder != progress.own_lease,
            };
            binds && lease.is_held(self.now.wall, LEASE_SECONDS)
        })
    }
}

impl Progress {
    /// A call that begins.
    pub(crate) fn new(uses_single_flight: bool, wait_until: Duration) -> Self {
        Self {
            uses_single_flight,
            wait_until,
            ticket: Ticket::NotTaken,
            takeover_at: Duration::MAX,
            own_lease: None,
            releases: 0,
            pauses: 0,
        }
    }

    /// Takes a ticket in an election that began at `since` for this call. If it could take over in an earlier
    /// election, it still can.
    pub(crate) fn take(&mut self, ticket: Ticket, since: Duration) {
        self.ticket = ticket;
        if let Ticket::Number(number) = ticket {
            self.takeover_at =
                self.takeover_at.min(since.saturating_add(schedule::takeover_delay(number)));
        }
    }

    /// Begins again after a leader that ended without a result for this call.
    pub(crate) fn begin_again(&mut self) {
        self.ticket = Ticket::NotTaken;
        self.releases = self.releases.saturating_add(1);
    }

    /// Whether this call is the one to announce the leader.
    pub(crate) fn announces_leader(&self) -> bool {
        self.ticket == Ticket::Number(2) && self.releases == 0
    }

    /// Whether the ticket makes this call a leader. After two leaders without a result there are more of them, because a
    /// faulty host in a loop may take the first ticket each time.
    pub(crate) fn is_elected(&self) -> bool {
        match self.ticket {
            Ticket::Number(number) => number <= if self.releases > 1 { MORE_LEADERS } else { 1 },
            Ticket::Unavailable => self.releases > 1,
            Ticket::NotTaken => false,
        }
    }

    /// Whether this call waits for no other: after so many leaders without a result all hosts have the same fault.
    pub(crate) fn acts_alone(&self) -> bool {
        self.releases >= MOST_RELEASES
    }

    /// Whether this is not the first view of the call.
    pub(crate) fn has_begun(&self) -> bool {
        self.ticket != Ticket::NotTaken || self.pauses > 0
    }

    /// Whether the next read includes the record.
    pub(crate) fn reads_record(&self) -> bool {
        // After one release the next may follow soon.
        (self.releases > 0 && schedule::reads_record_often_at(self.pauses))
            || schedule::reads_record_at(self.pauses)
    }
}

/// The leaders after two releases.
const MORE_LEADERS: u64 = 16;
/// The releases after which no call waits for another.
const MOST_RELEASES: u32 = 3;

#[cfg(test)]
mod tests {
    use super::Decision::*;
    use super::*;
    use crate::single_flight::record::Outcome;
    use crate::time::UnixTime;

    const SECOND: Duration = Duration::from_secs(1);
    const OWN: Option<HolderId> = Some([1; 8]);
    const OTHER: Option<HolderId> = Some([2; 8]);
    const ANNOUNCED: Option<HolderId> = None;

    /// The wall clock runs with the monotonic one.
    fn at(milliseconds: u64) -> Moment {
        let monotonic = Duration::from_millis(milliseconds);
        Moment { wall: UnixTime::from_seconds(1_700_000_000 + milliseconds / 1_000), monotonic }
    }

    fn view(milliseconds: u64) -> View {
        View {
            now: at(milliseconds),
            entry: Entry::Missing,
            has_failed: false,
            lease: None,
            has_contended: false,
            has_store_failed: false,
        }
    }

    fn lease(holder: Option<HolderId>, milliseconds: u64) -> Option<Lease> {
        Some(Lease {
            holder,
            since: at(milliseconds).wall,
            election: None,
            entry: [0; 8],
            last: Outcome::UNKNOWN,
        })
    }

    fn with(ticket: Ticket) -> Progress {
        let mut progress = Progress::new(true, 20 * SECOND);
        progress.take(ticket, Duration::ZERO);
        progress
    }

    #[test]
    fn what_was_read_decides_first() {
        let missing = view(0);
        for (view, decision) in [
            (View { entry: Entry::Usable, has_failed: true, ..missing }, Serve),
            (View { entry: Entry::TooShort, has_failed: true, ..missing }, Lead),
            (View { has_failed: true, has_store_failed: true, ..missing }, Fail),
            (View { has_store_failed: true, lease: lease(OTHER, 0), ..missing }, Lead),
            (View { lease: lease(OTHER, 0), ..missing }, Pause),
            (missing, TakeTicket),
        ] {
            assert_eq!(decide(&view, &with(Ticket::NotTaken)), decision, "{view:?}");
        }
    }

    #[test]
    fn the_ticket_is_the_delay() {
        let ticket = |number| with(Ticket::Number(number));
        for (time, progress, decision) in [
            (0, ticket(1), Lead),
            (2_499, ticket(2), Pause),
            (2_500, ticket(2), Contend),
            (4_999, ticket(3), Pause),
            (5_000, ticket(3), Contend),
            (5_000, ticket(u64::MAX), Contend),
            (0, with(Ticket::Unavailable), Contend),
        ] {
            assert_eq!(decide(&view(time), &progress), decision, "{time} {progress:?}");
        }
    }

    #[test]
    fn a_lease_of_another_caller_binds_for_five_seconds() {
        let follower = with(Ticket::Number(2));
        let sees = |holder, time| View { lease: lease(holder, 0), ..view(time) };
        for (view, progress, decision) in [
            (sees(OTHER, 2_500), follower, Pause),
            (sees(OTHER, 5_000), follower, Contend),
            (sees(OTHER, 0), with(Ticket::NotTaken), Pause),
            (sees(OTHER, 5_000), with(Ticket::NotTaken), TakeTicket),
            (sees(ANNOUNCED, 0), with(Ticket::NotTaken), Pause),
            (sees(ANNOUNCED, 5_000), with(Ticket::NotTaken), TakeTicket),
            (sees(ANNOUNCED, 0), Progress { releases: 2, ..with(Ticket::NotTaken) }, TakeTicket),
            (sees(ANNOUNCED, 2_499), follower, Pause),
            (sees(ANNOUNCED, 2_500), follower, Contend),
        ] {
            assert_eq!(decide(&view, &progress), decision, "{view:?} {progress:?}");
        }
    }

    #[test]
    fn the_last_writer_of_a_lease_leads() {
        let contender = Progress { own_lease: OWN, ..with(Ticket::Number(2)) };
        let reads = |lease| View { lease, has_contended: true, ..view(2_500) };
        for (view, decision) in [
            (reads(lease(OWN, 2_500)), Lead),
            (reads(lease(OTHER, 2_500)), Pause),
            // A store that does not show this call's own write does not stop it.
            (reads(None), Lead),
            (View { has_failed: true, ..reads(None) }, Fail),
        ] {
            assert_eq!(decide(&view, &contender), decision, "{view:?}");
        }
    }

    #[test]
    fn a_call_that_must_not_wait_leads() {
        let alone = Progress { uses_single_flight: false, ..with(Ticket::NotTaken) };
        let stopped = Progress { pauses: MOST_PAUSES, ..with(Ticket::Number(2)) };
        let held = View { lease: lease(OTHER, 20_000), ..view(20_000) };
        assert_eq!(decide(&view(0), &alone), Lead);
        assert_eq!(decide(&view(0), &stopped), Lead);
        assert_eq!(decide(&held, &with(Ticket::Number(2))), Lead);
    }

    #[test]
    fn after_a_release_callers_take_new_tickets() {
        let mut progress = with(Ticket::Number(2));
        progress.begin_again();
        assert_eq!(decide(&view(300), &progress), TakeTicket);
        progress.take(Ticket::Number(9), Duration::from_millis(300));
        assert_eq!(
            progress.takeover_at,
            Duration::from_millis(2_500),
            "the turn is not later than before"
        );
        assert_eq!(decide(&view(300), &progress), Pause);
    }

    #[test]
    fn after_more_releases_there_are_more_leaders() {
        for (releases, leaders) in [(0, 1), (1, 1), (2, 16)] {
            let is_elected =
                |number| Progress { releases, ..with(Ticket::Number(number)) }.is_elected();
            assert!(is_elected(leaders) && !is_elected(leaders + 1), "{releases} releases");
        }
        let uncounted = |releases| Progress { releases, ..with(Ticket::Unavailable) };
        assert_eq!(decide(&view(0), &uncounted(1)), Contend);
        assert_eq!(decide(&view(0), &uncounted(2)), Lead);
        let follower = Progress { releases: 3, ..with(Ticket::NotTaken) };
        let led = View { lease: lease(OTHER, 0), ..view(0) };
        assert_eq!(decide(&led, &follower), Lead, "the lease binds no call");
    }
}
