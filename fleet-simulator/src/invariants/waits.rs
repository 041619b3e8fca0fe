//! Every call ends in time.

use std::time::Duration;

use super::Invariant;
use super::Violation;
use super::args_of;
use super::by_entry;
use super::violation;
use crate::outcome::Ending;
use crate::outcome::Outcome;
use crate::report::Report;

pub(super) fn check(report: &Report, violations: &mut Vec<Violation>) {
    check_leader_exists(report, violations);
    for outcome in report.survivors() {
        match &outcome.ending {
            Ending::Never => {
                let message = "the call did not end".to_owned();
                violations.push(violation(
                    Invariant::NoUnboundedWait,
                    outcome,
                    outcome.ended,
                    message,
                ));
            }
            Ending::Panicked(message) => {
                violations.push(violation(
                    Invariant::NoPanic,
                    outcome,
                    outcome.ended,
                    message.clone(),
                ));
            }
            Ending::Failed(_) | Ending::Token(_) | Ending::Killed => {}
        }
        let too_long = why_too_long(report, outcome).into_iter();
        violations.extend(
            too_long.map(|message| {
                violation(Invariant::NoUnboundedWait, outcome, outcome.ended, message)
            }),
        );
    }
}

/// With a healthy store and exact clocks, calls wait only while another instance requests the token, and not because of
/// tickets or leases that a finished generation left behind.
fn check_leader_exists(report: &Report, violations: &mut Vec<Violation>) {
    if !(report.fleet.store.is_healthy() && report.fleet.clocks.are_exact()) {
        return;
    }
    for calls in by_entry(report) {
        let is_long = |call: &&&Outcome| call.survived() && call.waited >= TAKEOVER_STEP;
        for waiting in calls.iter().filter(is_long) {
            let until = waiting.requested_at().unwrap_or(waiting.ended);
            let has_fetched = |other: &&&Outcome| {
                let is_recent = other.started <= until && other.ended + WINDOW >= waiting.started;
                is_recent && other.fetched().is_some()
            };
            let has_two_tokens = args_of(report, waiting).rejected().is_some()
                && calls.iter().filter(has_fetched).count() > 1;
            let is_active_leader = |other: &&Outcome| {
                // A killed instance does not return its ticket.
                let left = if other.survived() { Duration::ZERO } else { WINDOW };
                // Followers notice only after some time that a leader that failed locally has gone.
                let is_active = !other.survived()
                    || other.requested_at().is_some()
                    || args_of(report, other).fails_locally();
                // At the edge of a window, or within one second, two tokens may be fetched. A call that rejects the later one
                // then takes a ticket of the generation that replaced the earlier one.
                let left = if has_two_tokens { WINDOW } else { left };
                is_active
                    && !std::ptr::eq(*other, *waiting)
                    && other.started <= until
                    && other.ended + left >= waiting.started
            };
            if !calls.iter().any(is_active_leader) {
                let message = format!(
                    "the call waited for {:?} while no instance requested the token",
                    waiting.waited
                );
                violations.push(violation(Invariant::NoUnboundedWait, waiting, until, message));
            }
        }
    }
}

/// Whether a call tried to refresh the token and returned the one that it had.
pub(super) fn is_failed_refresh(call: &Outcome) -> bool {
    call.answer().is_some_and(|answer| answer.is_cached) && call.requested_at().is_some()
}

fn why_too_long(report: &Report, outcome: &Outcome) -> Vec<String> {
    let args = args_of(report, outcome);
    let mut reasons = Vec::new();
    let operation = report.fleet.store.longest_operation();
    let in_store = |operations| outcome.in_store.min(operation * operations);

    let before_request = outcome.requested_at().unwrap_or(outcome.ended) - outcome.started;
    let patience = if args.uses_single_flight() {
        args.longest_wait() + LONGEST_PAUSE
    } else {
        Duration::ZERO
    };
    if outcome.waited > patience {
        reasons.push(format!(
            "the call waited for {:?}, and the limit is {patience:?}",
            outcome.waited
        ));
    }
    if before_request > patience + in_store(AROUND_A_WAIT) + WORK {
        reasons.push(format!("the call sent no request for {before_request:?}"));
    }

    if is_failed_refresh(outcome) && outcome.took() > REFRESH_DEADLINE + outcome.in_store + WORK {
        reasons
            .push(format!("a refresh took {:?} although there was a valid token", outcome.took()));
    }

    let deadline = args.deadline_of_call();
    // A pause may begin just before the limit of the wait, and outlast a deadline of less than a second.
    let last_pause = LONGEST_PAUSE.min(outcome.waited);
    // What the store used up is added to the time of the token request.
    let beyond = outcome.in_store + in_store(AFTER_THE_DEADLINE + 1);
    if outcome.took() > deadline + beyond + last_pause + WORK {
        reasons.push(format!("the call took {:?}", outcome.took()));
    }
    let late = |began: &&Duration| **began > outcome.started + deadline;
    let late = outcome.operations.iter().filter(late).count();
    if late > AFTER_THE_DEADLINE as usize {
        reasons.push(format!("{late} store operations began after the deadline"));
    }
    reasons
}

/// The core's takeover delay grows by this much with each ticket.
const TAKEOVER_STEP: Duration = Duration::from_millis(2_500);
const WINDOW: Duration = Duration::from_secs(10);
/// The longest pause between two reads of the store.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_millis(282);
/// The limit of a refresh.
pub(super) const REFRESH_DEADLINE: Duration = Duration::from_secs(5);
/// Store operations that a call makes around its wait without checking the time: it reads the token and the remembered
/// failure and takes a ticket before the wait, after it has read and written the rejected tokens, reads the token and the failure in it, and after it reads the failure, writes
/// the lease, and reads the failure and the token.
const AROUND_A_WAIT: u32 = 11;
/// A refresh whose deadline passes while it reads the token still reads the remembered failure, takes a ticket, writes its
/// lease, reads the failure again, deletes the previous ticket counter, and returns its ticket.
const AFTER_THE_DEADLINE: u32 = 6;
/// An allowance for the work between host calls.
const WORK: Duration = Duration::from_millis(20);
