//! Runs the instances one wake-up at a time, on one thread, in an order determined by the seed.

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Context;
use std::task::Waker;
use std::time::Duration;

use crate::virtual_clock::TaskId;
use crate::virtual_clock::VirtualClock;

/// Futures over a virtual clock. A pending task that has registered no wake-up is never polled again.
pub(crate) struct Executor {
    clock: Rc<VirtualClock>,
    tasks: Vec<Task>,
}

enum Task {
    /// Created at its start time, so that a run holds only active instances.
    NotStarted(Box<dyn FnOnce() -> Running>),
    Running(Running),
    Done,
}

type Running = Pin<Box<dyn Future<Output = ()>>>;

/// A task that panicked, with its message.
#[derive(Debug)]
pub(crate) struct Panicked {
    pub(crate) task: TaskId,
    pub(crate) message: String,
}

impl Executor {
    pub(crate) fn new(clock: Rc<VirtualClock>) -> Self {
        Self { clock, tasks: Vec::new() }
    }

    /// Adds a task that starts at time `at`. Tasks are numbered from zero.
    pub(crate) fn spawn<F>(&mut self, at: Duration, make: impl FnOnce() -> F + 'static)
    where
        F: Future<Output = ()> + 'static,
    {
        let task = TaskId::try_from(self.tasks.len()).unwrap_or(TaskId::MAX);
        self.clock.wake(task, at);
        self.tasks.push(Task::NotStarted(Box::new(move || Box::pin(make()))));
    }

    /// Runs until no task waits any longer, but for at most `polls` polls and not beyond `until`.
    pub(crate) fn run(&mut self, mut polls: u64, until: Duration) -> Vec<Panicked> {
        let mut panicked = Vec::new();
        let mut context = Context::from_waker(Waker::noop());
        while polls > 0
            && self.clock.now() <= until
            && let Some(id) = self.clock.advance()
        {
            polls -= 1;
            let Some(task) = self.tasks.get_mut(id as usize) else { continue };
            let mut running = match std::mem::replace(task, Task::Done) {
                Task::NotStarted(make) => make(),
                Task::Running(running) => running,
                Task::Done => continue,
            };
            let poll = catch_unwind(AssertUnwindSafe(|| running.as_mut().poll(&mut context)));
            match poll {
                Ok(poll) if poll.is_pending() => *task = Task::Running(running),
                Ok(_) => {}
                Err(panic) => panicked.push(Panicked { task: id, message: to_text(&*panic) }),
            }
        }
        panicked
    }
}

fn to_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic").to_owned()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::durations::ms;
    use crate::random::Random;

    fn order(seed: u64) -> Vec<(u64, u128)> {
        let clock = Rc::new(VirtualClock::new(Random::from_seed(seed)));
        let mut executor = Executor::new(Rc::clone(&clock));
        let log = Rc::new(RefCell::new(Vec::new()));
        for task in 0..4_u64 {
            let (clock, log) = (Rc::clone(&clock), Rc::clone(&log));
            executor.spawn(ms(task / 2), move || async move {
                clock.sleep(ms(5)).await;
                log.borrow_mut().push((task, clock.now().as_millis()));
            });
        }
        assert!(executor.run(100, ms(100)).is_empty());
        log.take()
    }

    #[test]
    fn tasks_run_in_order_of_time_and_the_seed_breaks_ties() {
        assert_eq!(order(1), order(1));
        assert!((2..20).any(|seed| order(seed) != order(1)));
        for seed in 0..20 {
            let times: Vec<_> = order(seed).into_iter().map(|(_, time)| time).collect();
            assert_eq!(times, [5, 5, 6, 6]);
        }
    }

    #[test]
    fn a_panic_is_reported_and_the_other_tasks_continue() {
        let clock = Rc::new(VirtualClock::new(Random::from_seed(1)));
        let mut executor = Executor::new(Rc::clone(&clock));
        executor.spawn(ms(0), || async { panic!("expected by this test") });
        let waits = Rc::clone(&clock);
        executor.spawn(ms(1), move || async move { waits.sleep(ms(9)).await });
        let panicked = executor.run(100, ms(100));
        assert_eq!(panicked[0].message, "expected by this test");
        assert_eq!((panicked.len(), panicked[0].task, clock.now()), (1, 0, ms(10)));
    }

    #[test]
    fn an_endless_loop_is_stopped_by_the_limit_of_polls() {
        let clock = Rc::new(VirtualClock::new(Random::from_seed(1)));
        let mut executor = Executor::new(Rc::clone(&clock));
        let loops = Rc::clone(&clock);
        executor.spawn(ms(0), move || async move {
            loop {
                loops.sleep(Duration::ZERO).await;
            }
        });
        executor.run(1_000, ms(100));
        assert_eq!(clock.now(), ms(0));
    }
}
