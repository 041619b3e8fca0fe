//! Invariants: properties that must hold in every run, regardless of faults.

mod failures;
mod requests;
mod tokens;
mod waits;

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;
use std::time::Duration;

use crate::outcome::Outcome;
use crate::report::Report;

/// A property that must hold in every run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invariant {
    /// A returned token was issued by the authority for the caller's tenant, client, scope and extras, to the caller itself
    /// or to a caller that seals with one of its keys. A call that needs a new token (forced, with claims, or rejecting the
    /// old one) never gets an old one.
    NoWrongToken,
    /// No token is accepted after its expiry by the authority's clock, as long as the clocks of the callers that fetched and
    /// accepted it differ by no more than the token's margin: 300 seconds, or half of its lifetime if that is less. If they
    /// differ by less, the rest of the margin is left.
    NoExpiredToken,
    /// No token is accepted whose entry seems to be from further ahead than the token's margin.
    NoTokenFromAhead,
    /// A call waits for other callers no longer than its limit, spends at most five seconds on a refresh, and ends within its
    /// deadline. Time in the store comes on top, since an operation cannot be cancelled; if that is more than
    /// two seconds or a third of the deadline, the call has as much time again for its own request. With a healthy store and exact
    /// clocks, no call waits for a takeover step while no other call requests the token.
    NoUnboundedWait,
    /// The core does not panic.
    NoPanic,
    /// A call fails only because of a fault of the host that it runs on, because the authority failed its request, or because the
    /// authority failed a call with which it shares failures, not long ago. The authority fails a call if it answers with an
    /// error, or takes the request and stays silent. So no call fails because of a fault local to another host.
    NoForeignFault,
    /// A call gets a token if its host is healthy, one of its credentials is valid, and the authority answers every request
    /// with a token, in the time that it has, and has done so for as long as a failure may be cached. It also gets one if it
    /// read a token that is valid until it can be returned.
    HealthyCallIsServed,
    /// A call sends at most one request per credential and one retry, and none after it got a token. With a healthy store and
    /// exact clocks, a call that begins after a result was stored, a token or a failure, sends none while the result holds;
    /// and of the calls that begin in one window and after the same result, one requests the token, and another one only
    /// after a takeover step.
    FewRequests,
}

/// A violated invariant.
#[derive(Clone, Debug)]
pub struct Violation {
    /// The invariant.
    pub invariant: Invariant,
    /// The instance that violated it.
    pub instance: u32,
    /// When.
    pub at: Duration,
    /// What happened.
    pub message: String,
}

impl Report {
    /// The invariants that the run violated.
    pub fn violations(&self) -> Vec<Violation> {
        let mut violations = Vec::new();
        tokens::check(self, &mut violations);
        waits::check(self, &mut violations);
        failures::check(self, &mut violations);
        requests::check(self, &mut violations);
        violations
    }

    /// Panics if the run violated an invariant. The message has the seed, the violations and the events.
    #[track_caller]
    pub fn check_invariants(&self) {
        let violations = self.violations();
        assert!(violations.is_empty(), "{}", to_text(self, &violations));
    }

    /// Whether the store is healthy and all clocks are exact, so that the number of requests is bounded.
    pub fn is_exact(&self) -> bool {
        self.setup.store.is_healthy() && self.setup.clocks.are_exact()
    }
}

/// The calls with the same key, in the order in which they began.
fn group_by<K: Ord>(report: &Report, key: impl Fn(&Outcome) -> K) -> Vec<Vec<&Outcome>> {
    let mut groups = BTreeMap::<K, Vec<&Outcome>>::new();
    for call in &report.outcomes {
        groups.entry(key(call)).or_default().push(call);
    }
    groups.into_values().collect()
}

fn violation(invariant: Invariant, call: &Outcome, at: Duration, message: String) -> Violation {
    Violation { invariant, instance: call.instance, at, message }
}

/// The failure message: the seed, the violations, the fleet, and the events around the first violation.
fn to_text(report: &Report, violations: &[Violation]) -> String {
    let mut text = format!("seed {} violates {} invariants\n", report.seed(), violations.len());
    for violation in violations.iter().take(MAX_VIOLATIONS) {
        let _ = writeln!(text, "{violation}");
    }
    let _ = writeln!(text, "\n{:#?}\n", report.setup);
    let events = report.trace.events();
    let worst = violations.first().map_or(Duration::ZERO, |violation| violation.at);
    let end = events.partition_point(|event| event.at <= worst + Duration::from_secs(1));
    let start = end.saturating_sub(MAX_EVENTS);
    if start > 0 {
        let _ = writeln!(text, "({start} events before)");
    }
    for event in &events[start..end] {
        let _ = writeln!(text, "{event}");
    }
    if end < events.len() {
        let _ = writeln!(text, "({} events after)", events.len() - end);
    }
    text
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { invariant, instance, at, message } = self;
        write!(formatter, "{invariant:?}, at {:.6} s, by #{instance}: {message}", at.as_secs_f64())
    }
}

/// The core's clock shows whole seconds.
const CLOCK_STEP: Duration = Duration::from_secs(1);
/// An allowance for the work between host calls.
const WORK: Duration = Duration::from_millis(20);
/// The longest pause between two reads of the store.
const LONGEST_PAUSE: Duration = Duration::from_millis(300);
/// A call leaves a store alone after an operation that takes longer.
const SLOW_OPERATION: Duration = Duration::from_secs(2);
/// The core's takeover delay grows by this much with each ticket.
const TAKEOVER_STEP: Duration = Duration::from_millis(2_500);
/// Tickets are counted anew in each window.
const WINDOW: Duration = Duration::from_secs(10);

const MAX_VIOLATIONS: usize = 10;
const MAX_EVENTS: usize = 400;
