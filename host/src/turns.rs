//! Turns, so that in a burst the calls that have started go before those that have not.
//!
//! Without them, a thousand calls that start at once take each of their steps together, and the one that requests the
//! token for all sends its request after the first steps of all others.

use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use wasmtime::component::HasData;
use wasmtime::component::Linker;
use wasmtime::component::Resource;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::p2::DynPollable;
use wasmtime_wasi::p2::bindings::io::poll;

use crate::guest::Guest;

/// The turns of a host's calls.
pub(crate) struct Turns(Arc<Semaphore>);

/// A call has it until it ends, or waits for time to pass or for a server.
pub(crate) type Turn = OwnedSemaphorePermit;

impl Turns {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(number())))
    }

    /// Waits for a turn. `None` if that takes too long, as over a store that does not answer: the call starts anyway.
    pub(crate) async fn take(&self) -> Option<Turn> {
        if let Ok(turn) = Arc::clone(&self.0).try_acquire_owned() {
            return Some(turn);
        }
        timeout(LONGEST_WAIT, Arc::clone(&self.0).acquire_owned()).await.ok()?.ok()
    }

    #[cfg(test)]
    pub(crate) fn are_all_free(&self) -> bool {
        self.0.available_permits() == number()
    }
}

fn number() -> usize {
    available_parallelism().map_or(1, usize::from).saturating_mul(TURNS_PER_PROCESSOR)
}

/// Enough to keep a processor busy with hits over a store that answers within a few milliseconds.
const TURNS_PER_PROCESSOR: usize = 32;

const LONGEST_WAIT: Duration = Duration::from_millis(10);

/// Links `wasi:io/poll`, whose functions end the turn of a call that waits, in place of wasmtime's.
pub(crate) fn add_to_linker(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    poll::add_to_linker::<_, HasPoll>(linker, |guest| Poll {
        turn: &mut guest.turn,
        table: &mut guest.table,
    })?;
    linker.allow_shadowing(false);
    Ok(())
}

struct Poll<'a> {
    turn: &'a mut Option<Turn>,
    table: &'a mut ResourceTable,
}

impl poll::Host for Poll<'_> {
    async fn poll(&mut self, pollables: Vec<Resource<DynPollable>>) -> wasmtime::Result<Vec<u32>> {
        *self.turn = None;
        poll::Host::poll(self.table, pollables).await
    }
}

impl poll::HostPollable for Poll<'_> {
    async fn block(&mut self, pollable: Resource<DynPollable>) -> wasmtime::Result<()> {
        *self.turn = None;
        poll::HostPollable::block(self.table, pollable).await
    }

    async fn ready(&mut self, pollable: Resource<DynPollable>) -> wasmtime::Result<bool> {
        poll::HostPollable::ready(self.table, pollable).await
    }

    fn drop(&mut self, pollable: Resource<DynPollable>) -> wasmtime::Result<()> {
        poll::HostPollable::drop(self.table, pollable)
    }
}

/// Names [`Poll`] as the data of the linked functions.
struct HasPoll;

impl HasData for HasPoll {
    type Data<'a> = Poll<'a>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_call_starts_without_a_turn_rather_than_wait_for_long() {
        let turns = Turns(Arc::new(Semaphore::new(1)));
        let first = turns.take().await.unwrap();
        assert!(turns.take().await.is_none());
        let (second, ()) = tokio::join!(turns.take(), async { drop(first) });
        assert!(second.is_some());
    }
}
