//! Invariants: properties that must hold in every run, regardless of faults.

mod bound;
mod failure_notes;
mod failures;
mod requests;
mod tokens;
mod waits;

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;
use std::time::Duration;

use crate::call_args::CallArgs;
use crate::call_args::TokenKey;
use crate::outcome::Outcome;
use crate::report::Report;

/// A property that must hold in every run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invariant {
    /// A returned token was issued by the authority for the caller's tenant, client and scope, to the caller itself or to a
    /// caller with the same sealing key. A call that needs a new token (forced, with claims, or rejecting the old one) never
    /// gets an old one. Faults of the store are no excuse.
    NoWrongToken,
    /// A token from the cache is valid for another 300 seconds by the authority's clock, or for half of its lifetime if that
    /// is less. If the clock of the instance that fetched it is ahead of the caller's, the margin is smaller by the
    /// difference.
    NoExpiredToken,
    /// A call waits for other callers no longer than its limit, spends at most five seconds on a refresh, and ends within its
    /// deadline. Time spent in the store comes on top, since an operation cannot be cancelled; after the deadline a call
    /// begins at most six operations. With a healthy store and exact clocks, no call waits for a takeover step while no
    /// instance requests the token.
    NoUnboundedWait,
    /// The core does not panic.
    NoPanic,
    /// A call fails only if the authority failed its request, if a remembered failure of another caller applies to it, or if
    /// the store is so slow that the deadline passes. It does not fail if it read a valid token.
    FailureIsExplained,
    /// A call makes at most one request and one retry; the fleet makes at most as many as the events of the run explain.
    FewRequests,
    /// With a healthy store and exact clocks, a failure is remembered, and no call that begins after it was written requests
    /// the token before it has expired. Exception: a call that began earlier may overwrite it with a lease, since both have
    /// the same name in the store.
    FailureIsRemembered,
}

/// A violated invariant.
#[derive(Clone, Debug)]
pub struct Violation {
    /// The invariant.
    pub invariant: Invariant,
    /// The instance that violated it, if it was a single one.
    pub instance: Option<u32>,
    /// When.
    pub at: Duration,
    /// What happened.
    pub message: String,
}

pub(crate) fn check(report: &Report) -> Vec<Violation> {
    let mut violations = Vec::new();
    tokens::check(report, &mut violations);
    waits::check(report, &mut violations);
    failures::check(report, &mut violations);
    requests::check(report, &mut violations);
    failure_notes::check(report, &mut violations);
    violations
}

/// How many token requests the events of the run explain.
pub(crate) fn explained_requests(report: &Report) -> usize {
    bound::of_fleet(report).0
}

/// The calls that share a token (same tenant, client, scope and sealing key), in the order in which they began.
fn by_entry(report: &Report) -> impl Iterator<Item = Vec<&Outcome>> {
    let mut entries = BTreeMap::<(TokenKey, Option<&[u8]>), Vec<&Outcome>>::new();
    for outcome in &report.outcomes {
        entries.entry(args_of(report, outcome).entry()).or_default().push(outcome);
    }
    entries.into_values()
}

fn args_of<'a>(report: &'a Report, outcome: &Outcome) -> &'a CallArgs {
    &report.fleet.groups[outcome.group].args
}

fn violation(invariant: Invariant, outcome: &Outcome, at: Duration, message: String) -> Violation {
    Violation { invariant, instance: Some(outcome.instance), at, message }
}

/// The failure message: the seed, the violations, the fleet, and the events around the first violation.
pub(crate) fn to_text(report: &Report, violations: &[Violation]) -> String {
    let mut text = format!("seed {} violates {} invariants\n", report.seed(), violations.len());
    for violation in violations.iter().take(MAX_VIOLATIONS) {
        let _ = writeln!(text, "{violation}");
    }
    let _ = writeln!(text, "\n{:#?}\n", report.fleet);
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
        write!(formatter, "{:?}, at {:.6} s", self.invariant, self.at.as_secs_f64())?;
        if let Some(instance) = self.instance {
            write!(formatter, ", by #{instance}")?;
        }
        write!(formatter, ": {}", self.message)
    }
}

const MAX_VIOLATIONS: usize = 10;
const MAX_EVENTS: usize = 400;
