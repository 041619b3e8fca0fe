//! The interface between the core and its host.

use std::time::Duration;

use crate::application::StoreName;
use crate::credential::AssertionRequest;
use crate::http::HttpRequest;
use crate::http::HttpResponse;
use crate::http::SendError;
use crate::secret::Secret;
use crate::time::Moment;

/// The I/O that a call needs: clocks, randomness, a key-value store, HTTP, and an assertion provider.
///
/// Under WASI 0.2 every future is ready immediately. A simulation may suspend any of them to run other instances.
#[allow(async_fn_in_trait, reason = "used with static dispatch only, on one thread")]
pub trait Host {
    /// Reads both clocks.
    async fn now(&mut self) -> Moment;
    /// Fills the buffer from the host's secure random source.
    async fn random(&mut self, buffer: &mut [u8]);
    /// Reads an entry. An error becomes a warning.
    async fn get(&mut self, store: &StoreName, key: &str) -> Result<Option<Vec<u8>>, String>;
    /// Writes an entry.
    async fn set(&mut self, store: &StoreName, key: &str, value: &[u8]) -> Result<(), String>;
    /// Deletes an entry.
    async fn delete(&mut self, store: &StoreName, key: &str) -> Result<(), String>;
    /// Adds 1 to a counter, which starts at 0, and returns the new value. An error means that the store cannot count;
    /// it is not reported.
    async fn increment(&mut self, store: &StoreName, key: &str) -> Result<u64, String>;
    /// The time spent in store operations so far. It makes no host call, because a cache hit must not pay for it.
    fn time_in_store(&self) -> Duration {
        Duration::ZERO
    }
    /// Sends a request and reads the complete response, within the given time.
    async fn send(
        &mut self,
        request: HttpRequest,
        within: Duration,
    ) -> Result<HttpResponse, SendError>;
    /// Calls the assertion provider. An error's text is returned to the caller.
    async fn assertion(&mut self, request: AssertionRequest) -> Result<Secret<String>, String>;
    /// Sleeps.
    async fn sleep(&mut self, pause: Duration);
}

/// Returns `N` random bytes.
pub(crate) async fn random_bytes<H: Host, const N: usize>(host: &mut H) -> [u8; N] {
    let mut bytes = [0; N];
    host.random(&mut bytes).await;
    bytes
}
