//! What must hold in every run, whatever goes wrong.

mod bound;
mod failures;
mod marks;
mod requests;
mod tokens;
mod waits;

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;
use std::time::Duration;

use crate::ask::Ask;
use crate::ask::TokenKey;
use crate::outcome::Outcome;
use crate::report::Report;

/// A rule that no run may break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// A token was issued by the authority, for the caller's tenant, client and scope, to the caller itself or to one who
    /// seals with the same key. Who wants a new one, because it is forced, challenged or knows the old one to be bad, does
    /// not get an old one. No fault of the store excuses anything here.
    NoWrongToken,
    /// A token from the cache has 300 seconds to live, by the authority's clock, or half of its life if that is less. The
    /// margin shrinks by what the clock of whoever fetched it is ahead of the caller's.
    NoExpiredToken,
    /// A call waits for others no longer than it may, refreshes for five seconds at most, and ends within its deadline,
    /// all of it but for the time that the store takes: no operation can be cut short. When the deadline has passed, it
    /// begins six operations at most. On a healthy store, with clocks that are right, nobody waits for a take-over step
    /// while nobody asks.
    NoUnboundedWait,
    /// The core does not panic.
    NoPanic,
    /// A call fails only if the authority has failed it, or another that wanted the same so recently that the mark of that
    /// still holds, or if the store takes so long that the deadline passes; and not while it has a token that is good.
    FailureIsExplained,
    /// A call makes at most one request and its retry; the fleet makes at most as many as what happened explains.
    FewRequests,
    /// On a healthy store, with clocks that are right, a failure is noted, and nobody who comes after that asks again
    /// before the mark is over. Excepted is a mark that somebody wrote a claim over who had come before it was there: the
    /// two share a name in the store.
    MarkIsHonoured,
}

/// A law that was broken.
#[derive(Clone, Debug)]
pub struct Broken {
    /// Which.
    pub law: Law,
    /// By whom, if by one instance.
    pub instance: Option<u32>,
    /// When.
    pub at: Duration,
    /// How.
    pub how: String,
}

pub(crate) fn check(report: &Report) -> Vec<Broken> {
    let mut broken = Vec::new();
    tokens::check(report, &mut broken);
    waits::check(report, &mut broken);
    failures::check(report, &mut broken);
    requests::check(report, &mut broken);
    marks::check(report, &mut broken);
    broken
}

/// How many token requests the run explains.
pub(crate) fn explained_requests(report: &Report) -> usize {
    bound::of_fleet(report).0
}

/// The calls that share a token, in the order in which they began: of one tenant, client, scope and sealing key.
fn by_entry(report: &Report) -> impl Iterator<Item = Vec<&Outcome>> {
    let mut entries = BTreeMap::<(TokenKey, Option<&[u8]>), Vec<&Outcome>>::new();
    for outcome in &report.outcomes {
        entries.entry(ask_of(report, outcome).entry()).or_default().push(outcome);
    }
    entries.into_values()
}

fn ask_of<'a>(report: &'a Report, outcome: &Outcome) -> &'a Ask {
    &report.fleet.groups[outcome.group].ask
}

fn breaks(law: Law, outcome: &Outcome, at: Duration, how: String) -> Broken {
    Broken { law, instance: Some(outcome.instance), at, how }
}

/// The run as its reader needs it: how to repeat it, what is wrong, and what happened around it.
pub(crate) fn to_text(report: &Report, broken: &[Broken]) -> String {
    let mut text = format!("seed {} breaks {} laws\n", report.seed(), broken.len());
    for broken in broken.iter().take(MAX_BROKEN) {
        let _ = writeln!(text, "{broken}");
    }
    let _ = writeln!(text, "\n{:#?}\n", report.fleet);
    let events = report.trace.events();
    let worst = broken.first().map_or(Duration::ZERO, |broken| broken.at);
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

impl fmt::Display for Broken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}, at {:.6} s", self.law, self.at.as_secs_f64())?;
        if let Some(instance) = self.instance {
            write!(formatter, ", by #{instance}")?;
        }
        write!(formatter, ": {}", self.how)
    }
}

const MAX_BROKEN: usize = 10;
const MAX_EVENTS: usize = 400;
