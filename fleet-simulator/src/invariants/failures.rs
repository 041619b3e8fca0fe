//! No call fails without a reason in itself or its host, or one that the authority gave.

use std::collections::HashMap;
use std::time::Duration;

use super::CLOCK_STEP;
use super::Invariant;
use super::SLOW_OPERATION;
use super::Violation;
use super::group_by;
use super::violation;
use crate::authority::Verdict;
use crate::authority::margin_of;
use crate::outcome::Outcome;
use crate::outcome::Sent;
use crate::report::Report;

pub(super) fn check(report: &Report, violations: &mut Vec<Violation>) {
    if !report.outcomes.iter().any(|call| call.has_failed()) {
        return;
    }
    let tokens = tokens_by_value(report);
    let longest_call = report.outcomes.iter().map(Outcome::took).max().unwrap_or_default();
    let longest_failure =
        report.setup.authority.longest_failure().min(Duration::from_secs(LONGEST));
    let apart = report.setup.clocks.furthest_apart();
    let cached_for = longest_call + longest_failure + apart + CLOCK_STEP;
    for calls in group_by(report, |call| report.setup.args(call).scope_entry()) {
        for &call in calls.iter().filter(|call| call.has_failed()) {
            let cause = call.cause().map(ToString::to_string).unwrap_or_default();
            let mut found = |invariant, reason: &str| {
                let message = format!("{reason}: {cause}");
                violations.push(violation(invariant, call, call.ended, message));
            };
            if !is_explained(report, call, &calls) {
                found(Invariant::NoForeignFault, "neither its host nor the authority failed it");
            }
            if must_succeed(report, call, &calls, cached_for) {
                found(Invariant::HealthyCallIsServed, "its host and the authority are healthy");
            }
            if call
                .found
                .is_some_and(|value| has_read_valid_token(report, call, tokens.get(&value)))
            {
                found(Invariant::HealthyCallIsServed, "it read a valid token");
            }
        }
    }
}

fn is_explained(report: &Report, call: &Outcome, calls: &[&Outcome]) -> bool {
    report.setup.has_host_fault(call)
        || call.has_failure()
        || calls.iter().any(|failed| {
            cached_until(report, failed, call).is_some_and(|(from, until)| {
                from <= call.ended && call.started <= until + report.setup.clocks.furthest_apart()
            })
        })
}

/// From when until when a call may fail because the authority failed another call; `None` if that does not concern it.
pub(super) fn cached_until(
    report: &Report,
    failed: &Outcome,
    call: &Outcome,
) -> Option<(Duration, Duration)> {
    let sent = failed.sends.last()?;
    let (theirs, own) = (report.setup.args(failed), report.setup.args(call));
    let (seconds, is_bound) = match sent.answer {
        Some(Verdict::Token(_) | Verdict::NotConnected) => return None,
        Some(Verdict::Throttled(retry_after)) => (retry_after.as_secs().min(LONGEST), true),
        Some(Verdict::Status(401)) => (10, own.has_no_other_credential_than(theirs)),
        // The authority cannot serve a request with these extras.
        Some(Verdict::Status(200..500)) => (5, theirs.arguments() == own.arguments()),
        Some(Verdict::Status(_)) => {
            (5, !theirs.has_extras() || theirs.arguments() == own.arguments())
        }
        Some(Verdict::Nothing) | None => (5, true),
    };
    is_bound.then_some((sent.until, failed.ended + Duration::from_secs(seconds) + CLOCK_STEP))
}

/// Whether the call must get a token, by what the run was set up to do.
fn must_succeed(report: &Report, call: &Outcome, calls: &[&Outcome], cached_for: Duration) -> bool {
    let (setup, args) = (&report.setup, report.setup.args(call));
    let since = call.started.saturating_sub(cached_for);
    let needed = setup.authority.slowest_answer() * (args.credential_count() as u32);
    let time_for_request = args.deadline_of_call() - args.longest_wait_for_others();
    // A slow store may leave another call's request less time than the authority takes, and its failure is cached.
    let is_cut_short =
        |sent: &Sent| since <= sent.until && sent.at <= call.ended && sent.answer.is_none();
    let mut others = calls.iter().filter(|other| !std::ptr::eq(**other, call));
    !setup.has_host_fault(call)
        && !others.any(|other| other.sends.iter().any(is_cut_short))
        && args.has_valid_credential()
        && time_for_request > needed + BETWEEN_REQUESTS
        && !setup.authority.may_fail(&(since..=call.ended), &report.token_requests)
}

/// The numbers of the tokens, by the fingerprint of their entry.
fn tokens_by_value(report: &Report) -> HashMap<u64, usize> {
    let stored =
        report.outcomes.iter().filter_map(|call| Some((call.result()?.value, call.fetched()?)));
    stored.collect()
}

/// Whether the first value that a call read is a token that it may accept; after a slow store, one that it may accept at its
/// end. Clocks that jump in between are not considered.
fn has_read_valid_token(report: &Report, call: &Outcome, number: Option<&usize>) -> bool {
    let args = report.setup.args(call);
    let Some(token) = number.and_then(|&number| report.tokens.get(number)) else { return false };
    let ahead = Duration::from_nanos(token.clock_error.abs_diff(call.clock_error));
    let margin = margin_of(token.lifetime);
    let accepted = if call.in_store > SLOW_OPERATION { call.ended } else { call.started };
    !args.bypasses_cache()
        && args.rejected() != number.copied()
        && !report.setup.clocks.has_jumps()
        && ahead + CLOCK_STEP < margin
        && accepted + margin + ahead + CLOCK_STEP * 2 < token.requested + token.lifetime
}

/// In seconds: a longer `Retry-After` is ignored.
const LONGEST: u64 = 3_600;
const BETWEEN_REQUESTS: Duration = Duration::from_secs(1);
