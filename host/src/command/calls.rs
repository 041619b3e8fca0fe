//! Many concurrent calls.

use std::num::NonZeroU64;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use msal_host::Host;
use msal_host::contract::Application;
use msal_host::contract::TokenRequest;
use tokio::sync::mpsc;

use super::report::Outcome;

/// The outcome of a call, and its duration.
pub(super) type Ended = (Outcome, Duration);

/// Makes `count` calls, each in a fresh instance and at most `concurrency` at a time, and sends their
/// outcomes to the returned channel.
pub(super) fn make(
    host: &Host,
    application: Application,
    request: TokenRequest,
    count: NonZeroU64,
    concurrency: NonZeroUsize,
) -> mpsc::Receiver<Ended> {
    let (sender, receiver) = mpsc::channel(QUEUE);
    let arguments = Arc::new((application, request));
    let started = Arc::new(AtomicU64::new(0));
    let workers = u64::try_from(concurrency.get()).unwrap_or(u64::MAX).min(count.get());
    for _ in 0..workers {
        let (host, sender) = (host.clone(), sender.clone());
        let (arguments, started) = (Arc::clone(&arguments), Arc::clone(&started));
        tokio::spawn(async move {
            while started.fetch_add(1, Ordering::Relaxed) < count.get() {
                let (application, request) = &*arguments;
                let start = Instant::now();
                let outcome = host.acquire_token_for_client(application, request).await;
                if sender.send((outcome, start.elapsed())).await.is_err() {
                    return;
                }
            }
        });
    }
    receiver
}

/// The capacity of the channel.
const QUEUE: usize = 1_024;
