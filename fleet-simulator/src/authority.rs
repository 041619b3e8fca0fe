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
use crate::span::secs;

/// Describes an authority.
#[derive(Clone, Debug)]
pub struct Authority {
    latency: RangeInclusive<Duration>,
    lifetime: Duration,
    /// Those of the first tokens, where they differ.
    lifetimes: Vec<Duration>,
    refresh_in: Option<Duration>,
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
    retry_after: Duration,
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
            lifetime: secs(3_600),
            lifetimes: Vec::new(),
            refresh_in: None,
            periods: Vec::new(),
            first: Vec::new(),
            allowance: None,
        }
    }

    /// Another lifetime than an hour, `expires_in`, in whole seconds; with zero, it does not say.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// The lifetimes of the first tokens, in the order of their requests; the others live as long as they all would.
    #[must_use]
    pub fn first_lifetimes(mut self, lifetimes: &[Duration]) -> Self {
        self.lifetimes = lifetimes.to_vec();
        self
    }

    /// When tokens are to be refreshed, `refresh_in`, in whole seconds.
    #[must_use]
    pub fn refresh_in(mut self, refresh_in: Duration) -> Self {
        self.refresh_in = Some(refresh_in);
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
    pub fn allowing(mut self, requests: usize, window: Duration, retry_after: Duration) -> Self {
        self.allowance = Some(Allowance { requests, window, retry_after });
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
        let uses = self.lifetimes.iter().chain([&self.lifetime]).map(|&lifetime| {
            let until_expiry = lifetime - margin_of(lifetime);
            // One of zero, or beyond the token's life, counts for nothing.
            let refresh_in =
                self.refresh_in.filter(|refresh| (secs(1)..lifetime).contains(refresh));
            let until_refresh = refresh_in.map(|refresh| refresh - (refresh / 10).min(MARGIN));
            until_refresh.unwrap_or(Duration::MAX).min(until_expiry)
        });
        uses.min().unwrap_or_default()
    }
}

/// How long before its expiry the core takes a token for expired: half of its life, if that is less than five minutes.
pub(crate) fn margin_of(lifetime: Duration) -> Duration {
    MARGIN.min(secs(lifetime.as_secs() / 2))
}

/// Of a token that expires, and the most by which a refresh comes early.
const MARGIN: Duration = secs(300);
