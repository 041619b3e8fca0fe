//! The executor of WASI 0.2, where a host call blocks and every future is ready at once.

use std::future::Future;
use std::pin::pin;
use std::task::Context;
use std::task::Poll;
use std::task::Waker;

/// Polls a future once. `None` if it is not ready, because the host has stopped it.
pub(super) fn run<F: Future>(future: F) -> Option<F::Output> {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}
