//! The connections without a request.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use tokio::sync::Notify;

/// The connections that wait for a request, in the order in which they began to wait.
#[derive(Debug, Default)]
pub(super) struct IdleConnections {
    queue: Mutex<Queue>,
    added: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    next: u64,
    /// Each connection's signal to close.
    close: BTreeMap<u64, Arc<Notify>>,
}

impl IdleConnections {
    /// Adds a connection that closes when `close` is notified. Returns the position for [`Self::remove`].
    pub(super) fn add(&self, close: &Arc<Notify>) -> u64 {
        let position = self.change(|queue| {
            let position = queue.next;
            queue.next += 1;
            queue.close.insert(position, Arc::clone(close));
            position
        });
        self.added.notify_one();
        position
    }

    /// Removes a connection that got a request or has ended. Returns `false` if it is being closed.
    pub(super) fn remove(&self, position: u64) -> bool {
        self.change(|queue| queue.close.remove(&position)).is_some()
    }

    /// Closes the connection that has waited longest. Returns `false` if none waits.
    pub(super) fn close_longest(&self) -> bool {
        let longest = self.change(|queue| queue.close.pop_first());
        longest.map(|(_, close)| close.notify_one()).is_some()
    }

    /// Returns when a connection may have been added since the last call.
    pub(super) async fn added(&self) {
        self.added.notified().await;
    }

    fn change<T>(&self, change: impl FnOnce(&mut Queue) -> T) -> T {
        // A panic cannot leave the queue half changed.
        change(&mut self.queue.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_connection_that_has_waited_longest_is_closed() {
        let idle = IdleConnections::default();
        let [first, second, third]: [Arc<Notify>; 3] = Default::default();
        let position = idle.add(&first);
        let closed = idle.add(&second);
        assert!(idle.remove(position));
        idle.add(&third);
        idle.add(&first);
        for close in [second, third, first] {
            assert!(idle.close_longest());
            close.notified().await;
        }
        assert!(!idle.remove(closed) && !idle.close_longest());
    }
}
