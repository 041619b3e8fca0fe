//! Every returned token is the right one, and valid.

use std::time::Duration;

use super::Invariant;
use super::Violation;
use super::args_of;
use super::violation;
use crate::authority::Issued;
use crate::authority::margin_of;
use crate::outcome::Answer;
use crate::outcome::Outcome;
use crate::report::Report;

pub(super) fn check(report: &Report, violations: &mut Vec<Violation>) {
    for (number, outcome) in report.outcomes.iter().enumerate() {
        if let Some(answer) = outcome.answer() {
            let wrong =
                |message| violation(Invariant::NoWrongToken, outcome, outcome.ended, message);
            match answer.token.and_then(|number| report.tokens.get(number)) {
                None => violations.push(wrong("the authority did not issue the token".to_owned())),
                Some(token) => {
                    violations.extend(why_wrong(report, number, answer, token).map(wrong));
                    violations.extend(check_life(outcome, answer, token));
                }
            }
        }
    }
}

fn why_wrong(report: &Report, call: usize, answer: &Answer, token: &Issued) -> Option<String> {
    let outcome = &report.outcomes[call];
    let args = args_of(report, outcome);
    let fetcher = report.outcomes.get(token.outcome)?;
    if *token.key != args.token_key() {
        return Some(format!("{:?} got the token of {:?}", args.token_key(), token.key));
    }
    if args_of(report, fetcher).entry() != args.entry() {
        return Some("the token was sealed with another key".to_owned());
    }
    if token.issued > outcome.ended {
        return Some("the token was returned before it was issued".to_owned());
    }
    if !answer.is_cached && token.outcome != call {
        return Some(
            "another call fetched the token, but its source is reported as the authority"
                .to_owned(),
        );
    }
    if args.bypasses_cache() && (answer.is_cached || token.requested < outcome.started) {
        return Some("the call bypasses the cache, but got an old token".to_owned());
    }
    if answer.is_cached && args.rejected().is_some_and(|bad| Some(bad) == answer.token) {
        return Some("the call got the token that it rejects".to_owned());
    }
    None
}

fn check_life(outcome: &Outcome, answer: &Answer, token: &Issued) -> Option<Violation> {
    if !answer.is_cached {
        let has_lifetime = !token.lifetime.is_zero();
        let is_expired = has_lifetime && token.expires + outcome.in_store <= outcome.ended;
        let message = || "the fetched token has expired".to_owned();
        return is_expired
            .then(|| violation(Invariant::NoExpiredToken, outcome, outcome.ended, message()));
    }
    // The core reads the clock when the call begins, and while it waits, before each read of the token.
    let looked = match outcome.reads.last() {
        Some(&last) if !outcome.waited.is_zero() => last,
        _ => outcome.started,
    };
    let ahead = token.clock_error.saturating_sub(outcome.clock_error);
    let ahead = Duration::from_nanos(u64::try_from(ahead).unwrap_or(0));
    if token.expires + ahead + CLOCK_STEP > looked + margin_of(token.lifetime) {
        return None;
    }
    let message = format!(
        "the token expires at {:?}, but was accepted at {looked:?} with clocks {ahead:?} apart",
        token.expires
    );
    Some(violation(Invariant::NoExpiredToken, outcome, outcome.ended, message))
}

/// The core's clock shows whole seconds.
const CLOCK_STEP: Duration = Duration::from_secs(1);
