//! What must hold in every run, whatever goes wrong.

mod bound;
mod requests;
mod tokens;
mod waits;

use std::fmt;
use std::fmt::Write as _;
use std::time::Duration;

use crate::report::Report;

/// A rule that no run may break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// A token was issued by the authority, for the caller's tenant, client and scope.
    NoWrongToken,
    /// A token is valid, by the authority's clock, when it is returned. The caller's clock and that of whoever fetched
    /// the token may be 300 seconds apart, less what the call took: that is the core's margin.
    NoExpiredToken,
    /// A call ends within its deadline, and five operations of the store at their slowest: none can be cut short when the
    /// deadline passes, and the core looks at the clock before it waits and before it asks, not before each.
    NoUnboundedWait,
    /// The core does not panic.
    NoPanic,
    /// While the authority serves everybody, every call that is not killed gets a token, whatever the store does. Excepted
    /// are calls whose deadline passes while they wait for the store.
    StoreIsOptional,
    /// A call makes at most one request and its retry; the fleet makes at most as many as its faults explain.
    FewRequests,
    /// On a healthy store, with clocks that are right, nobody who comes after a 429 was noted asks again before its
    /// `Retry-After` is over. Excepted is a mark that somebody wrote a claim over who had read before it was there: the
    /// two share a name in the store.
    ThrottleIsHonoured,
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
    requests::check(report, &mut broken);
    broken
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
