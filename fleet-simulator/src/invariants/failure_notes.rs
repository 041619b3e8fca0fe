//! A remembered failure keeps other callers from requesting the token.

use std::collections::HashMap;
use std::time::Duration;

use super::Invariant;
use super::Violation;
use super::args_of;
use super::by_entry;
use super::violation;
use super::waits::REFRESH_DEADLINE;
use super::waits::is_failed_refresh;
use crate::authority::Verdict;
use crate::death::HostCall;
use crate::outcome::Outcome;
use crate::outcome::Sent;
use crate::outcome::StoredValue;
use crate::report::Report;
use crate::store::Name;
use crate::trace::Event;
use crate::trace::EventKind;
use crate::trace::Response;

/// For how long a failure is remembered; `None` if the request succeeded.
pub(super) fn length(sent: &Sent) -> Option<Duration> {
    Some(match sent.answer {
        // A failed connection is local to its instance.
        Some(Verdict::Token(_) | Verdict::Nothing) => return None,
        Some(Verdict::Throttled(retry_after)) => retry_after.min(LONGEST),
        Some(Verdict::Status(401)) => REFUSED_CREDENTIAL,
        Some(Verdict::Status(_)) | None => FAULT,
    })
}

/// What a call wrote after its last request: the token, or the remembered failure.
pub(super) fn final_write(call: &Outcome) -> Option<StoredValue> {
    let sent = call.sends.last()?;
    call.last_write.filter(|last_write| last_write.at >= sent.until)
}

pub(super) fn check(report: &Report, violations: &mut Vec<Violation>) {
    let is_exact = report.fleet.store.is_healthy() && report.fleet.clocks.are_exact();
    if !is_exact || !report.outcomes.iter().any(has_failed) {
        return;
    }
    let writes = Writes::of(report);
    for calls in by_entry(report) {
        for failed in calls.iter().filter(|call| has_failed(call) && call.survived()) {
            // It binds only calls with the same arguments.
            if failed.sends.last().is_some_and(|sent| is_specific_to_call(report, failed, sent)) {
                continue;
            }
            let Some(length) = failed.sends.last().and_then(length) else { continue };
            match final_write(failed) {
                Some(note) => {
                    // The core counts in whole seconds of the wall clock.
                    let until = failed.sends.last().map_or(note.at, |sent| sent.until) + length;
                    let until = until.saturating_sub(CLOCK_STEP);
                    violations.extend(check_note(report, failed, note, until, &writes, &calls));
                }
                None if must_be_remembered(report, failed)
                    && !is_throttled_for_longer(failed, length, &calls) =>
                {
                    let message = "the failure was not remembered".to_owned();
                    violations.push(violation(
                        Invariant::FailureIsRemembered,
                        failed,
                        failed.ended,
                        message,
                    ));
                }
                None => {}
            }
        }
    }
}

fn has_failed(call: &Outcome) -> bool {
    call.sends.last().is_some_and(Sent::is_failure)
}

/// Whether another caller was throttled for longer.
fn is_throttled_for_longer(failed: &Outcome, length: Duration, calls: &[&Outcome]) -> bool {
    calls.iter().any(|other| {
        let verdict = other.sends.last().and_then(|sent| sent.answer);
        let (Some(Verdict::Throttled(wait)), Some(note)) = (verdict, final_write(other)) else {
            return false;
        };
        note.at <= failed.ended && note.at + wait + CLOCK_STEP >= failed.ended + length
    })
}

/// False if the failure may be due to parameters that only this call sent, or to a slow store that left the authority no
/// time.
fn must_be_remembered(report: &Report, failed: &Outcome) -> bool {
    let Some(sent) = failed.sends.last() else { return false };
    if is_specific_to_call(report, failed, sent) {
        return false;
    }
    // A slow store moved the deadline.
    if failed.in_store > effective_deadline(report, failed) / 3 {
        return false;
    }
    let is_long = sent.until - sent.at > effective_deadline(report, failed) / 2 + WORK;
    !gave_up_early(report, failed, sent) || is_long
}

/// Whether a call's failure applies to another call. If it ran out of time, it applies only to calls with no later deadline.
pub(super) fn applies_to(report: &Report, failed: &Outcome, other: &Outcome) -> bool {
    let deadline = args_of(report, other).deadline_of_call();
    failed.sends.last().is_none_or(|sent| {
        !gave_up_early(report, failed, sent) || deadline <= effective_deadline(report, failed)
    })
}

/// The time limit of a call: a refresh has less than the deadline.
fn effective_deadline(report: &Report, call: &Outcome) -> Duration {
    let deadline = args_of(report, call).deadline_of_call();
    if is_failed_refresh(call) { deadline.min(REFRESH_DEADLINE) } else { deadline }
}

/// Whether a call waited too briefly for an answer to conclude that the authority is silent.
fn gave_up_early(report: &Report, failed: &Outcome, sent: &Sent) -> bool {
    let deadline = effective_deadline(report, failed);
    let is_silence = matches!(sent.answer, None | Some(Verdict::Nothing));
    let is_out_of_time = sent.answer.is_none() || sent.until + WORK >= failed.started + deadline;
    is_silence && is_out_of_time && sent.until - sent.at < LEAST_SILENCE
}

pub(super) fn is_specific_to_call(report: &Report, call: &Outcome, sent: &Sent) -> bool {
    let is_about_a_request = matches!(sent.answer, Some(Verdict::Status(200 | 400 | 500..)));
    is_about_a_request && !args_of(report, call).has_only_standard_parameters()
}

/// When a call has read the remembered failure: before the token if it bypasses the cache, otherwise after it.
fn read_note_by(report: &Report, call: &Outcome) -> Duration {
    let reads = match args_of(report, call) {
        args if args.bypasses_cache() => 1,
        args if args.rejected().is_some() => 4,
        _ => 2,
    };
    call.operations.get(reads).copied().unwrap_or(call.ended)
}

/// Checks that no call that began after the failure was written requests the token or overwrites the failure too early.
fn check_note(
    report: &Report,
    failed: &Outcome,
    note: StoredValue,
    until: Duration,
    writes: &Writes,
    calls: &[&Outcome],
) -> Option<Violation> {
    let sent = failed.sends.last()?;
    let is_bound = |call: &Outcome| {
        !is_specific_to_call(report, call, sent) && applies_to(report, failed, call)
    };
    let replaced = writes.after(note);
    let gone = replaced.map_or(Duration::MAX, |event| event.at);
    if let Some(event) = replaced.filter(|event| event.at < until) {
        let writer = calls.iter().find(|call| {
            call.instance == event.instance && (call.started..=call.ended).contains(&event.at)
        });
        if let Some(writer) = writer.filter(|writer| writer.started > note.at && is_bound(writer)) {
            let message = "the call overwrote a remembered failure".to_owned();
            return Some(violation(Invariant::FailureIsRemembered, writer, event.at, message));
        }
    }
    let is_early = |call: &&&Outcome| {
        (note.at < call.started && read_note_by(report, call) < gone)
            && call.requested_at().is_some_and(|requested| requested < until)
            && is_bound(call)
    };
    let early = calls.iter().find(is_early)?;
    let requested = early.requested_at()?;
    let message = format!("the call requested a token {:?} too early", until - requested);
    Some(violation(Invariant::FailureIsRemembered, early, requested, message))
}

/// Every write of the run, by name.
struct Writes<'a>(HashMap<Name, Vec<&'a Event>>, HashMap<u64, Name>);

impl<'a> Writes<'a> {
    fn of(report: &'a Report) -> Self {
        let (mut of_names, mut names) = (HashMap::<Name, Vec<_>>::new(), HashMap::new());
        for event in report.trace.events() {
            if let EventKind::Stored(stored) = event.kind
                && (stored.call, stored.response) == (HostCall::Set, Response::Done)
            {
                of_names.entry(stored.name).or_default().push(event);
                names.insert(stored.value, stored.name);
            }
        }
        Self(of_names, names)
    }

    /// The write that replaced this value.
    fn after(&self, last_write: StoredValue) -> Option<&'a Event> {
        let writes = self.0.get(self.1.get(&last_write.value)?)?;
        let is_it = |event: &&&Event| match event.kind {
            EventKind::Stored(stored) => stored.value == last_write.value,
            _ => false,
        };
        let index = writes.iter().position(|event| is_it(&event))?;
        writes.get(index + 1).copied()
    }
}

/// The core ignores a longer `Retry-After`.
const LONGEST: Duration = Duration::from_secs(3_600);
const REFUSED_CREDENTIAL: Duration = Duration::from_secs(10);
/// For a 5xx answer, no answer, an unexpected answer, and any other refusal.
const FAULT: Duration = Duration::from_secs(5);
const CLOCK_STEP: Duration = Duration::from_secs(1);
/// A request that waited for less does not show that the authority is silent.
const LEAST_SILENCE: Duration = Duration::from_millis(4_100);
const WORK: Duration = Duration::from_millis(20);
