//! Everything that a call needs from outside.

use std::time::Duration;

use crate::application::StoreName;
use crate::credential::AssertionRequest;
use crate::http::HttpRequest;
use crate::http::HttpResponse;
use crate::http::SendError;
use crate::secret::Secret;
use crate::time::Moment;

/// Clocks, randomness, a store, a network, and whoever makes assertions.
///
/// Under WASI 0.2 every future is ready at once; a test may make each a point where others run.
#[allow(async_fn_in_trait, reason = "used with static dispatch only, on one thread")]
pub trait Host {
    /// Reads both clocks.
    async fn now(&mut self) -> Moment;
    /// Fills the buffer from the host's secure random source.
    async fn random(&mut self, buffer: &mut [u8]);
    /// Reads an entry. An error's text is for a warning.
    async fn get(&mut self, store: &StoreName, key: &str) -> Result<Option<Vec<u8>>, String>;
    /// Writes an entry.
    async fn set(&mut self, store: &StoreName, key: &str, value: &[u8]) -> Result<(), String>;
    /// Deletes an entry.
    async fn delete(&mut self, store: &StoreName, key: &str) -> Result<(), String>;
    /// Adds one to a counter, which starts at nothing, and returns its new value; an error where the store cannot.
    async fn increment(&mut self, store: &StoreName, key: &str) -> Result<u64, String>;
    /// Sends a request and reads the answer to its end, within the time given.
    async fn send(
        &mut self,
        request: HttpRequest,
        within: Duration,
    ) -> Result<HttpResponse, SendError>;
    /// Asks the assertion provider. An error's text reaches the caller.
    async fn assertion(&mut self, request: AssertionRequest) -> Result<Secret<String>, String>;
    /// Waits.
    async fn sleep(&mut self, pause: Duration);
}

/// So many random bytes.
pub(crate) async fn random_bytes<H: Host, const N: usize>(host: &mut H) -> [u8; N] {
    let mut bytes = [0; N];
    host.random(&mut bytes).await;
    bytes
}
