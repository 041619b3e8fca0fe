//! What a flight reads from the record, and what it leaves there.

use std::collections::HashMap;
use std::pin::pin;
use std::task::Context;
use std::task::Poll;
use std::task::Waker;
use std::time::Duration;

use super::decide::Entry;
use super::flight::Flight;
use super::record::Lease;
use super::record::Outcome;
use super::record::Record;
use super::record::State;
use super::role::Role;
use crate::application::ApplicationParts;
use crate::application::StoreName;
use crate::cache::EntryKey;
use crate::call::Call;
use crate::credential::AssertionRequest;
use crate::credential::CredentialParts;
use crate::error::Cause;
use crate::error::Refusal;
use crate::error::Throttle;
use crate::host::Host;
use crate::http::HttpRequest;
use crate::http::HttpResponse;
use crate::http::SendError;
use crate::limits::Limits;
use crate::request::TokenRequestParts;
use crate::sealed_store::SealedStore;
use crate::secret::Secret;
use crate::time::Moment;
use crate::time::UnixTime;

#[test]
fn a_release_counts_for_the_next_call() {
    let mut memory = Memory::default();
    for (seconds, releases) in [(0, 1), (1, 1), (3, 2), (6, 3)] {
        memory.seconds = seconds;
        with_flight(&mut memory, |memory, flight| {
            flight.role = Role::Leader;
            run(flight.release(memory));
            let record = run(flight.read(memory)).unwrap();
            assert_eq!(record.last().releases, releases, "{seconds}");
        });
    }
    with_flight(&mut memory, |memory, flight| {
        let record = run(flight.read(memory));
        flight.observe(record.as_ref(), memory.moment());
        assert!(flight.progress.acts_alone() && flight.follows_failure());
    });
}

#[test]
fn a_follower_leaves_nothing() {
    let mut memory = Memory::default();
    with_flight(&mut memory, |memory, flight| {
        run(flight.release(memory));
        assert!(memory.entries.is_empty());
    });
}

#[test]
fn a_release_does_not_replace_a_throttle() {
    let mut memory = throttled_memory();
    memory.seconds = 4;
    with_flight(&mut memory, |memory, flight| {
        flight.role = Role::Leader;
        run(flight.release(memory));
        let record = run(flight.read(memory));
        let failure = flight.failure(record.as_ref(), memory.moment().wall);
        assert!(matches!(failure, Some(Cause::Throttled(_))));
        assert!(flight.forbids_refresh(record.as_ref(), memory.moment().wall));
    });
}

#[test]
fn a_token_clears_a_failure_that_the_call_has_read() {
    for has_read in [true, false] {
        let mut memory = throttled_memory();
        memory.seconds = 100;
        with_flight(&mut memory, |memory, flight| {
            if has_read {
                let record = run(flight.read(memory));
                flight.observe(record.as_ref(), memory.moment());
            }
            run(flight.end_with_token(memory));
            assert_eq!(run(flight.read(memory)).is_none(), has_read);
        });
    }
}

#[test]
fn an_announcement_does_not_replace_what_was_written_meanwhile() {
    let mut memory = Memory::default();
    with_flight(&mut memory, |memory, flight| {
        assert_eq!(run(flight.announce_leader(memory, None, memory_time(0))), None);
        let announced = run(flight.read(memory)).unwrap();
        assert!(matches!(announced.state, State::Lease(Lease { holder: None, .. })));
        run(flight.contend(memory, memory_time(0)));
        let newer = run(flight.announce_leader(memory, Some(announced), memory_time(0))).unwrap();
        assert!(matches!(newer.state, State::Lease(Lease { holder: Some(_), .. })));
    });
}

#[test]
fn a_lease_repeats_the_last_outcome_and_binds_only_the_same_flight() {
    let mut memory = Memory::default();
    with_flight(&mut memory, |memory, flight| {
        let last = Outcome { id: [5; 8], ended: None, releases: 2, at: memory_time(0) };
        let record = Record { token: flight.fingerprint, state: State::Released(last) };
        flight.observe(Some(&record), memory.moment());
        run(flight.contend(memory, memory_time(0)));
        let record = run(flight.read(memory)).unwrap();
        assert_eq!(record.last(), last);
        assert!(flight.view(Some(&record), Entry::Missing, memory.moment()).lease.is_some());
        let other = Record { token: [9; 8], ..record };
        assert!(flight.view(Some(&other), Entry::Missing, memory.moment()).lease.is_none());
    });
}

#[test]
fn each_window_and_each_outcome_has_a_separate_election() {
    let election = |seconds, outcome: Option<u8>| {
        let mut memory = Memory { seconds, ..Memory::default() };
        let mut election = None;
        with_flight(&mut memory, |memory, flight| {
            let record = outcome.map(|id| Record {
                token: flight.fingerprint,
                state: State::Released(Outcome { id: [id; 8], ..Outcome::UNKNOWN }),
            });
            flight.observe(record.as_ref(), memory.moment());
            election = Some(flight.next_election());
        });
        election
    };
    assert_eq!(election(0, None), election(9, None));
    assert_ne!(election(0, None), election(10, None));
    assert_ne!(election(0, None), election(0, Some(1)));
    assert_ne!(election(0, Some(1)), election(0, Some(2)));
}

/// A new call's flight over the host's store.
fn with_flight(memory: &mut Memory, test: impl FnOnce(&mut Memory, &mut Flight<'_>)) {
    let call = call();
    let store = SealedStore::new(&call.application);
    let key: EntryKey = call.token_key();
    let limits = Limits::new(&call, memory.moment());
    test(memory, &mut Flight::new(&call, &store, &key, None, &limits));
}

fn call() -> Call {
    let application = ApplicationParts {
        client_id: "00001111-aaaa-2222-bbbb-3333cccc4444".to_owned(),
        authority: "contoso.onmicrosoft.com".to_owned(),
        credentials: vec![CredentialParts::Secret("a client secret".to_owned().into())],
        ..Default::default()
    };
    let scopes = vec!["https://graph.microsoft.com/.default".to_owned()];
    Call::new(application, TokenRequestParts { scopes, ..Default::default() }).unwrap()
}

/// A store in which a call has left a throttle of a minute.
fn throttled_memory() -> Memory {
    let mut memory = Memory::default();
    with_flight(&mut memory, |memory, flight| {
        let limits = Limits::new(&call(), memory.moment());
        let refusal = Box::new(Refusal { status: 429, ..Refusal::default() });
        let cause = Cause::Throttled(Throttle { retry_after_seconds: 60, refusal });
        run(flight.end_with_failure(memory, &cause, &limits, None));
    });
    memory
}

fn memory_time(seconds: u64) -> UnixTime {
    UnixTime::from_seconds(1_800_000_000 + seconds)
}

/// Every operation of this host is ready at once.
fn run<F: Future>(future: F) -> F::Output {
    let polled = pin!(future).poll(&mut Context::from_waker(Waker::noop()));
    let output = match polled {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    };
    output.unwrap()
}

/// A host with a store, and a clock that the test sets.
#[derive(Default)]
struct Memory {
    entries: HashMap<String, Vec<u8>>,
    counters: HashMap<String, u64>,
    seconds: u64,
    random: u8,
}

impl Memory {
    fn moment(&self) -> Moment {
        Moment { wall: memory_time(self.seconds), monotonic: Duration::from_secs(self.seconds) }
    }
}

impl Host for Memory {
    async fn now(&mut self) -> Moment {
        self.moment()
    }

    async fn random(&mut self, buffer: &mut [u8]) {
        self.random += 1;
        buffer.fill(self.random);
    }

    async fn get(&mut self, _: &StoreName, key: &str) -> Result<Option<Vec<u8>>, String> {
        Ok(self.entries.get(key).cloned())
    }

    async fn set(&mut self, _: &StoreName, key: &str, value: &[u8]) -> Result<(), String> {
        self.entries.insert(key.to_owned(), value.to_vec());
        Ok(())
    }

    async fn delete(&mut self, _: &StoreName, key: &str) -> Result<(), String> {
        self.counters.remove(key);
        self.entries.remove(key);
        Ok(())
    }

    async fn increment(&mut self, _: &StoreName, key: &str) -> Result<u64, String> {
        let count = self.counters.entry(key.to_owned()).or_default();
        *count += 1;
        Ok(*count)
    }

    async fn send(&mut self, _: HttpRequest, _: Duration) -> Result<HttpResponse, SendError> {
        Err(SendError::NotConnected("a flight sends nothing".to_owned()))
    }

    async fn assertion(&mut self, _: AssertionRequest) -> Result<Secret<String>, String> {
        Err("a flight needs no assertion".to_owned())
    }

    async fn sleep(&mut self, pause: Duration) {
        self.seconds += pause.as_secs();
    }
}
