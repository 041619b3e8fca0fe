//! Every call ends in time.

use std::time::Duration;

use super::Broken;
use super::Law;
use super::ask_of;
use super::breaks;
use super::by_entry;
use crate::outcome::Ending;
use crate::outcome::Outcome;
use crate::report::Report;

pub(super) fn check(report: &Report, broken: &mut Vec<Broken>) {
    check_company(report, broken);
    for outcome in report.survivors() {
        match &outcome.ending {
            Ending::Never => {
                let how = "the call did not end".to_owned();
                broken.push(breaks(Law::NoUnboundedWait, outcome, outcome.ended, how));
            }
            Ending::Panicked(message) => {
                broken.push(breaks(Law::NoPanic, outcome, outcome.ended, message.clone()));
            }
            Ending::Failed(_) | Ending::Token(_) | Ending::Killed => {}
        }
        let too_long = why_too_long(report, outcome).into_iter();
        broken
            .extend(too_long.map(|how| breaks(Law::NoUnboundedWait, outcome, outcome.ended, how)));
    }
}

/// On a store that counts well, and with clocks that are right, somebody asks while others wait: what keeps them is not
/// left over from an election that has ended.
fn check_company(report: &Report, broken: &mut Vec<Broken>) {
    if !(report.fleet.store.is_healthy() && report.fleet.clocks.are_exact()) {
        return;
    }
    for calls in by_entry(report) {
        let is_long = |call: &&&Outcome| call.survived() && call.waited >= TAKE_OVER_STEP;
        for waiting in calls.iter().filter(is_long) {
            let until = waiting.asked().unwrap_or(waiting.ended);
            let has_brought = |other: &&&Outcome| {
                let is_recent = other.started <= until && other.ended + WINDOW >= waiting.started;
                is_recent && other.fetched().is_some()
            };
            let has_two_tokens = ask_of(report, waiting).rejected().is_some()
                && calls.iter().filter(has_brought).count() > 1;
            let is_company = |other: &&Outcome| {
                // The place of one who was killed is not given back.
                let left = if other.survived() { Duration::ZERO } else { WINDOW };
                // One that fails by itself is found to have been the first some time later.
                let is_at_it = !other.survived()
                    || other.asked().is_some()
                    || ask_of(report, other).fails_by_itself();
                // At a window's edge, or in one second, two tokens may come, and whoever rejects the later counts itself among
                // those who replaced the earlier.
                let left = if has_two_tokens { WINDOW } else { left };
                is_at_it
                    && !std::ptr::eq(*other, *waiting)
                    && other.started <= until
                    && other.ended + left >= waiting.started
            };
            if !calls.iter().any(is_company) {
                let how = format!("it paused for {:?}, and nobody asked", waiting.waited);
                broken.push(breaks(Law::NoUnboundedWait, waiting, until, how));
            }
        }
    }
}

/// Whether a call asked for another token, and returns the one that it had.
pub(super) fn is_refresh_in_vain(call: &Outcome) -> bool {
    call.answer().is_some_and(|answer| answer.is_cached) && call.asked().is_some()
}

fn why_too_long(report: &Report, outcome: &Outcome) -> Vec<String> {
    let ask = ask_of(report, outcome);
    let mut reasons = Vec::new();
    let operation = report.fleet.store.longest_operation();
    let in_store = |operations| outcome.in_store.min(operation * operations);

    let before_asking = outcome.asked().unwrap_or(outcome.ended) - outcome.started;
    let patience =
        if ask.is_elected() { ask.longest_wait() + LONGEST_PAUSE } else { Duration::ZERO };
    if outcome.waited > patience {
        reasons.push(format!("it paused for {:?}, and may for {patience:?}", outcome.waited));
    }
    if before_asking > patience + in_store(AROUND_A_WAIT) + WORK {
        reasons.push(format!("it did not ask for {before_asking:?}"));
    }

    if is_refresh_in_vain(outcome) && outcome.took() > REFRESH_DEADLINE + outcome.in_store + WORK {
        reasons.push(format!("a refresh took {:?}, with a token at hand", outcome.took()));
    }

    let deadline = ask.deadline_of_call();
    // A pause may begin just before the time for waiting is over, and outlast a deadline of less than a second.
    let last_pause = LONGEST_PAUSE.min(outcome.waited);
    if outcome.took() > deadline + last_pause + in_store(AFTER_THE_DEADLINE + 1) + WORK {
        reasons.push(format!("the call took {:?}", outcome.took()));
    }
    let late = |began: &&Duration| **began > outcome.started + deadline;
    let late = outcome.operations.iter().filter(late).count();
    if late > AFTER_THE_DEADLINE as usize {
        reasons.push(format!("{late} operations of the store began after the deadline"));
    }
    reasons
}

/// Of the core's election: each place waits so much longer.
const TAKE_OVER_STEP: Duration = Duration::from_millis(2_500);
const WINDOW: Duration = Duration::from_secs(10);
/// The longest pause between two looks into the store.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_millis(282);
/// What a refresh may take.
pub(super) const REFRESH_DEADLINE: Duration = Duration::from_secs(5);
/// Operations of the store that a call makes around its wait, where it does not look whether that is over: the token, the
/// note and the place before it, the token and the note in it, and the note, the claim, the note and the token after it.
const AROUND_A_WAIT: u32 = 9;
/// A refresh whose deadline passes while it reads the token reads the note, takes a place, claims, reads the note again,
/// forgets the places of the one before, and gives its own back.
const AFTER_THE_DEADLINE: u32 = 6;
/// For the work between host calls.
const WORK: Duration = Duration::from_millis(20);
