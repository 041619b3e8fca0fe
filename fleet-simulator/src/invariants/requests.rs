//! The fleet sends no more token requests than necessary.

use super::Invariant;
use super::Violation;
use super::bound;
use super::violation;
use crate::report::Report;

pub(super) fn check(report: &Report, violations: &mut Vec<Violation>) {
    for outcome in &report.outcomes {
        if let Some(sent) = outcome.sends.get(OF_ONE_CALL) {
            let message = "the call sent more than one request and one retry".to_owned();
            violations.push(violation(Invariant::FewRequests, outcome, sent.at, message));
        }
        if let [first, second, ..] = &outcome.sends[..]
            && !first.is_failure()
        {
            let message = "the call sent another request after it got a token".to_owned();
            violations.push(violation(Invariant::FewRequests, outcome, second.at, message));
        }
    }
    violations.extend(bound::of_fleet(report).1);
}

/// One request and its retry.
const OF_ONE_CALL: usize = 2;
