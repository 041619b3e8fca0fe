//! Every token is the right one, and valid.

use std::time::Duration;

use super::Broken;
use super::Law;
use super::ask_of;
use super::breaks;
use crate::authority::Issued;
use crate::authority::margin_of;
use crate::outcome::Answer;
use crate::outcome::Outcome;
use crate::report::Report;

pub(super) fn check(report: &Report, broken: &mut Vec<Broken>) {
    for (number, outcome) in report.outcomes.iter().enumerate() {
        if let Some(answer) = outcome.answer() {
            let wrong = |how| breaks(Law::NoWrongToken, outcome, outcome.ended, how);
            match answer.token.and_then(|number| report.tokens.get(number)) {
                None => broken.push(wrong("nobody issued the token".to_owned())),
                Some(token) => {
                    broken.extend(why_wrong(report, number, answer, token).map(wrong));
                    broken.extend(check_life(outcome, answer, token));
                }
            }
        }
    }
}

fn why_wrong(report: &Report, call: usize, answer: &Answer, token: &Issued) -> Option<String> {
    let outcome = &report.outcomes[call];
    let ask = ask_of(report, outcome);
    let fetcher = report.outcomes.get(token.outcome)?;
    if *token.key != ask.token_key() {
        return Some(format!("{:?} got the token of {:?}", ask.token_key(), token.key));
    }
    if ask_of(report, fetcher).entry() != ask.entry() {
        return Some("the token was sealed with another key".to_owned());
    }
    if token.issued > outcome.ended {
        return Some("the token came before it was issued".to_owned());
    }
    if !answer.is_cached && token.outcome != call {
        return Some("another call fetched the token, and it is said to be new".to_owned());
    }
    if ask.is_for_a_new_token() && (answer.is_cached || token.requested < outcome.started) {
        return Some("it wanted a new token, and got an old one".to_owned());
    }
    if answer.is_cached && ask.rejected().is_some_and(|bad| Some(bad) == answer.token) {
        return Some("it got the token that it knows to be bad".to_owned());
    }
    None
}

fn check_life(outcome: &Outcome, answer: &Answer, token: &Issued) -> Option<Broken> {
    if !answer.is_cached {
        let is_told = !token.lifetime.is_zero();
        let is_expired = is_told && token.expires + outcome.in_store <= outcome.ended;
        let how = || "the token was fetched, and is not valid".to_owned();
        return is_expired.then(|| breaks(Law::NoExpiredToken, outcome, outcome.ended, how()));
    }
    // The core looks at the clock when the call begins, and then before each time that it looks for a token.
    let looked = match outcome.reads.last() {
        Some(&last) if !outcome.waited.is_zero() => last,
        _ => outcome.started,
    };
    let ahead = token.clock_error.saturating_sub(outcome.clock_error);
    let ahead = Duration::from_nanos(u64::try_from(ahead).unwrap_or(0));
    if token.expires + ahead + CLOCK_STEP > looked + margin_of(token.lifetime) {
        return None;
    }
    let how = format!(
        "the token expires at {:?} and was good enough at {looked:?}, {ahead:?} apart",
        token.expires
    );
    Some(breaks(Law::NoExpiredToken, outcome, outcome.ended, how))
}

/// The core's clock shows whole seconds.
const CLOCK_STEP: Duration = Duration::from_secs(1);
