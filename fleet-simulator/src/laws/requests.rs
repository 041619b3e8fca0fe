//! The authority is asked as little as can be.

use super::Broken;
use super::Law;
use super::bound;
use super::breaks;
use crate::report::Report;

pub(super) fn check(report: &Report, broken: &mut Vec<Broken>) {
    for outcome in &report.outcomes {
        if let Some(sent) = outcome.sends.get(OF_ONE_CALL) {
            let how = "one call asks again and again".to_owned();
            broken.push(breaks(Law::FewRequests, outcome, sent.at, how));
        }
        if let [first, second, ..] = &outcome.sends[..]
            && !first.is_failure()
        {
            let how = "it asked again for what it had got".to_owned();
            broken.push(breaks(Law::FewRequests, outcome, second.at, how));
        }
    }
    broken.extend(bound::of_fleet(report).1);
}

/// One request and its retry.
const OF_ONE_CALL: usize = 2;
