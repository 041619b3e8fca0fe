//! No call fails without a reason.

use std::collections::HashMap;
use std::time::Duration;

use msal_wasi::error::Cause;

use super::Invariant;
use super::Violation;
use super::args_of;
use super::by_entry;
use super::failure_notes;
use super::violation;
use super::waits::LONGEST_PAUSE;
use crate::authority::Issued;
use crate::authority::margin_of;
use crate::outcome::Ending;
use crate::outcome::Outcome;
use crate::report::Report;

pub(super) fn check(report: &Report, violations: &mut Vec<Violation>) {
    let has_failed = |outcome: &&Outcome| matches!(outcome.ending, Ending::Failed(_));
    if !report.outcomes.iter().any(|outcome| has_failed(&outcome)) {
        return;
    }
    let tokens = tokens_by_value(report);
    for calls in by_entry(report) {
        let remembered: Vec<_> =
            calls.iter().filter_map(|call| Some((*call, note(report, call)?))).collect();
        for &outcome in calls.iter().filter(|call| has_failed(call)) {
            let cause = outcome.cause().map(ToString::to_string).unwrap_or_default();
            if !is_explained(report, outcome, &remembered) {
                let message = format!("nothing explains the failure: {cause}");
                violations.push(violation(
                    Invariant::FailureIsExplained,
                    outcome,
                    outcome.ended,
                    message,
                ));
            }
            let found = outcome.found.and_then(|value| tokens.get(&value));
            if found.is_some_and(|&token| is_good(report, outcome, token)) {
                let message = format!("the call failed although it read a valid token: {cause}");
                violations.push(violation(
                    Invariant::FailureIsExplained,
                    outcome,
                    outcome.ended,
                    message,
                ));
            }
        }
    }
}

/// When the authority failed a call, and until when this failure may be remembered; `None` if the call did not write it.
fn note(report: &Report, call: &Outcome) -> Option<(Duration, Duration)> {
    let sent = call.sends.last()?;
    // An operation that returned an error may have taken effect.
    if failure_notes::final_write(call).is_none() && call.faults == 0 {
        return None;
    }
    let apart = report.fleet.clocks.furthest_apart();
    let until = sent.until + failure_notes::length(sent)? + apart + CLOCK_STEP;
    Some((sent.until, until))
}

fn is_explained(
    report: &Report,
    outcome: &Outcome,
    remembered: &[(&Outcome, (Duration, Duration))],
) -> bool {
    let args = args_of(report, outcome);
    if let Some(Cause::InvalidCredential(_)) = outcome.cause() {
        return args.fails_locally() && outcome.sends.is_empty();
    }
    let deadline = args.deadline_of_call();
    let waited = if args.uses_single_flight() {
        args.longest_wait() + LONGEST_PAUSE
    } else {
        Duration::ZERO
    };
    if let Some(sent) = outcome.sends.last() {
        let authority = &report.fleet.authority;
        let needed = outcome.in_store + waited + authority.slowest_answer() + WORK;
        let is_due = authority.is_healthy() && needed < deadline;
        return sent.is_failure() && !is_due;
    }
    let is_remembered = remembered.iter().any(|&(failed, (from, until))| {
        from <= outcome.ended
            && outcome.started <= until
            && failure_notes::applies_to(report, failed, outcome)
    });
    is_remembered || (outcome.took() >= deadline && outcome.in_store + waited >= deadline)
}

/// The numbers of the tokens, by the fingerprint of their entry.
fn tokens_by_value(report: &Report) -> HashMap<u64, usize> {
    let last_write = report.outcomes.iter().filter_map(|outcome| {
        let sent = outcome.sends.last()?;
        let last_write = outcome.last_write.filter(|last_write| last_write.at >= sent.until)?;
        Some((last_write.value, outcome.fetched()?))
    });
    last_write.collect()
}

/// Whether a call may accept the token that it read, by its own clock.
fn is_good(report: &Report, outcome: &Outcome, number: usize) -> bool {
    let args = args_of(report, outcome);
    let is_wanted = !args.bypasses_cache() && args.rejected() != Some(number);
    let Some(token) = report.tokens.get(number).filter(|_| is_wanted) else {
        return false;
    };
    // The effect of a jump during a call is checked by other invariants.
    if report.fleet.clocks.has_jumps() {
        return false;
    }
    let Issued { requested, lifetime, clock_error, .. } = *token;
    let ahead = i128::from(clock_error) - i128::from(outcome.clock_error);
    let age = to_nanos(outcome.started) - to_nanos(requested) - ahead;
    let margin = margin_of(lifetime) + CLOCK_STEP * 2;
    age + to_nanos(margin) < to_nanos(lifetime)
        && age > -to_nanos(margin_of(lifetime).saturating_sub(CLOCK_STEP * 2))
}

fn to_nanos(duration: Duration) -> i128 {
    i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX)
}

/// The core's clock shows whole seconds.
const CLOCK_STEP: Duration = Duration::from_secs(1);
const WORK: Duration = Duration::from_millis(20);
