//! The fleet sends no more token requests than necessary.

use std::time::Duration;

use super::CLOCK_STEP;
use super::Invariant;
use super::TAKEOVER_STEP;
use super::Violation;
use super::WINDOW;
use super::WORK;
use super::failures::cached_until;
use super::group_by;
use super::violation;
use crate::authority::Verdict;
use crate::outcome::Outcome;
use crate::outcome::Sent;
use crate::report::Report;

pub(super) fn check(report: &Report, violations: &mut Vec<Violation>) {
    for call in &report.outcomes {
        let most = report.setup.args(call).credential_count() + 1;
        let needed = call.sends.iter().position(|sent| !sent.is_failure()).map_or(most, |n| n + 1);
        if let Some(sent) = call.sends.get(needed.min(most)) {
            violations.push(needless(call, sent.at, "the call sent too many requests"));
        }
    }
    if !report.is_exact() {
        return;
    }
    for calls in group_by(report, |call| report.setup.args(call).scope_entry()) {
        // In the order in which they were stored.
        let mut results: Vec<_> =
            calls.iter().filter_map(|call| Some((call.result()?.at, *call))).collect();
        results.sort_by_key(|(at, _)| *at);
        for (call, requested) in requesting(&calls) {
            if must_store_failure(report, call, &calls) {
                violations.push(needless(call, call.ended, "it did not store the failure"));
            }
            let Some(&(since, last)) = last_before(&results, call) else { continue };
            // A call that began earlier, or that the failure does not bind, may replace it: one name holds one result.
            let is_replaced = calls.iter().any(|other| {
                let is_later = |&at: &Duration| since < at && at < requested;
                let is_free = last.has_failure() && cached_until(report, last, other).is_none();
                (other.started < since || is_free) && other.writes.iter().any(is_later)
            });
            if !is_replaced && does_result_hold(report, last, call, requested) {
                let message = "it requested a token although a stored result still holds";
                violations.push(needless(call, requested, message));
            }
        }
    }
    for calls in group_by(report, |call| report.setup.args(call).entry()) {
        check_leaders(report, &calls, violations);
    }
}

/// Whether the authority answered a call with an error that others have to know, none of its errors is stored already, and
/// no other call has taken over, whose result others wait for.
fn must_store_failure(report: &Report, call: &Outcome, calls: &[&Outcome]) -> bool {
    let answer = call.sends.last().and_then(|sent| sent.answer);
    let is_stored_already = |other: &&Outcome| {
        let until = other.result().and_then(|_| cached_until(report, other, other));
        until.is_some_and(|(from, until)| from <= call.ended && call.ended <= until)
    };
    let has_taken_over = |other: &&Outcome| {
        let is_meanwhile = |at: &Duration| call.requested_at() < Some(*at) && *at < call.ended;
        call.ended < other.ended && other.writes.iter().any(is_meanwhile)
    };
    matches!(answer, Some(Verdict::Throttled(_) | Verdict::Status(_)))
        && call.has_failed()
        && report.setup.args(call).arguments().1.is_none()
        && !calls.iter().any(|other| is_stored_already(other) || has_taken_over(other))
}

/// Whether the result of another call makes this call's request needless.
fn does_result_hold(report: &Report, last: &Outcome, call: &Outcome, requested: Duration) -> bool {
    let args = report.setup.args(call);
    let holds_until = match last.fetched().map(|token| (token, &report.tokens[token])) {
        Some((number, token)) => {
            let rejects = args.rejected().is_some() && is_rejected(report, number);
            let serves = !args.bypasses_cache()
                && !rejects
                && report.setup.args(last).entry() == args.entry();
            serves.then(|| token.requested + report.setup.authority.use_of(token.lifetime))
        }
        None if has_given_up_early(last) => None,
        None => cached_until(report, last, call).map(|(from, until)| from + (until - last.ended)),
    };
    holds_until.is_some_and(|until| requested + CLOCK_STEP * 2 < until)
}

/// Whether a call did not wait long enough to conclude that the authority is silent.
fn has_given_up_early(call: &Outcome) -> bool {
    let is_early = |sent: &Sent| sent.answer.is_none() && sent.until - sent.at < LEAST_SILENCE;
    call.sends.last().is_some_and(is_early)
}

/// Whether any caller rejects a token. Callers that reject tokens share which.
fn is_rejected(report: &Report, number: usize) -> bool {
    report.setup.groups.iter().any(|group| group.args.rejected() == Some(number))
}

/// The result that was stored last before a call began.
fn last_before<'a, 'b>(
    results: &'b [(Duration, &'a Outcome)],
    call: &Outcome,
) -> Option<&'b (Duration, &'a Outcome)> {
    results[..results.partition_point(|(at, _)| *at < call.started)].last()
}

/// Of the calls that begin in one window and after the same result, one requests the token, and another one only after a
/// takeover step.
fn check_leaders(report: &Report, calls: &[&Outcome], violations: &mut Vec<Violation>) {
    // A request without a connection costs the authority nothing, and its failure is local to the caller.
    let is_connected = |call: &Outcome| call.sends.iter().any(Sent::is_connected);
    let leaders: Vec<_> = requesting(calls)
        .filter(|(call, _)| report.setup.args(call).uses_single_flight() && is_connected(call))
        .collect();
    // Calls that share a ticket counter: they begin in one window, and after the same result.
    let generation = |call: &Outcome| {
        // A call reads its clock just after it began, and a result that is stored before it takes its ticket may be new to it.
        let window = |delay| (report.start + call.started + delay).as_secs() / WINDOW.as_secs();
        let results = |by: Duration| {
            calls.iter().filter(|other| other.result().is_some_and(|result| result.at < by)).count()
        };
        let ticket_at = call.ticket_at.unwrap_or(call.started);
        ([Duration::ZERO, WORK].map(window), [call.started, ticket_at].map(results))
    };
    for (index, &(call, requested)) in leaders.iter().enumerate() {
        let is_in_flight = |(other, sent): &&(&Outcome, Duration)| {
            let until = other.sends.last().map_or(*sent, |sent| sent.until);
            *sent < requested && requested < until && generation(other) == generation(call)
        };
        // A leader that left no result is followed by another one: it died, its host failed it, or its token or failure
        // is of no use to others.
        let is_gone = |other: &&&Outcome| {
            other.result().is_none()
                && (other.requested_at().is_some() || other.host_faults > 0 || !other.survived())
                && other.started < requested
                && other.ended + WINDOW > call.started
        };
        // After two results of no use to a call, it may be one of several leaders. Releases count also before it began.
        let elected = call.ticket_at.unwrap_or(requested);
        let is_useless = |other: &&&Outcome| {
            let has_verdict = is_connected(other) && other.has_failure();
            let is_release = other.has_failed() && (!has_verdict || has_given_up_early(other));
            let ago = if is_release { RELEASES_COUNT_FOR } else { Duration::ZERO };
            let since = call.started.saturating_sub(ago);
            other.result().is_some_and(|result| since < result.at && result.at < elected)
        };
        if calls.iter().filter(is_useless).count() > 1 {
            continue;
        }
        let limit = report.setup.args(call).longest_wait_for_others().min(TAKEOVER_STEP);
        if requested < call.started + limit
            && leaders[..index].iter().any(|other| is_in_flight(&other))
            && !calls.iter().any(|other| is_gone(&other))
        {
            let message = "another call of its window was requesting the token";
            violations.push(needless(call, requested, message));
        }
    }
}

/// The calls that sent a request, in the order of their requests.
fn requesting<'a>(calls: &[&'a Outcome]) -> impl Iterator<Item = (&'a Outcome, Duration)> {
    let mut requesting: Vec<_> =
        calls.iter().filter_map(|&call| Some((call, call.requested_at()?))).collect();
    requesting.sort_by_key(|(_, requested)| *requested);
    requesting.into_iter()
}

fn needless(call: &Outcome, at: Duration, message: &str) -> Violation {
    violation(Invariant::FewRequests, call, at, message.to_owned())
}

const RELEASES_COUNT_FOR: Duration = Duration::from_secs(30);

/// Shorter than the silence that the core remembers.
const LEAST_SILENCE: Duration = Duration::from_millis(4_100);
