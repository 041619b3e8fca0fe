//! What a connection does, and how long it may.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::watch;
use tokio::time::Instant;

use super::idle::IdleConnections;

/// Whether a connection waits for a request or answers one.
pub(super) struct Activity {
    phase: watch::Sender<Phase>,
    idle: Arc<IdleConnections>,
    close: Arc<Notify>,
}

#[derive(Clone, Copy)]
enum Phase {
    /// At this position among the idle connections.
    Waiting(u64),
    /// Until this time at most. `None` is too late for the clock.
    Answering(Option<Instant>),
}

impl Activity {
    /// A new connection, which waits for its first request.
    pub(super) fn new(idle: Arc<IdleConnections>) -> Arc<Self> {
        let close = Arc::default();
        let phase = watch::Sender::new(Phase::Waiting(idle.add(&close)));
        Arc::new(Self { phase, idle, close })
    }

    /// A request has come. Its answer ends when the returned value is dropped. Returns `None` if the
    /// connection is being closed, so that the request must not start.
    pub(super) fn answer(self: &Arc<Self>, time_limit: Duration) -> Option<Answering> {
        let end = Instant::now().checked_add(time_limit.saturating_add(LAST_BYTES));
        match self.phase.send_replace(Phase::Answering(end)) {
            Phase::Waiting(position) if !self.idle.remove(position) => None,
            _ => Some(Answering(Arc::clone(self))),
        }
    }

    /// Ready when the connection must be closed: because another one needs its place, or because its
    /// client does not take the answer in time.
    pub(super) async fn must_close(&self) {
        self.overdue(None).await;
    }

    /// The same after the host got the signal to stop, when no connection may wait for a request any more.
    pub(super) async fn must_close_after_stop(&self) {
        self.overdue(Some(Instant::now() + LAST_BYTES)).await;
    }

    async fn overdue(&self, end_of_waiting: Option<Instant>) {
        let mut phase = self.phase.subscribe();
        loop {
            let end = match *phase.borrow_and_update() {
                Phase::Waiting(_) => end_of_waiting,
                Phase::Answering(end) => end,
            };
            tokio::select! {
                () = self.close.notified() => return,
                () = at(end) => return,
                // The sender is in `self`, so there is no error.
                _ = phase.changed() => {}
            }
        }
    }
}

impl Drop for Activity {
    fn drop(&mut self) {
        if let Phase::Waiting(position) = *self.phase.borrow() {
            self.idle.remove(position);
        }
    }
}

/// A connection answers a request as long as this exists.
pub(super) struct Answering(Arc<Activity>);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.phase.send_replace(Phase::Waiting(self.0.idle.add(&self.0.close)));
    }
}

async fn at(time: Option<Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time).await,
        None => std::future::pending().await,
    }
}

/// How long a client has for what is left to transfer: of a response when the request's time limit has
/// passed, of a response or a request's head after the stop. Go's `http.Server` waits as long.
const LAST_BYTES: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    // The bug report of a client that reads nothing: its connection, and the answer, stay for ever.
    #[tokio::test]
    async fn a_connection_that_does_not_take_its_answer_in_time_must_close() {
        let activity = Activity::new(Arc::default());
        let answering = activity.answer(Duration::ZERO);
        assert!(answering.is_some());
        activity.must_close().await;
    }

    #[tokio::test]
    async fn no_request_starts_on_a_connection_that_must_close() {
        let idle = Arc::new(IdleConnections::default());
        let activity = Activity::new(Arc::clone(&idle));
        drop(activity.answer(Duration::MAX));
        assert!(idle.close_longest(), "it waits again");
        assert!(activity.answer(Duration::MAX).is_none());
        activity.must_close().await;
    }
}
