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
pub(crate) use service::to_token;

use crate::ask::TokenKey;

/// Describes an authority.
#[derive(Clone, Debug)]
pub struct Authority {
    latency: RangeInclusive<Duration>,
    lifetime_seconds: u64,
    /// Those of the first tokens, where they differ.
    lifetimes: Vec<u64>,
    refresh_in_seconds: Option<u64>,
    periods: Vec<Period>,
    first: Vec<(usize, Behaviour)>,
    allowance: Option<Allowance>,
}

/// What it does during a time, to all requests or to those for one token.
#[derive(Clone, Debug)]
struct Period {
    times: RangeInclusive<Duration>,
    key: Option<TokenKey>,
    behaviour: Behaviour,
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
            lifetimes: Vec::new(),
            refresh_in_seconds: None,
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

    /// The lifetimes of the first tokens, in the order of their requests; the others live as long as they all would.
    #[must_use]
    pub fn first_lifetimes(mut self, seconds: &[u64]) -> Self {
        self.lifetimes = seconds.to_vec();
        self
    }

    /// When tokens are to be refreshed, `refresh_in`.
    #[must_use]
    pub fn refresh_in(mut self, seconds: u64) -> Self {
        self.refresh_in_seconds = Some(seconds);
        self
    }

    /// What it does with requests that arrive between these times. The first period that fits counts.
    #[must_use]
    pub fn during(mut self, times: RangeInclusive<Duration>, behaviour: Behaviour) -> Self {
        self.periods.push(Period { times, key: None, behaviour });
        self
    }

    /// The same for the requests for one token; all others are dealt with as usual.
    #[must_use]
    pub fn during_for(
        mut self,
        key: TokenKey,
        times: RangeInclusive<Duration>,
        behaviour: Behaviour,
    ) -> Self {
        self.periods.push(Period { times, key: Some(key), behaviour });
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

    /// How long after its request a token is replaced at the earliest.
    pub(crate) fn shortest_use(&self) -> Duration {
        let lifetimes = self.lifetimes.iter().copied().chain([self.lifetime_seconds]);
        let uses = lifetimes.map(|lifetime| {
            let until_expiry = lifetime - (lifetime / 2).min(300);
            let refresh_in =
                self.refresh_in_seconds.filter(|refresh| (1..lifetime).contains(refresh));
            let until_refresh = refresh_in.map(|refresh| refresh - (refresh / 10).min(300));
            until_refresh.unwrap_or(u64::MAX).min(until_expiry)
        });
        Duration::from_secs(uses.min().unwrap_or_default())
    }
}
