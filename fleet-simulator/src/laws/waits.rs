//! Every call ends in time, and with a token if there is one to be had.

use std::time::Duration;

use super::Broken;
use super::Law;
use crate::outcome::Ending;
use crate::outcome::Outcome;
use crate::report::Report;

pub(super) fn check(report: &Report, broken: &mut Vec<Broken>) {
    let slack = report.fleet.store.longest_operation() * BETWEEN_LOOKS + SOME;
    for outcome in report.survivors() {
        let deadline = report.fleet.groups[outcome.group].ask.deadline_of_call();
        let mut breaks = |law, how| {
            broken.push(Broken { law, instance: Some(outcome.instance), at: outcome.ended, how });
        };
        if outcome.took() > deadline + slack {
            breaks(Law::NoUnboundedWait, format!("the call took {:?}", outcome.took()));
        }
        match &outcome.ending {
            Ending::Never => breaks(Law::NoUnboundedWait, "the call did not end".to_owned()),
            Ending::Panicked(message) => breaks(Law::NoPanic, message.clone()),
            Ending::Failed(cause)
                if report.fleet.authority.is_healthy() && is_in_time(report, outcome) =>
            {
                breaks(Law::StoreIsOptional, format!("the call failed: {cause}"));
            }
            Ending::Failed(_) | Ending::Token(_) | Ending::Killed => {}
        }
    }
}

/// Whether the store left time enough for the longest wait for others and a request of its own.
fn is_in_time(report: &Report, outcome: &Outcome) -> bool {
    let ask = &report.fleet.groups[outcome.group].ask;
    let request = report.fleet.authority.slowest_answer() + SOME;
    outcome.in_store + ask.longest_wait() + request < ask.deadline_of_call()
}

/// The most operations of the store that the core makes without a look at the clock. When the deadline passes in the
/// first, the others are still made: a refresh reads the token and the note, takes a place, claims, and gives it back.
const BETWEEN_LOOKS: u32 = 5;
/// For the last pause of a wait, and the work between host calls.
const SOME: Duration = Duration::from_millis(500);
