//! A run in a few numbers.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use crate::call::Call;
use crate::run::Run;
use crate::scenario::Scenario;

/// What the table shows of a run.
pub(super) struct Figures {
    pub(super) calls: usize,
    pub(super) errors: usize,
    /// What the first call to fail said.
    pub(super) first_error: Option<String>,
    /// Token requests that the authority counted.
    pub(super) requests: usize,
    /// The same, by the moments at which a token was wanted: requests that are closer than half a token's time.
    pub(super) bursts: Vec<usize>,
    pub(super) waits: Percentiles,
    /// Of callers that met a miss.
    pub(super) misses: Percentiles,
    /// Of token requests, by those who made them.
    pub(super) request_times: Percentiles,
}

impl Figures {
    pub(super) fn of(scenario: &Scenario, run: &Run) -> Self {
        let fetched = fetched(&run.calls);
        let misses = run.calls.iter().filter(|call| is_miss(call, &fetched));
        let asked = run.calls.iter().filter(|call| call.token_requests == 1);
        let mut errors = run.calls.iter().filter_map(|call| call.error.clone());
        Self {
            calls: run.calls.len(),
            errors: errors.clone().count(),
            first_error: errors.next(),
            requests: run.token_requests.len(),
            bursts: bursts(&run.token_requests, scenario.served / 2),
            waits: Percentiles::of(run.calls.iter().map(|call| call.waited_us)),
            misses: Percentiles::of(misses.map(|call| call.waited_us)),
            request_times: Percentiles::of(asked.map(|call| call.in_http_us)),
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "  {} calls, {} errors, {} token requests {:?}; waits {}; misses {}; requests {}{}",
            self.calls,
            self.errors,
            self.requests,
            self.bursts,
            self.waits,
            self.misses,
            self.request_times,
            self.first_error.as_ref().map(|error| format!("; {error}")).unwrap_or_default()
        )
    }
}

/// When the tokens came that somebody was without.
fn fetched(calls: &[Call]) -> HashMap<u64, u64> {
    let leaders = calls.iter().filter(|call| call.token_requests > 0 && !call.is_refresh);
    leaders.filter_map(|call| Some((call.token?, call.ended_us()))).collect()
}

/// Whether the token that a call was given, if any, was yet to be fetched when the call began.
fn is_miss(call: &Call, fetched: &HashMap<u64, u64>) -> bool {
    call.token.is_none_or(|token| fetched.get(&token).is_some_and(|&end| call.started_us < end))
}

/// Sizes of groups of times that begin within `width` of their first.
fn bursts(times: &[Duration], width: Duration) -> Vec<usize> {
    let mut bursts: Vec<(Duration, usize)> = Vec::new();
    for &time in times {
        match bursts.last_mut() {
            Some((first, count)) if time < *first + width => *count += 1,
            _ => bursts.push((time, 1)),
        }
    }
    bursts.into_iter().map(|(_, count)| count).collect()
}

/// Waiting times, by nearest rank.
pub(super) struct Percentiles {
    pub(super) count: usize,
    pub(super) p50: Duration,
    pub(super) p95: Duration,
    pub(super) p99: Duration,
}

impl Percentiles {
    fn of(times_us: impl Iterator<Item = u64>) -> Self {
        let mut sorted: Vec<u64> = times_us.collect();
        sorted.sort_unstable();
        let at = |percent: usize| {
            let rank = (sorted.len() * percent).div_ceil(100);
            Duration::from_micros(sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default())
        };
        Self { count: sorted.len(), p50: at(50), p95: at(95), p99: at(99) }
    }
}

impl fmt::Display for Percentiles {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.count == 0 {
            return formatter.write_str("–");
        }
        let [p50, p95, p99] = [self.p50, self.p95, self.p99].map(|time| time.as_secs_f64() * 1e3);
        write!(formatter, "{p50:.1} / {p95:.1} / {p99:.1}")
    }
}
