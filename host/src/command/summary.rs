//! Summarizes many calls.

use serde::Serialize;

use msal_host::contract::TokenSource;

/// Collects the outcomes and durations of calls.
#[derive(Debug, Default)]
pub(super) struct Tally {
    cache: u64,
    identity_provider: u64,
    errors: u64,
    times_us: Vec<u64>,
}

impl Tally {
    /// Adds a call: the source of its token, or `None` for an error.
    pub(super) fn add(&mut self, source: Option<TokenSource>, time_us: u64) {
        match source {
            Some(TokenSource::Cache) => self.cache += 1,
            Some(TokenSource::IdentityProvider) => self.identity_provider += 1,
            None => self.errors += 1,
        }
        self.times_us.push(time_us);
    }

    pub(super) fn summary(mut self) -> Summary {
        self.times_us.sort_unstable();
        Summary {
            calls: self.cache + self.identity_provider + self.errors,
            cache: self.cache,
            identity_provider: self.identity_provider,
            errors: self.errors,
            p50_us: percentile(&self.times_us, 50),
            p95_us: percentile(&self.times_us, 95),
            p99_us: percentile(&self.times_us, 99),
        }
    }
}

/// The summary. Durations are those of whole calls in the host, including a fresh instance.
#[derive(Debug, Eq, PartialEq, Serialize)]
pub(super) struct Summary {
    pub(super) calls: u64,
    pub(super) cache: u64,
    pub(super) identity_provider: u64,
    pub(super) errors: u64,
    pub(super) p50_us: u64,
    pub(super) p95_us: u64,
    pub(super) p99_us: u64,
}

/// The percentile by the nearest-rank method.
fn percentile(sorted: &[u64], percent: usize) -> u64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let hundred: Vec<u64> = (1..=100).collect();
        assert_eq!(percentile(&hundred, 50), 50);
        assert_eq!(percentile(&hundred, 99), 99);
        assert_eq!(percentile(&[7], 50), 7);
        assert_eq!(percentile(&[7], 99), 7);
        assert_eq!(percentile(&[1, 2], 50), 1);
        assert_eq!(percentile(&[1, 2], 95), 2);
        assert_eq!(percentile(&[], 99), 0);
    }

    #[test]
    fn calls_are_counted_by_token_source() {
        let mut tally = Tally::default();
        tally.add(Some(TokenSource::IdentityProvider), 300);
        tally.add(Some(TokenSource::Cache), 100);
        tally.add(Some(TokenSource::Cache), 200);
        tally.add(None, 400);
        let expected = Summary {
            calls: 4,
            cache: 2,
            identity_provider: 1,
            errors: 1,
            p50_us: 200,
            p95_us: 400,
            p99_us: 400,
        };
        assert_eq!(tally.summary(), expected);
    }
}
