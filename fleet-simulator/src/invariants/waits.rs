//! Every call ends in time.

use std::time::Duration;

use super::Invariant;
use super::LONGEST_PAUSE;
use super::SLOW_OPERATION;
use super::TAKEOVER_STEP;
use super::Violation;
use super::WINDOW;
use super::WORK;
use super::group_by;
use super::violation;
use crate::outcome::Ending;
use crate::outcome::Outcome;
use crate::report::Report;

pub(super) fn check(report: &Report, violations: &mut Vec<Violation>) {
    for call in report.survivors() {
        if let Ending::Panicked(message) = &call.ending {
            violations.push(violation(Invariant::NoPanic, call, call.ended, message.clone()));
        }
        let reasons = why_too_long(report, call).into_iter();
        let too_long = |message| violation(Invariant::NoUnboundedWait, call, call.ended, message);
        violations.extend(reasons.map(too_long));
    }
    if report.is_exact() {
        for calls in group_by(report, |call| report.setup.args(call).scope_entry()) {
            check_leader_exists(report, &calls, violations);
        }
    }
}

fn why_too_long(report: &Report, call: &Outcome) -> Vec<String> {
    let args = report.setup.args(call);
    let limit = args.longest_wait_for_others();
    let deadline = args.deadline_of_call();
    let is_failed_refresh =
        call.answer().is_some_and(|answer| answer.is_cached) && call.requested_at().is_some();
    // A pause may begin just before the limit of the wait, and outlast a deadline of less than a second.
    let last_pause = LONGEST_PAUSE.min(call.waited);
    // After a slow store, the call has time for a request again.
    let is_slow = call.in_store > (deadline / 3).min(SLOW_OPERATION);
    let own_request = if is_slow { deadline } else { Duration::ZERO };
    let busy = call.took().saturating_sub(call.in_store + WORK);
    let late = call.operations.iter().filter(|&&began| began > call.started + deadline).count();
    let reasons = [
        (matches!(call.ending, Ending::Never), "the call did not end".to_owned()),
        (
            call.waited > limit + last_pause,
            format!("the call waited for {:?}, and the limit is {limit:?}", call.waited),
        ),
        (is_failed_refresh && busy > REFRESH_DEADLINE, format!("a refresh took {busy:?}")),
        (
            busy > deadline + own_request + last_pause,
            format!("the call took {busy:?} without the store"),
        ),
        (late > AFTER_THE_DEADLINE, format!("{late} store operations began after the deadline")),
    ];
    reasons.into_iter().filter(|(is_violated, _)| *is_violated).map(|(_, text)| text).collect()
}

/// Calls wait only while another one requests the token, or has just died or failed because of its host, and not because of
/// tickets or leases that a finished generation left behind.
fn check_leader_exists(report: &Report, calls: &[&Outcome], violations: &mut Vec<Violation>) {
    let entry = |call: &Outcome| report.setup.args(call).entry();
    let must_have_leader = |call: &&&Outcome| {
        // A call that rejects the leader's token goes on waiting.
        let accepts_any = report.setup.args(call).rejected().is_none();
        call.waited >= TAKEOVER_STEP && call.survived() && call.host_faults == 0 && accepts_any
    };
    for waiting in calls.iter().filter(must_have_leader) {
        let until = waiting.requested_at().unwrap_or(waiting.ended);
        let is_leader = |other: &&&Outcome| {
            // One name holds one record: an announcement may be written while the leader ends, and a call for another
            // token of these scopes writes its own result.
            let is_overwritten = calls.iter().any(|third| {
                let ended = other.last_write.map_or(other.ended, |written| written.at);
                let is_later = |&at: &Duration| {
                    ended < at
                        && at < until
                        && (at < other.ended + WORK || entry(third) != entry(other))
                };
                third.writes.iter().any(is_later)
            });
            // A killed instance does not return its ticket. Any other leader's end is noticed within a step.
            let is_active = if other.survived() && !is_overwritten {
                (other.requested_at().is_some() || other.host_faults > 0)
                    && other.ended + TAKEOVER_STEP >= until
            } else {
                other.ended + WINDOW >= waiting.started
            };
            is_active
                && entry(other) == entry(waiting)
                && !std::ptr::eq(**other, *waiting)
                && other.started <= until
        };
        if !calls.iter().any(|other| is_leader(&other)) {
            let message = format!("it waited for {:?}, and no call requested it", waiting.waited);
            violations.push(violation(Invariant::NoUnboundedWait, waiting, until, message));
        }
    }
}

/// The limit of a refresh.
const REFRESH_DEADLINE: Duration = Duration::from_secs(5);
/// A refresh whose deadline passes while it reads the token still reads the remembered failure, takes a ticket, writes its
/// lease, reads the failure again, deletes the previous ticket counter, reads which credential to use, and returns its ticket.
const AFTER_THE_DEADLINE: usize = 7;
