//! How many token requests a run explains, by what happened in it.
//!
//! A token that was fetched and stored is for all who share it until it is used up, and a failure that was noted is for all
//! until its mark is over. So time falls into spans, each begun by a request, and in each the core makes that request and,
//! where the window of its counter ends meanwhile, another. To that come
//!
//! - calls that ask for themselves: they pass over the cache, have waited for as long as they may, were killed, met a fault
//!   of the store, were told by a store that lags or lies that they are the first, or have a clock that is far off;
//! - the retry of a request that failed;
//! - a span more after a token, or a mark, that the store did not keep, or that a clock far off spoiled, and after a token
//!   that somebody knows to be bad;
//! - one request per ten seconds by which clocks differ, since each counts in a window of its own;
//! - the same for each replica;
//! - races of claims: where those whose turn has come are unknown in number. A tenth of those who want the token may win
//!   one, and two more in a small fleet; there is one after five seconds without an answer, and after each five more.
//!   Where clocks are further apart, or the store lags more or loses claims and says OK, nobody believes one, and all ask.
//!   So do all for whom a token is too old as soon as they see it: clocks are further apart than it is of use, or the store
//!   lags more;
//! - all who may wait for several that fail by themselves, and find nothing out for them.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Broken;
use super::Law;
use super::ask_of;
use super::breaks;
use super::by_entry;
use super::marks;
use crate::outcome::Outcome;
use crate::report::Report;

/// How many requests are explained, and those that are not.
pub(super) fn of_fleet(report: &Report) -> (usize, Vec<Broken>) {
    let mut broken = Vec::new();
    let bound = by_entry(report).map(|calls| {
        let mut entry = Entry::new(report, calls);
        entry.count();
        broken.extend(entry.broken);
        entry.explained
    });
    let bound = bound.sum();
    (bound, broken)
}

/// Those who share a token.
struct Entry<'a> {
    report: &'a Report,
    calls: Vec<&'a Outcome>,
    /// How far apart the clocks are, those left out that are far off.
    apart: Duration,
    explained: usize,
    broken: Vec<Broken>,
}

/// From a request that began one until another is due.
struct Span {
    until: Duration,
    /// Until when those whose store lags cannot know of it.
    unseen_until: Duration,
    allowance: usize,
    requests: usize,
    /// Whether it ended with nothing in the store for the others.
    was_in_vain: bool,
}

impl<'a> Entry<'a> {
    fn new(report: &'a Report, calls: Vec<&'a Outcome>) -> Self {
        let errors = calls.iter().map(|call| call.clock_error.unsigned_abs());
        let furthest = errors.filter(|&error| error <= FAR_OFF_NANOS).max().unwrap_or(0);
        let apart = Duration::from_nanos(furthest) * 2;
        Self { report, calls, apart, explained: 0, broken: Vec::new() }
    }

    fn count(&mut self) {
        let mut asking: Vec<_> =
            self.calls.iter().filter_map(|&call| Some((call.asked()?, call))).collect();
        asking.sort_by_key(|(asked, _)| *asked);
        let mut span: Option<Span> = None;
        let mut bad = BTreeSet::new();
        for (asked, call) in asking {
            self.explained += call.sends.len().saturating_sub(1);
            if self.asks_for_itself(call) {
                self.explained += 1;
                // A fault may have written over what was good.
                let may_spoil = call.fetched().is_some() || call.faults > 0;
                let is_spoiled = may_spoil && !self.is_kept(call);
                if (is_far_off(call) || is_spoiled)
                    && let Some(span) = &mut span
                {
                    span.until = span.until.min(asked);
                    span.was_in_vain = true;
                }
                continue;
            }
            let rejects = ask_of(self.report, call).rejected();
            let is_new = rejects.is_some_and(|token| self.has(token, asked) && bad.insert(token));
            match &mut span {
                Some(span) if asked < span.unseen_until => self.explained += 1,
                Some(span) if asked < span.until && !is_new => {
                    span.requests += 1;
                    if !self.is_kept(call) {
                        // It frees the places of all, for whoever is next.
                        span.allowance += 1;
                        self.explained += 1;
                    }
                    if span.requests == span.allowance + 1 {
                        let how =
                            format!("{} requests for one token are explained", span.allowance);
                        self.broken.push(breaks(Law::FewRequests, call, asked, how));
                    }
                }
                _ => {
                    let was_in_vain = span.as_ref().is_some_and(|span| span.was_in_vain);
                    let next = self.begin(asked, call, was_in_vain);
                    self.explained += next.allowance;
                    span = Some(next);
                }
            }
        }
    }

    /// Whether somebody had put this token into the store by then.
    fn has(&self, token: usize, by: Duration) -> bool {
        self.calls.iter().any(|call| {
            call.fetched() == Some(token) && marks::kept(call).is_some_and(|kept| kept.at <= by)
        })
    }

    fn asks_for_itself(&self, call: &Outcome) -> bool {
        let ask = ask_of(self.report, call);
        let before_asking = call.asked().unwrap_or(call.ended) - call.started;
        let is_leader_of_many = call.is_told_first && !self.report.fleet.store.counts_well();
        !ask.is_elected()
            || before_asking >= ask.longest_wait()
            || !call.survived()
            || call.faults > 0
            || is_leader_of_many
            || is_far_off(call)
    }

    /// Whether the store has what the call brought, for the others to believe.
    fn is_kept(&self, call: &Outcome) -> bool {
        let mark = call.sends.last().and_then(marks::length);
        marks::kept(call).is_some()
            && self.report.fleet.store.keeps_what_it_takes()
            && mark.is_none_or(|mark| mark > self.apart + CLOCK_STEP)
    }

    /// The span that a request begins.
    fn begin(&self, asked: Duration, call: &Outcome, was_in_vain: bool) -> Span {
        let fleet = &self.report.fleet;
        let last = call.sends.last();
        let answered = last.map_or(asked, |sent| sent.until);
        let is_kept = self.is_kept(call);
        let length = match last.and_then(marks::length) {
            _ if !is_kept => Duration::ZERO,
            Some(mark) => answered - asked + mark,
            None => fleet.authority.shortest_use(),
        };
        let length = length.saturating_sub(CLOCK_STEP + self.apart);
        let until = answered.max(asked + length);
        // Those who come later find what the request brought, unless the store lags or lies.
        let known = if fleet.store.counts_well() { answered + CLAIM } else { until };
        let present = |call: &&&Outcome| call.started <= known && call.ended >= asked;
        let present: Vec<_> = self.calls.iter().filter(present).collect();
        let slowest = present.iter().map(|call| call.asking_took()).max().unwrap_or_default();
        // One that has waited for so long takes over, and not alone; from one that takes so long in all, others do.
        let is_plain = slowest.max(call.ended - call.started) < TAKE_OVER_STEP
            && !was_in_vain
            && fleet.store.has_counters()
            && fleet.store.counts_well()
            && present.iter().all(|call| call.survived() && call.faults == 0);
        let mut allowance = 2 + whole(self.apart.as_secs().div_ceil(WINDOW.as_secs()));
        let lag = fleet.store.lag_for_all().unwrap_or_default();
        if !is_plain {
            let races = 1 + whole(slowest.as_secs() / CLAIM.as_secs());
            let is_believed = self.apart.max(lag) < CLAIM && fleet.store.keeps_what_it_takes();
            let winners = races * (2 + present.len() / 10);
            allowance += if is_believed { winners } else { present.len() };
        }
        // After two that fail by themselves, all who wait for them find out for themselves.
        let by_itself = present.iter().filter(|call| ask_of(self.report, call).fails_by_itself());
        if by_itself.count() > 1 {
            allowance += present.len();
        }
        if fleet.authority.shortest_use() <= CLOCK_STEP + self.apart.max(lag) {
            allowance += present.len();
        }
        Span {
            until,
            unseen_until: fleet.store.lag_for_all().map_or(Duration::ZERO, |lag| answered + lag),
            allowance: allowance * fleet.store.replicas(),
            requests: 1,
            was_in_vain: !is_kept,
        }
    }
}

fn is_far_off(call: &Outcome) -> bool {
    call.clock_error.unsigned_abs() > FAR_OFF_NANOS
}

fn whole(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Two clocks that are both less than this off believe one another.
const FAR_OFF_NANOS: u64 = 150_000_000_000;
const CLOCK_STEP: Duration = Duration::from_secs(1);
/// Of the core's election: each place waits so much longer.
const TAKE_OVER_STEP: Duration = Duration::from_millis(2_500);
const WINDOW: Duration = Duration::from_secs(10);
const CLAIM: Duration = Duration::from_secs(5);
