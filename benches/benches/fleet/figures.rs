//! The figures of a run.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use crate::call::Call;
use crate::run::Run;
use crate::scenario::Scenario;

/// The figures of a run that the table shows.
pub(super) struct Figures {
    pub(super) calls: usize,
    pub(super) errors: usize,
    /// The error of the first failed call.
    pub(super) first_error: Option<String>,
    /// The number of token requests, attempts to connect included.
    pub(super) requests: usize,
    /// The same, of the call with the most.
    pub(super) most_requests: u32,
    /// The same, for each moment at which callers needed a new token.
    pub(super) by_moment: Vec<usize>,
    /// The waits of all calls.
    pub(super) all: Percentiles,
    /// The waits of calls that missed at the start.
    pub(super) cold: Percentiles,
    /// The waits of calls that missed later.
    pub(super) expired: Percentiles,
    /// The time that calls spent on token requests.
    pub(super) request: Percentiles,
}

impl Figures {
    pub(super) fn of(run: &Run, scenario: &Scenario) -> Self {
        let fetched = fetched(&run.calls);
        let misses = run.calls.iter().filter(|call| is_miss(call, &fetched));
        let is_cold = |call: &&Call| {
            Duration::from_micros(call.started_us.saturating_sub(run.start_us)) < scenario.moment()
        };
        let (cold, expired): (Vec<_>, Vec<_>) = misses.partition(is_cold);
        let asked = run.calls.iter().filter(|call| call.token_requests > 0);
        let mut errors = run.calls.iter().filter_map(|call| call.error.clone());
        Self {
            calls: run.calls.len(),
            errors: errors.clone().count(),
            first_error: errors.next(),
            requests: run.calls.iter().map(|call| call.token_requests as usize).sum(),
            most_requests: run
                .calls
                .iter()
                .map(|call| call.token_requests)
                .max()
                .unwrap_or_default(),
            by_moment: by_moment(&run.token_requests, scenario.moment()),
            all: Percentiles::of(run.calls.iter().map(|call| call.waited_us)),
            cold: Percentiles::of(cold.iter().map(|call| call.waited_us)),
            expired: Percentiles::of(expired.iter().map(|call| call.waited_us)),
            request: Percentiles::of(asked.map(|call| call.in_http_us)),
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "  {} calls, {} failed, token requests {:?}; ms: all {}, cold {}, expired {}, request {}{}",
            self.calls,
            self.errors,
            self.by_moment,
            self.all,
            self.cold,
            self.expired,
            self.request,
            self.first_error.as_ref().map(|error| format!("; {error}")).unwrap_or_default()
        )
    }
}

/// When each token that was fetched by a miss arrived.
fn fetched(calls: &[Call]) -> HashMap<u64, u64> {
    let leaders = calls.iter().filter(|call| call.token_requests > 0 && !call.is_refresh);
    leaders.filter_map(|call| Some((call.token?, call.ended_us()))).collect()
}

/// Whether the call returned no token, or one that arrived after the call began.
fn is_miss(call: &Call, fetched: &HashMap<u64, u64>) -> bool {
    call.token.is_none_or(|token| fetched.get(&token).is_some_and(|&end| call.started_us < end))
}

/// Groups times that are within a moment of the first of their group, and returns the size of each group.
fn by_moment(times: &[Duration], moment: Duration) -> Vec<usize> {
    let mut groups: Vec<(Duration, usize)> = Vec::new();
    for &time in times {
        match groups.last_mut() {
            Some((first, count)) if time < *first + moment => *count += 1,
            _ => groups.push((time, 1)),
        }
    }
    groups.into_iter().map(|(_, count)| count).collect()
}

/// Percentiles of times, by nearest rank.
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
        let times = [self.p50, self.p95, self.p99].map(in_milliseconds);
        formatter.write_str(&times.join(" / "))
    }
}

fn in_milliseconds(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1e3;
    if milliseconds < 10.0 { format!("{milliseconds:.1}") } else { format!("{milliseconds:.0}") }
}
