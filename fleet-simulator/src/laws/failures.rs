//! No call fails without a reason.

use std::collections::HashMap;
use std::time::Duration;

use msal_wasi::error::Cause;

use super::Broken;
use super::Law;
use super::ask_of;
use super::breaks;
use super::by_entry;
use super::marks;
use super::waits::LONGEST_PAUSE;
use crate::authority::Issued;
use crate::authority::margin_of;
use crate::outcome::Ending;
use crate::outcome::Outcome;
use crate::report::Report;

pub(super) fn check(report: &Report, broken: &mut Vec<Broken>) {
    let has_failed = |outcome: &&Outcome| matches!(outcome.ending, Ending::Failed(_));
    if !report.outcomes.iter().any(|outcome| has_failed(&outcome)) {
        return;
    }
    let tokens = tokens_by_value(report);
    for calls in by_entry(report) {
        let marks: Vec<_> =
            calls.iter().filter_map(|call| Some((*call, mark(report, call)?))).collect();
        for &outcome in calls.iter().filter(|call| has_failed(call)) {
            let cause = outcome.cause().map(ToString::to_string).unwrap_or_default();
            if !is_explained(report, outcome, &marks) {
                let how = format!("nothing explains the failure: {cause}");
                broken.push(breaks(Law::FailureIsExplained, outcome, outcome.ended, how));
            }
            let found = outcome.found.and_then(|value| tokens.get(&value));
            if found.is_some_and(|&token| is_good(report, outcome, token)) {
                let how = format!("it had a good token and failed: {cause}");
                broken.push(breaks(Law::FailureIsExplained, outcome, outcome.ended, how));
            }
        }
    }
}

/// When a call was failed by the authority, and until when others may be told so, if it wrote that down at all.
fn mark(report: &Report, call: &Outcome) -> Option<(Duration, Duration)> {
    let sent = call.sends.last()?;
    // What a store answers with an error may have been done.
    if marks::kept(call).is_none() && call.faults == 0 {
        return None;
    }
    let apart = report.fleet.clocks.furthest_apart();
    let until = sent.until + marks::length(sent)? + apart + CLOCK_STEP;
    Some((sent.until, until))
}

fn is_explained(
    report: &Report,
    outcome: &Outcome,
    marks: &[(&Outcome, (Duration, Duration))],
) -> bool {
    let ask = ask_of(report, outcome);
    if let Some(Cause::InvalidCredential(_)) = outcome.cause() {
        return ask.fails_by_itself() && outcome.sends.is_empty();
    }
    let deadline = ask.deadline_of_call();
    let waited = if ask.is_elected() { ask.longest_wait() + LONGEST_PAUSE } else { Duration::ZERO };
    if let Some(sent) = outcome.sends.last() {
        let authority = &report.fleet.authority;
        let needed = outcome.in_store + waited + authority.slowest_answer() + WORK;
        let is_due = authority.is_healthy() && needed < deadline;
        return sent.is_failure() && !is_due;
    }
    let is_marked = marks.iter().any(|&(failed, (from, until))| {
        from <= outcome.ended
            && outcome.started <= until
            && marks::concerns(report, failed, outcome)
    });
    is_marked || (outcome.took() >= deadline && outcome.in_store + waited >= deadline)
}

/// Tokens by what was written of them.
fn tokens_by_value(report: &Report) -> HashMap<u64, usize> {
    let kept = report.outcomes.iter().filter_map(|outcome| {
        let sent = outcome.sends.last()?;
        let kept = outcome.kept.filter(|kept| kept.at >= sent.until)?;
        Some((kept.value, outcome.fetched()?))
    });
    kept.collect()
}

/// Whether a token that a call has read is one that it may take, by its own clock.
fn is_good(report: &Report, outcome: &Outcome, number: usize) -> bool {
    let ask = ask_of(report, outcome);
    let is_wanted = !ask.is_for_a_new_token() && ask.rejected() != Some(number);
    let Some(token) = report.tokens.get(number).filter(|_| is_wanted) else {
        return false;
    };
    // What a jump does to one that is under way is told by other laws.
    if report.fleet.clocks.jump() {
        return false;
    }
    let Issued { requested, lifetime, clock_error, .. } = *token;
    let ahead = i128::from(clock_error) - i128::from(outcome.clock_error);
    let age = to_nanos(outcome.started) - to_nanos(requested) - ahead;
    let margin = margin_of(lifetime) + CLOCK_STEP * 2;
    age + to_nanos(margin) < to_nanos(lifetime) && age > -MOST_AHEAD
}

fn to_nanos(duration: Duration) -> i128 {
    i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX)
}

/// The core's clock shows whole seconds.
const CLOCK_STEP: Duration = Duration::from_secs(1);
const WORK: Duration = Duration::from_millis(20);
/// In nanoseconds: a token that was asked for 300 seconds from now is not believed.
const MOST_AHEAD: i128 = 298_000_000_000;
