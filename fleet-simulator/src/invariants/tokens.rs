//! Every returned token is the right one, and valid.

use std::time::Duration;

use super::CLOCK_STEP;
use super::Invariant;
use super::Violation;
use super::violation;
use crate::authority::Issued;
use crate::authority::margin_of;
use crate::outcome::Answer;
use crate::outcome::Outcome;
use crate::report::Report;

pub(super) fn check(report: &Report, violations: &mut Vec<Violation>) {
    for (number, call) in report.outcomes.iter().enumerate() {
        let Some(answer) = call.answer() else { continue };
        let mut found = |invariant, message: &str| {
            violations.push(violation(invariant, call, call.ended, message.to_owned()));
        };
        match answer.token.and_then(|number| report.tokens.get(number)) {
            None => found(Invariant::NoWrongToken, "the authority did not issue the token"),
            Some(token) => {
                if let Some(message) = why_wrong(report, number, answer, token) {
                    found(Invariant::NoWrongToken, message);
                }
                if let Some((invariant, message)) = why_invalid(call, answer, token) {
                    found(invariant, &message);
                }
            }
        }
    }
}

fn why_wrong(
    report: &Report,
    number: usize,
    answer: &Answer,
    token: &Issued,
) -> Option<&'static str> {
    let call = &report.outcomes[number];
    let args = report.setup.args(call);
    let fetcher = report.setup.args(report.outcomes.get(token.outcome)?);
    let is_bad = answer.is_cached && args.rejected().is_some_and(|bad| Some(bad) == answer.token);
    let is_old = answer.is_cached || token.requested < call.started;
    let wrong = [
        (*token.key != args.token_key(), "the token is for another tenant, client, scope or extra"),
        (
            !args.sealing_keys().contains(&fetcher.sealing_keys()[0]),
            "it was sealed with another key",
        ),
        (token.issued > call.ended, "the token was returned before it was issued"),
        (!answer.is_cached && token.outcome != number, "another call fetched the token"),
        (args.bypasses_cache() && is_old, "the call bypasses the cache, but got an old token"),
        (is_bad, "the call got the token that it rejects"),
    ];
    wrong.into_iter().find(|(is_wrong, _)| *is_wrong).map(|(_, message)| message)
}

fn why_invalid(call: &Outcome, answer: &Answer, token: &Issued) -> Option<(Invariant, String)> {
    // The core reads the clock when the call begins, and while it waits, before each read of the token.
    let accepted = match call.reads.last() {
        _ if !answer.is_cached => token.issued,
        Some(&last) if call.has_paused => last,
        _ => call.started,
    };
    let apart = Duration::from_nanos(token.clock_error.abs_diff(call.clock_error));
    let margin = margin_of(token.lifetime);
    if answer.is_cached && margin < apart {
        let is_ahead = token.clock_error > call.clock_error;
        let is_implausible = is_ahead && token.requested + apart > accepted + margin + CLOCK_STEP;
        let message = || format!("its entry is from {apart:?} ahead");
        return is_implausible.then(|| (Invariant::NoTokenFromAhead, message()));
    }
    let left = if answer.is_cached { margin - apart } else { Duration::ZERO };
    (accepted + left >= token.expires + CLOCK_STEP).then(|| {
        let message = format!(
            "the token expires at {:?}, but was accepted at {accepted:?} with clocks {apart:?} apart",
            token.expires
        );
        (Invariant::NoExpiredToken, message)
    })
}
