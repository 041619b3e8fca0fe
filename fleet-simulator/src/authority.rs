//! The authority that the fleet sends requests to: its latency, its tokens and its failures.

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

use crate::call_args::TokenKey;
use crate::durations::secs;

/// Describes an authority.
#[derive(Clone, Debug)]
pub struct Authority {
    latency: RangeInclusive<Duration>,
    lifetime: Duration,
    /// The lifetimes of the first tokens, if they differ.
    lifetimes: Vec<Duration>,
    refresh_in: Option<Duration>,
    periods: Vec<Period>,
    first: Vec<(usize, Behaviour)>,
    allowance: Option<Allowance>,
}

/// A behaviour during a period, for all requests or for those of one token.
#[derive(Clone, Debug)]
struct Period {
    times: RangeInclusive<Duration>,
    key: Option<TokenKey>,
    behaviour: Behaviour,
}

/// A rate limit per client and tenant.
#[derive(Clone, Copy, Debug)]
struct Allowance {
    requests: usize,
    window: Duration,
    retry_after: Duration,
}

impl Authority {
    /// Answers every request with a token after `latency`. Tokens live for an hour.
    pub fn answering_after(latency: Duration) -> Self {
        Self::answering_within(latency..=latency)
    }

    /// Answers every request with a token, after a random time from this range.
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

    /// Sets `expires_in`, in whole seconds. Zero omits it. Default: an hour.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Sets the lifetimes of the first tokens, in order of their requests. Later tokens have the general lifetime.
    #[must_use]
    pub fn first_lifetimes(mut self, lifetimes: &[Duration]) -> Self {
        self.lifetimes = lifetimes.to_vec();
        self
    }

    /// Sets `refresh_in`, in whole seconds.
    #[must_use]
    pub fn refresh_in(mut self, refresh_in: Duration) -> Self {
        self.refresh_in = Some(refresh_in);
        self
    }

    /// Sets the behaviour for requests that arrive between these times. The first matching period applies.
    #[must_use]
    pub fn during(mut self, times: RangeInclusive<Duration>, behaviour: Behaviour) -> Self {
        self.periods.push(Period { times, key: None, behaviour });
        self
    }

    /// Like [`during`](Self::during), but only for requests for one token.
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

    /// Sets the behaviour for the first `requests` requests.
    #[must_use]
    pub fn first(mut self, requests: usize, behaviour: Behaviour) -> Self {
        self.first.push((requests, behaviour));
        self
    }

    /// Limits the rate: after `requests` tokens for one client and tenant within `window`, requests are answered with 429
    /// and `Retry-After`.
    #[must_use]
    pub fn allowing(mut self, requests: usize, window: Duration, retry_after: Duration) -> Self {
        self.allowance = Some(Allowance { requests, window, retry_after });
        self
    }

    /// Whether it may fail a request between these times.
    pub(crate) fn may_fail(
        &self,
        times: &RangeInclusive<Duration>,
        requests: &[TokenRequest],
    ) -> bool {
        let overlaps = |period: &Period| {
            period.times.start() <= times.end() && times.start() <= period.times.end()
        };
        let is_failed = |(number, request): (usize, &TokenRequest)| {
            times.contains(&request.at)
                && (self.first.iter().any(|(first, _)| number < *first)
                    || matches!(request.verdict, Verdict::Throttled(_)))
        };
        self.periods.iter().any(overlaps) || requests.iter().enumerate().any(is_failed)
    }

    /// The longest time for which one of its failures may be cached.
    pub(crate) fn longest_failure(&self) -> Duration {
        let behaviours = self.periods.iter().map(|period| period.behaviour);
        let behaviours = behaviours.chain(self.first.iter().map(|(_, behaviour)| *behaviour));
        let throttles = behaviours.filter_map(|behaviour| match behaviour {
            Behaviour::Throttles { retry_after } => Some(retry_after),
            _ => None,
        });
        let throttles = throttles.chain(self.allowance.map(|allowance| allowance.retry_after));
        throttles.max().unwrap_or_default().max(secs(10))
    }

    pub(crate) fn slowest_answer(&self) -> Duration {
        *self.latency.end()
    }

    /// The shortest time from the request for a token until it is refreshed or replaced.
    pub(crate) fn use_of(&self, lifetime: Duration) -> Duration {
        // The core ignores a `refresh_in` of zero or beyond the token's lifetime.
        let refresh_in = self.refresh_in.filter(|refresh| (secs(1)..lifetime).contains(refresh));
        let until_refresh = refresh_in.map(|refresh| refresh - (refresh / 10).min(MARGIN));
        until_refresh.unwrap_or(Duration::MAX).min(lifetime - margin_of(lifetime))
    }
}

/// How long before its expiry the core treats a token as expired: five minutes, or half of the lifetime if that is less.
pub(crate) fn margin_of(lifetime: Duration) -> Duration {
    MARGIN.min(secs(lifetime.as_secs() / 2))
}

/// The longest expiry margin, and the most by which a refresh may be early.
const MARGIN: Duration = secs(300);
