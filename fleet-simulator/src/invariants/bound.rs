//! How many token requests the events of a run explain.
//!
//! A stored token serves all callers that share it until it must be replaced, and a remembered failure binds them until it
//! expires. Time is therefore divided into spans, each begun by a request. In each span the core makes that request and one
//! more if the window of its ticket counter ends meanwhile. In addition, these requests are explained:
//!
//! - calls that request a token independently: they bypass the cache, have waited up to their limit, were killed, met a
//!   fault of the store, were counted first by a store that lags or lies, or have a clock that is far off;
//! - the retry of a request that failed;
//! - another span after a token or failure that the store did not keep or that a clock far off made useless, and after a
//!   token that a caller rejects;
//! - one request for each ten seconds by which clocks differ, since each clock has a different window;
//! - all of this once for each replica;
//! - races for the lease, if the number of contenders is unknown. A tenth of the callers may win one, plus two in a small
//!   fleet. A race takes place after each five seconds without an answer. If clocks differ by more than a lease, or the
//!   store lags by more, or it loses leases and answers OK, leases have no effect and every caller requests a token. So does
//!   every caller that finds a token too old at once, because clocks differ by more than its useful lifetime or the store
//!   lags by more;
//! - all callers that may wait for several local failures, and learn nothing from them.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Invariant;
use super::Violation;
use super::args_of;
use super::by_entry;
use super::failure_notes;
use super::violation;
use crate::authority::Verdict;
use crate::outcome::Outcome;
use crate::report::Report;

/// How many requests are explained, and the violations.
pub(super) fn of_fleet(report: &Report) -> (usize, Vec<Violation>) {
    let mut violations = Vec::new();
    let bound = by_entry(report).map(|calls| {
        let mut entry = Entry::new(report, calls);
        entry.count();
        violations.extend(entry.violations);
        entry.explained
    });
    let bound = bound.sum();
    (bound, violations)
}

/// The calls that share a token.
struct Entry<'a> {
    report: &'a Report,
    calls: Vec<&'a Outcome>,
    /// The most by which clocks differ, not counting those that are far off.
    apart: Duration,
    explained: usize,
    violations: Vec<Violation>,
}

/// The time from a request until another is due.
struct Span {
    until: Duration,
    /// Until when other instances cannot see the result because the store lags.
    unseen_until: Duration,
    allowance: usize,
    requests: usize,
    /// Whether it left nothing in the store for the other callers.
    stored_nothing: bool,
}

impl<'a> Entry<'a> {
    fn new(report: &'a Report, calls: Vec<&'a Outcome>) -> Self {
        let errors = calls.iter().map(|call| call.clock_error.unsigned_abs());
        let furthest = errors.filter(|&error| error <= FAR_OFF_NANOS).max().unwrap_or(0);
        let apart = Duration::from_nanos(furthest) * 2;
        Self { report, calls, apart, explained: 0, violations: Vec::new() }
    }

    fn count(&mut self) {
        let mut requesting: Vec<_> =
            self.calls.iter().filter_map(|&call| Some((call.requested_at()?, call))).collect();
        requesting.sort_by_key(|(requested, _)| *requested);
        let mut span: Option<Span> = None;
        let mut bad = BTreeSet::new();
        for (requested, call) in requesting {
            self.explained += call.sends.len().saturating_sub(1);
            if self.requests_independently(call) {
                self.explained += 1;
                // A fault may have overwritten a valid entry.
                let may_spoil = call.fetched().is_some() || call.faults > 0;
                let is_spoiled = may_spoil && !self.is_kept(call);
                if (is_far_off(call) || is_spoiled)
                    && let Some(span) = &mut span
                {
                    span.until = span.until.min(requested);
                    span.stored_nothing = true;
                }
                continue;
            }
            let rejects = args_of(self.report, call).rejected();
            let is_new =
                rejects.is_some_and(|token| self.has(token, requested) && bad.insert(token));
            match &mut span {
                Some(span) if requested < span.unseen_until => self.explained += 1,
                Some(span) if requested < span.until && !is_new => {
                    span.requests += 1;
                    if !self.is_kept(call) {
                        // It releases the tickets of all followers, so another one may lead.
                        span.allowance += 1;
                        self.explained += 1;
                    }
                    if span.requests == span.allowance + 1 {
                        let message =
                            format!("{} requests for one token are explained", span.allowance);
                        self.violations.push(violation(
                            Invariant::FewRequests,
                            call,
                            requested,
                            message,
                        ));
                    }
                }
                _ => {
                    let stored_nothing = span.as_ref().is_some_and(|span| span.stored_nothing);
                    let next = self.begin(requested, call, stored_nothing);
                    self.explained += next.allowance;
                    span = Some(next);
                }
            }
        }
    }

    /// Whether a call had stored this token by then.
    fn has(&self, token: usize, by: Duration) -> bool {
        self.calls.iter().any(|call| {
            call.fetched() == Some(token)
                && failure_notes::final_write(call).is_some_and(|last_write| last_write.at <= by)
        })
    }

    fn requests_independently(&self, call: &Outcome) -> bool {
        let args = args_of(self.report, call);
        let before_request = call.requested_at().unwrap_or(call.ended) - call.started;
        let is_one_of_many_leaders =
            call.was_counted_first && !self.report.fleet.store.counts_correctly();
        !args.uses_single_flight()
            || before_request >= args.longest_wait()
            || !call.survived()
            || call.faults > 0
            || is_one_of_many_leaders
            || is_far_off(call)
    }

    /// Whether the store holds the call's result, and other callers accept it.
    fn is_kept(&self, call: &Outcome) -> bool {
        let last = call.sends.last();
        let note = last.and_then(failure_notes::length);
        // After a failed connection it releases the lease instead. A specific failure does not bind the others.
        last.is_none_or(|sent| {
            let is_specific = failure_notes::is_specific_to_call(self.report, call, sent);
            sent.answer != Some(Verdict::Nothing) && !is_specific
        }) && failure_notes::final_write(call).is_some()
            && self.report.fleet.store.keeps_writes()
            && note.is_none_or(|note| note > self.apart + CLOCK_STEP)
    }

    /// The span that a request begins.
    fn begin(&self, requested: Duration, call: &Outcome, stored_nothing: bool) -> Span {
        let fleet = &self.report.fleet;
        let last = call.sends.last();
        let answered = last.map_or(requested, |sent| sent.until);
        let is_kept = self.is_kept(call);
        let length = match last.and_then(failure_notes::length) {
            _ if !is_kept => Duration::ZERO,
            Some(note) => answered - requested + note,
            None => fleet.authority.shortest_use(),
        };
        let length = length.saturating_sub(CLOCK_STEP + self.apart);
        let until = answered.max(requested + length);
        // Later calls find the result, unless the store lags or lies.
        let known = if fleet.store.counts_correctly() { answered + LEASE } else { until };
        let present = |call: &&&Outcome| call.started <= known && call.ended >= requested;
        let present: Vec<_> = self.calls.iter().filter(present).collect();
        let slowest = present.iter().map(|call| call.requests_took()).max().unwrap_or_default();
        // A call that waited for so long takes over, possibly together with others, and others take over from a call that
        // takes so long in total.
        let is_plain = slowest.max(call.ended - call.started) < TAKEOVER_STEP
            && !stored_nothing
            && fleet.store.has_counters()
            && fleet.store.counts_correctly()
            && present.iter().all(|call| call.survived() && call.faults == 0);
        let mut allowance = 2 + whole(self.apart.as_secs().div_ceil(WINDOW.as_secs()));
        let lag = fleet.store.lag_for_writer().unwrap_or_default();
        if !is_plain {
            let races = 1 + whole(slowest.as_secs() / LEASE.as_secs());
            let is_believed = self.apart.max(lag) < LEASE && fleet.store.keeps_writes();
            let winners = races * (2 + present.len() / 10);
            allowance += if is_believed { winners } else { present.len() };
        }
        // After two local failures, every follower sends its own request. So it does after two failed connections.
        let local_failures =
            present.iter().filter(|call| args_of(self.report, call).fails_locally());
        let has_not_connected = |call: &&&Outcome| {
            let is_recent = call.started <= known && call.ended + WINDOW >= requested;
            is_recent && call.sends.iter().any(|sent| sent.answer == Some(Verdict::Nothing))
        };
        if local_failures.count() > 1 || self.calls.iter().any(|call| has_not_connected(&call)) {
            allowance += present.len();
        }
        if fleet.authority.shortest_use() <= CLOCK_STEP + self.apart.max(lag) {
            allowance += present.len();
        }
        Span {
            until,
            unseen_until: fleet.store.lag_for_writer().map_or(Duration::ZERO, |lag| answered + lag),
            allowance: allowance * fleet.store.replicas(),
            requests: 1,
            stored_nothing: !is_kept,
        }
    }
}

fn is_far_off(call: &Outcome) -> bool {
    call.clock_error.unsigned_abs() > FAR_OFF_NANOS
}

fn whole(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Instances whose clocks are both off by less than this accept each other's entries.
const FAR_OFF_NANOS: u64 = 150_000_000_000;
const CLOCK_STEP: Duration = Duration::from_secs(1);
/// The core's takeover delay grows by this much with each ticket.
const TAKEOVER_STEP: Duration = Duration::from_millis(2_500);
const WINDOW: Duration = Duration::from_secs(10);
const LEASE: Duration = Duration::from_secs(5);
