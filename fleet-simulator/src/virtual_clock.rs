//! Time that advances only when all tasks wait: a clock with a queue of wake-ups.

use std::cell::Cell;
use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::future::Future;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use crate::random::Random;

/// Names a task of the executor.
pub(crate) type TaskId = u32;

/// The time since the run began.
#[derive(Debug)]
pub(crate) struct VirtualClock {
    now: Cell<Duration>,
    wakeups: RefCell<BinaryHeap<Reverse<Wakeup>>>,
    /// Decides the order of wake-ups at the same time.
    order: RefCell<Random>,
    running: Cell<TaskId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Wakeup {
    at: Duration,
    order: u64,
    task: TaskId,
}

impl VirtualClock {
    pub(crate) fn new(order: Random) -> Self {
        Self {
            now: Cell::new(Duration::ZERO),
            wakeups: RefCell::default(),
            order: RefCell::new(order),
            running: Cell::new(0),
        }
    }

    pub(crate) fn now(&self) -> Duration {
        self.now.get()
    }

    /// Schedules a wake-up of a task.
    pub(crate) fn wake(&self, task: TaskId, at: Duration) {
        let order = self.order.borrow_mut().number();
        self.wakeups.borrow_mut().push(Reverse(Wakeup { at, order, task }));
    }

    /// Waits for at least this long. Every wait, even of zero, yields to other tasks.
    pub(crate) fn sleep(&self, pause: Duration) -> Sleep<'_> {
        self.sleep_until(self.now().saturating_add(pause))
    }

    pub(crate) fn sleep_until(&self, at: Duration) -> Sleep<'_> {
        Sleep { clock: self, at, is_waiting: false }
    }

    /// Advances to the next wake-up; `None` if no task waits.
    pub(crate) fn advance(&self) -> Option<TaskId> {
        let Reverse(wakeup) = self.wakeups.borrow_mut().pop()?;
        self.now.set(self.now().max(wakeup.at));
        self.running.set(wakeup.task);
        Some(wakeup.task)
    }
}

/// A wait of the running task. A task waits for one thing at a time.
#[derive(Debug)]
pub(crate) struct Sleep<'a> {
    clock: &'a VirtualClock,
    at: Duration,
    is_waiting: bool,
}

impl Future for Sleep<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<()> {
        if self.is_waiting {
            return Poll::Ready(());
        }
        self.is_waiting = true;
        self.clock.wake(self.clock.running.get(), self.at);
        Poll::Pending
    }
}
