//! The authority that the fleet asks: how long it takes, what it says, and when it does not.

mod behaviour;
mod log;
mod service;

use std::ops::RangeInclusive;
use std::time::Duration;

pub use behaviour::Behaviour;
pub use log::Issued;
pub use log::TokenRequest;
pub use log::Verdict;
pub(crate) use service::Arrival;
pub(crate) use service::AuthorityService;
pub(crate) use service::to_number;

/// Describes an authority.
#[derive(Clone, Debug)]
pub struct Authority {
    latency: RangeInclusive<Duration>,
    lifetime_seconds: u64,
    refresh_in_seconds: Option<u64>,
    token_length: usize,
    periods: Vec<(RangeInclusive<Duration>, Behaviour)>,
    first: Vec<(usize, Behaviour)>,
    allowance: Option<Allowance>,
}

/// So many requests of one key in a window; the next are told to wait.
#[derive(Clone, Copy, Debug)]
struct Allowance {
    requests: usize,
    window: Duration,
    retry_after_seconds: u64,
}

impl Authority {
    /// It answers each request after this time, and well, with tokens that live for an hour.
    pub fn answering_after(latency: Duration) -> Self {
        Self::answering_within(latency..=latency)
    }

    /// It answers each request after a time of this range, and well.
    pub fn answering_within(latency: RangeInclusive<Duration>) -> Self {
        Self {
            latency,
            lifetime_seconds: 3_600,
            refresh_in_seconds: None,
            token_length: 48,
            periods: Vec::new(),
            first: Vec::new(),
            allowance: None,
        }
    }

    /// Another lifetime than an hour, `expires_in`.
    #[must_use]
    pub fn lifetime(mut self, seconds: u64) -> Self {
        self.lifetime_seconds = seconds;
        self
    }

    /// When tokens are to be refreshed, `refresh_in`.
    #[must_use]
    pub fn refresh_in(mut self, seconds: u64) -> Self {
        self.refresh_in_seconds = Some(seconds);
        self
    }

    /// At least so many characters in a token; 48 if nothing is said, because sealing takes the simulator's time.
    #[must_use]
    pub fn token_length(mut self, characters: usize) -> Self {
        self.token_length = characters;
        self
    }

    /// What it does with requests that arrive between these times. The first period that fits counts.
    #[must_use]
    pub fn during(mut self, period: RangeInclusive<Duration>, behaviour: Behaviour) -> Self {
        self.periods.push((period, behaviour));
        self
    }

    /// What it does with the first so many requests.
    #[must_use]
    pub fn first(mut self, requests: usize, behaviour: Behaviour) -> Self {
        self.first.push((requests, behaviour));
        self
    }

    /// It allows so many requests of a client in a tenant within a window, and answers the next with 429 and
    /// `Retry-After`.
    #[must_use]
    pub fn allowing(mut self, requests: usize, window: Duration, retry_after: u64) -> Self {
        self.allowance = Some(Allowance { requests, window, retry_after_seconds: retry_after });
        self
    }

    /// Whether it answers every request with a token, and within the time that its latency says.
    pub(crate) fn is_healthy(&self) -> bool {
        self.allowance.is_none() && self.periods.is_empty() && self.first.is_empty()
    }

    pub(crate) fn slowest_answer(&self) -> Duration {
        *self.latency.end()
    }

    pub(crate) fn lifetime_of_tokens(&self) -> Duration {
        Duration::from_secs(self.lifetime_seconds)
    }

    /// How long after its issue a token is replaced at the earliest.
    pub(crate) fn shortest_use(&self) -> Duration {
        let until_expiry = self.lifetime_seconds - (self.lifetime_seconds / 2).min(300);
        let until_refresh =
            self.refresh_in_seconds.map(|refresh| refresh - (refresh / 10).min(300));
        Duration::from_secs(until_refresh.unwrap_or(u64::MAX).min(until_expiry))
    }
}
