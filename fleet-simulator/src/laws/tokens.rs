//! Every token is the right one, and valid.

use super::Broken;
use super::Law;
use crate::outcome::Answer;
use crate::outcome::Outcome;
use crate::report::Report;

pub(super) fn check(report: &Report, broken: &mut Vec<Broken>) {
    for outcome in &report.outcomes {
        if let Some(answer) = outcome.answer() {
            broken.extend(check_token(report, outcome, answer));
        }
    }
}

fn check_token(report: &Report, outcome: &Outcome, answer: &Answer) -> Option<Broken> {
    let breaks = |law, how: String| {
        Some(Broken { law, instance: Some(outcome.instance), at: outcome.ended, how })
    };
    let Some(token) = answer.token.and_then(|number| report.tokens.get(number)) else {
        return breaks(Law::NoWrongToken, "nobody issued the token".to_owned());
    };
    let wanted = report.fleet.groups[outcome.group].ask.token_key();
    if *token.key != wanted {
        return breaks(Law::NoWrongToken, format!("{wanted:?} got the token of {:?}", token.key));
    }
    if token.issued > outcome.ended {
        return breaks(Law::NoWrongToken, "the token came before it was issued".to_owned());
    }
    let ahead = token.clock_error.saturating_sub(outcome.clock_error).max(0);
    let took = i64::try_from(outcome.took().as_nanos()).unwrap_or(i64::MAX);
    let is_promised = ahead.saturating_add(took) <= MARGIN_NANOS;
    if is_promised && token.expires <= outcome.ended {
        let late = outcome.ended - token.expires;
        return breaks(Law::NoExpiredToken, format!("the token expired {late:?} ago"));
    }
    None
}

/// 300 seconds, and one for the core's clock, which shows whole seconds.
const MARGIN_NANOS: i64 = 299_000_000_000;
