//! What one call was told keeps the others from asking.

use std::collections::HashMap;
use std::time::Duration;

use super::Broken;
use super::Law;
use super::ask_of;
use super::breaks;
use super::by_entry;
use super::waits::REFRESH_DEADLINE;
use super::waits::is_refresh_in_vain;
use crate::authority::Verdict;
use crate::death::HostCall;
use crate::outcome::Kept;
use crate::outcome::Outcome;
use crate::outcome::Sent;
use crate::report::Report;
use crate::store::Name;
use crate::trace::Event;
use crate::trace::Told;
use crate::trace::What;

/// For how long a failure is not to be asked for again; none if it is none.
pub(super) fn length(sent: &Sent) -> Option<Duration> {
    Some(match sent.answer {
        Some(Verdict::Token(_)) => return None,
        Some(Verdict::Throttled(retry_after)) => retry_after.min(LONGEST),
        Some(Verdict::Status(401)) => REFUSED_CREDENTIAL,
        Some(Verdict::Status(_) | Verdict::Nothing) | None => FAULT,
    })
}

/// What a call wrote after its last request: the token, or the mark.
pub(super) fn kept(call: &Outcome) -> Option<Kept> {
    let sent = call.sends.last()?;
    call.kept.filter(|kept| kept.at >= sent.until)
}

pub(super) fn check(report: &Report, broken: &mut Vec<Broken>) {
    let is_exact = report.fleet.store.is_healthy() && report.fleet.clocks.are_exact();
    if !is_exact || !report.outcomes.iter().any(has_failed) {
        return;
    }
    let writes = Writes::of(report);
    for calls in by_entry(report) {
        for failed in calls.iter().filter(|call| has_failed(call) && call.survived()) {
            let Some(length) = failed.sends.last().and_then(length) else { continue };
            match kept(failed) {
                Some(mark) => {
                    // It counts in whole seconds of a wall clock.
                    let until = failed.sends.last().map_or(mark.at, |sent| sent.until) + length;
                    let until = until.saturating_sub(CLOCK_STEP);
                    broken.extend(check_mark(report, failed, mark, until, &writes, &calls));
                }
                None if is_to_be_noted(report, failed)
                    && !is_throttled_for_longer(failed, length, &calls) =>
                {
                    let how = "a failure is not noted".to_owned();
                    broken.push(breaks(Law::MarkIsHonoured, failed, failed.ended, how));
                }
                None => {}
            }
        }
    }
}

fn has_failed(call: &Outcome) -> bool {
    call.sends.last().is_some_and(Sent::is_failure)
}

/// Whether there is another's throttle that holds for longer.
fn is_throttled_for_longer(failed: &Outcome, length: Duration, calls: &[&Outcome]) -> bool {
    calls.iter().any(|other| {
        let verdict = other.sends.last().and_then(|sent| sent.answer);
        let (Some(Verdict::Throttled(wait)), Some(mark)) = (verdict, kept(other)) else {
            return false;
        };
        mark.at <= failed.ended && mark.at + wait + CLOCK_STEP >= failed.ended + length
    })
}

/// Not if it may be the fault of what this call alone sent, or of the store, which left the authority no time.
fn is_to_be_noted(report: &Report, failed: &Outcome) -> bool {
    let Some(sent) = failed.sends.last() else { return false };
    if is_about_one_call(report, failed, sent) {
        return false;
    }
    let is_long = sent.until - sent.at > patience(report, failed) / 2 + WORK;
    !is_out_of_patience(report, failed, sent) || is_long
}

/// Whether what a call was told holds for another: if time was all that it had too little of, only if that has no more.
pub(super) fn concerns(report: &Report, failed: &Outcome, other: &Outcome) -> bool {
    let deadline = ask_of(report, other).deadline_of_call();
    failed.sends.last().is_none_or(|sent| {
        !is_out_of_patience(report, failed, sent) || deadline <= patience(report, failed)
    })
}

/// What a call takes at most: less than its deadline if it refreshes.
fn patience(report: &Report, call: &Outcome) -> Duration {
    let deadline = ask_of(report, call).deadline_of_call();
    if is_refresh_in_vain(call) { deadline.min(REFRESH_DEADLINE) } else { deadline }
}

/// Whether an authority was silent for less time than anybody would give it.
fn is_out_of_patience(report: &Report, failed: &Outcome, sent: &Sent) -> bool {
    let deadline = patience(report, failed);
    let is_silence = matches!(sent.answer, None | Some(Verdict::Nothing));
    let is_out_of_time = sent.answer.is_none() || sent.until + WORK >= failed.started + deadline;
    is_silence && is_out_of_time && sent.until - sent.at < LEAST_SILENCE
}

fn is_about_one_call(report: &Report, call: &Outcome, sent: &Sent) -> bool {
    let is_about_a_request = matches!(sent.answer, Some(Verdict::Status(200 | 400)));
    is_about_a_request && !ask_of(report, call).is_plain()
}

/// By when a call has read the note, which it does after the token if it wants a cached one.
fn noted_by(report: &Report, call: &Outcome) -> Duration {
    let reads = if ask_of(report, call).is_for_a_new_token() { 1 } else { 2 };
    call.operations.get(reads).copied().unwrap_or(call.ended)
}

/// Nobody asks who came when the mark was there, and nobody who came then writes over it, before its time is over.
fn check_mark(
    report: &Report,
    failed: &Outcome,
    mark: Kept,
    until: Duration,
    writes: &Writes,
    calls: &[&Outcome],
) -> Option<Broken> {
    let sent = failed.sends.last()?;
    let heeds =
        |call: &Outcome| !is_about_one_call(report, call, sent) && concerns(report, failed, call);
    let replaced = writes.after(mark);
    let gone = replaced.map_or(Duration::MAX, |event| event.at);
    if let Some(event) = replaced.filter(|event| event.at < until) {
        let writer = calls.iter().find(|call| {
            call.instance == event.instance && (call.started..=call.ended).contains(&event.at)
        });
        if let Some(writer) = writer.filter(|writer| writer.started > mark.at && heeds(writer)) {
            let how = "it wrote over the mark of a failure".to_owned();
            return Some(breaks(Law::MarkIsHonoured, writer, event.at, how));
        }
    }
    let is_early = |call: &&&Outcome| {
        (mark.at < call.started && noted_by(report, call) < gone)
            && call.asked().is_some_and(|asked| asked < until)
            && heeds(call)
    };
    let early = calls.iter().find(is_early)?;
    let asked = early.asked()?;
    let how = format!("it asked {:?} before it may", until - asked);
    Some(breaks(Law::MarkIsHonoured, early, asked, how))
}

/// Every write of the run, by name.
struct Writes<'a>(HashMap<Name, Vec<&'a Event>>, HashMap<u64, Name>);

impl<'a> Writes<'a> {
    fn of(report: &'a Report) -> Self {
        let (mut of_names, mut names) = (HashMap::<Name, Vec<_>>::new(), HashMap::new());
        for event in report.trace.events() {
            if let What::Stored(stored) = event.what
                && (stored.call, stored.told) == (HostCall::Set, Told::Done)
            {
                of_names.entry(stored.name).or_default().push(event);
                names.insert(stored.value, stored.name);
            }
        }
        Self(of_names, names)
    }

    /// What was written over this.
    fn after(&self, kept: Kept) -> Option<&'a Event> {
        let writes = self.0.get(self.1.get(&kept.value)?)?;
        let is_it = |event: &&&Event| match event.what {
            What::Stored(stored) => stored.value == kept.value,
            _ => false,
        };
        let index = writes.iter().position(|event| is_it(&event))?;
        writes.get(index + 1).copied()
    }
}

/// The core believes no longer wait.
const LONGEST: Duration = Duration::from_secs(3_600);
const REFUSED_CREDENTIAL: Duration = Duration::from_secs(10);
/// A 5xx answer, none, one that OAuth does not know, and any other refusal.
const FAULT: Duration = Duration::from_secs(5);
const CLOCK_STEP: Duration = Duration::from_secs(1);
/// An authority that had less time says nothing by its silence.
const LEAST_SILENCE: Duration = Duration::from_millis(4_100);
const WORK: Duration = Duration::from_millis(20);
