//! [`Host`] over WASI 0.2.

use std::future::pending;
use std::time::Duration;

use super::bindings::wasi::clocks::monotonic_clock;
use super::bindings::wasi::clocks::wall_clock;
use super::bindings::wasi::io::poll;
use super::bindings::wasi::random::random;
use super::http;
use super::provider;
use super::store::Store;
use crate::application::StoreName;
use crate::credential::AssertionRequest;
use crate::host::Host;
use crate::http::HttpRequest;
use crate::http::HttpResponse;
use crate::http::SendError;
use crate::outcome::Durations;
use crate::secret::Secret;
use crate::time::Moment;
use crate::time::UnixTime;

/// One call's view of the host: the store is opened once, and time spent is counted.
pub(super) struct WasiHost {
    store: Store,
    started: u64,
    /// The start, until the call has asked for it.
    unasked_start: Option<u64>,
    in_cache: u64,
    in_http: u64,
    /// Why the call cannot go on; `None` while it can.
    stopped: Option<String>,
}

impl WasiHost {
    pub(super) fn new() -> Self {
        let started = monotonic_clock::now();
        Self {
            store: Store::default(),
            started,
            unasked_start: Some(started),
            in_cache: 0,
            in_http: 0,
            stopped: None,
        }
    }

    /// Why the call did not end.
    pub(super) fn reason_to_stop(self) -> String {
        self.stopped.unwrap_or_else(|| "a host call did not finish".to_owned())
    }

    pub(super) fn durations(&self) -> Durations {
        Durations {
            total: Duration::from_nanos(monotonic_clock::now().saturating_sub(self.started)),
            in_cache: Duration::from_nanos(self.in_cache),
            in_http: Duration::from_nanos(self.in_http),
        }
    }
}

impl Host for WasiHost {
    async fn now(&mut self) -> Moment {
        // A call asks at once, so the start serves as its first time, and a hit reads the clock once less.
        let monotonic = self.unasked_start.take().unwrap_or_else(monotonic_clock::now);
        Moment {
            wall: UnixTime::from_seconds(wall_clock::now().seconds),
            monotonic: Duration::from_nanos(monotonic),
        }
    }

    async fn random(&mut self, buffer: &mut [u8]) {
        let length = u64::try_from(buffer.len()).unwrap_or(u64::MAX);
        let bytes = random::get_random_bytes(length);
        if bytes.len() != buffer.len() {
            // Without random bytes, a nonce or the ID of an assertion would repeat. The call ends before it is used.
            let (given, wanted) = (bytes.len(), buffer.len());
            self.stopped = Some(format!("the host returned {given} random bytes, not {wanted}"));
            return pending().await;
        }
        buffer.copy_from_slice(&bytes);
    }

    async fn get(&mut self, store: &StoreName, key: &str) -> Result<Option<Vec<u8>>, String> {
        timed(&mut self.in_cache, || self.store.get(store, key))
    }

    async fn set(&mut self, store: &StoreName, key: &str, value: &[u8]) -> Result<(), String> {
        timed(&mut self.in_cache, || self.store.set(store, key, value))
    }

    async fn delete(&mut self, store: &StoreName, key: &str) -> Result<(), String> {
        timed(&mut self.in_cache, || self.store.delete(store, key))
    }

    async fn increment(&mut self, store: &StoreName, key: &str) -> Result<u64, String> {
        timed(&mut self.in_cache, || self.store.increment(store, key))
    }

    fn time_in_store(&self) -> Duration {
        Duration::from_nanos(self.in_cache)
    }

    async fn send(
        &mut self,
        request: HttpRequest,
        within: Duration,
    ) -> Result<HttpResponse, SendError> {
        timed(&mut self.in_http, || http::send(request, within))
    }

    async fn assertion(&mut self, request: AssertionRequest) -> Result<Secret<String>, String> {
        provider::get_assertion(request)
    }

    async fn sleep(&mut self, pause: Duration) {
        let end = monotonic_clock::subscribe_duration(to_nanoseconds(pause));
        // `http` imports `poll` anyway, and each import costs every instance some time.
        poll::poll(&[&end]);
    }
}

/// A duration as `wasi:clocks` counts it.
pub(super) fn to_nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

fn timed<T>(total: &mut u64, work: impl FnOnce() -> T) -> T {
    let started = monotonic_clock::now();
    let output = work();
    *total = total.saturating_add(monotonic_clock::now().saturating_sub(started));
    output
}
