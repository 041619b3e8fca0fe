//! How many token requests a run explains.
//!
//! On a store with atomics and without faults, while the authority answers within one take-over step, the core makes one
//! request each time a token is needed, and one more where the window of its counter ends meanwhile. A token is needed
//! at the first call and again each time its use is over. To that come the calls that pass over the cache or do not wait for
//! as long as an answer takes, one each, and one for each instance that was killed, who may have been asking.
//!
//! Where the store has faults, replicas or lies, or no atomics, or the authority is slow or down, or clocks are wrong,
//! only the bound of each call holds for the whole: the tests of those faults have figures of their own.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::outcome::Outcome;
use crate::report::Report;

/// One request and its retry.
pub(super) const OF_ONE_CALL: u32 = 2;
pub(super) const A_SECOND: Duration = Duration::from_secs(1);

pub(super) fn of_fleet(report: &Report) -> usize {
    let fleet = &report.fleet;
    let always = report.outcomes.len() * OF_ONE_CALL as usize;
    // A leader's answer, and the operations of the store from its first to those of whoever waits for it.
    let answer = fleet.authority.slowest_answer() + fleet.store.longest_operation() * 8;
    let is_plain = fleet.store.is_healthy()
        && fleet.clocks.are_exact()
        && fleet.authority.is_healthy()
        && answer < TAKE_OVER_STEP;
    if !is_plain {
        return always;
    }
    let mut of_keys = BTreeMap::<_, Vec<&Outcome>>::new();
    let mut bound = fleet.deaths.len();
    let take_over = if fleet.deaths.is_empty() { Duration::ZERO } else { TAKE_OVER };
    let patience = answer + take_over;
    for outcome in &report.outcomes {
        let ask = &fleet.groups[outcome.group].ask;
        if ask.is_elected() && patience <= ask.longest_wait() {
            of_keys.entry(ask.entry()).or_default().push(outcome);
        } else {
            bound += 1;
        }
    }
    for outcomes in of_keys.values() {
        let first = outcomes.iter().map(|outcome| outcome.started).min().unwrap_or_default();
        let last = outcomes.iter().map(|outcome| outcome.started).max().unwrap_or_default();
        let uses = (last - first).as_secs() / fleet.authority.shortest_use().as_secs().max(1);
        bound += 2 * (1 + usize::try_from(uses).unwrap_or(usize::MAX));
    }
    bound.min(always)
}

/// The core believes no longer wait.
pub(super) fn capped(seconds: u64) -> Duration {
    Duration::from_secs(seconds.min(3_600))
}

/// Of the core's election: each place waits so much longer.
const TAKE_OVER_STEP: Duration = Duration::from_millis(2_500);
/// The longest turn, and a claim after it.
const TAKE_OVER: Duration = Duration::from_secs(10);
