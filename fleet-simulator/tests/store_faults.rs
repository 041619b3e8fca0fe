//! Stores that other programs write to, or that lose data, lag, lie or fail.

use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::HashSet;
use std::rc::Rc;

use msal_fleet_simulator::Access;
use msal_fleet_simulator::Authority;
use msal_fleet_simulator::Behaviour;
use msal_fleet_simulator::CallArgs;
use msal_fleet_simulator::Chances;
use msal_fleet_simulator::Death;
use msal_fleet_simulator::DeathMoment;
use msal_fleet_simulator::Event;
use msal_fleet_simulator::EventKind;
use msal_fleet_simulator::Fault;
use msal_fleet_simulator::Fleet;
use msal_fleet_simulator::HostCall;
use msal_fleet_simulator::HostFault;
use msal_fleet_simulator::Lie;
use msal_fleet_simulator::Model;
use msal_fleet_simulator::Name;
use msal_fleet_simulator::Store;
use msal_fleet_simulator::Value;
use msal_fleet_simulator::Verdict;
use msal_fleet_simulator::ms;
use msal_fleet_simulator::secs;

fn authority() -> Authority {
    Authority::answering_after(ms(200))
}

/// Names are numbered in the order in which a call first uses them; these are the first two.
const TOKEN: Name = 0;
const FAILURE: Name = 1;

/// A store without faults.
#[derive(Default)]
struct Honest {
    values: HashMap<Name, Value>,
    counters: HashMap<Name, u64>,
}

impl Model for Honest {
    fn get(&mut self, _visit: Access<'_>, name: Name) -> Option<Value> {
        self.values.get(&name).cloned()
    }

    fn set(&mut self, _visit: Access<'_>, name: Name, value: Option<Value>) {
        self.counters.remove(&name);
        self.values.remove(&name);
        self.values.extend(value.map(|value| (name, value)));
    }

    fn increment(&mut self, _visit: Access<'_>, name: Name) -> u64 {
        let count = self.counters.entry(name).or_default();
        *count += 1;
        *count
    }
}

/// Shows which counters exist.
struct Observed {
    store: Honest,
    counters: Rc<RefCell<HashSet<Name>>>,
}

impl Model for Observed {
    fn get(&mut self, access: Access<'_>, name: Name) -> Option<Value> {
        self.store.get(access, name)
    }

    fn set(&mut self, access: Access<'_>, name: Name, value: Option<Value>) {
        self.counters.borrow_mut().remove(&name);
        self.store.set(access, name, value);
    }

    fn increment(&mut self, access: Access<'_>, name: Name) -> u64 {
        self.counters.borrow_mut().insert(name);
        self.store.increment(access, name)
    }
}

/// Deletes the token before each read.
#[derive(Default)]
struct Thief(Honest);

impl Model for Thief {
    fn get(&mut self, access: Access<'_>, name: Name) -> Option<Value> {
        self.0.values.remove(&TOKEN);
        self.0.get(access, name)
    }

    fn set(&mut self, access: Access<'_>, name: Name, value: Option<Value>) {
        self.0.set(access, name, value);
    }

    fn increment(&mut self, access: Access<'_>, name: Name) -> u64 {
        self.0.increment(access, name)
    }
}

/// Returns a forged failure whenever the remembered failure is read.
struct Forger(Honest, Value);

impl Model for Forger {
    fn get(&mut self, access: Access<'_>, name: Name) -> Option<Value> {
        if name == FAILURE { Some(Value::clone(&self.1)) } else { self.0.get(access, name) }
    }

    fn set(&mut self, access: Access<'_>, name: Name, value: Option<Value>) {
        self.0.set(access, name, value);
    }

    fn increment(&mut self, access: Access<'_>, name: Name) -> u64 {
        self.0.increment(access, name)
    }
}

#[test]
fn e05_a_store_that_hangs_leaves_time_for_the_token_request() {
    let report = Fleet::new(5)
        .store(Store::linearizable().failing_at(1, Fault::Slow(secs(9))))
        .authority(authority())
        .instances(1)
        .with_args(CallArgs::default().deadline(secs(8)))
        .instances(1)
        .arriving(ms(9_500)..=ms(9_500))
        .run();
    report.check_invariants();
    let answer = report.group(0).find_map(|outcome| outcome.answer()).unwrap();
    assert!(answer.warnings.iter().any(|warning| warning.contains("key-value store took 9 s")));
    assert!(report.group(1).all(|outcome| outcome.answer().is_some()));
}

#[test]
fn e05_after_its_deadline_a_call_neither_writes_nor_reads_a_lease() {
    for seed in 0..40 {
        let slow = Chances::none().of(Fault::Slow(secs(1)), 0.7);
        let report = Fleet::new(seed)
            .store(Store::linearizable().failing_by_chance(slow))
            .authority(authority())
            .instances(10)
            .with_args(CallArgs::default().deadline(ms(2_500)))
            .run();
        report.check_invariants();
        for outcome in report.outcomes.iter().filter(|outcome| outcome.cause().is_some()) {
            let late = outcome.started + ms(2_500);
            let is_late = |event: &&Event| event.instance == outcome.instance && event.at > late;
            let events = report.trace.events().iter().filter(is_late);
            let operations = events.filter(|event| matches!(event.kind, EventKind::Stored(_)));
            // The current operation, up to two more before the clock is read, and the return of the ticket.
            assert!(operations.count() <= 4, "seed {seed}, #{}", outcome.instance);
        }
    }
}

#[test]
fn e17_if_tokens_are_deleted_at_once_the_throttle_limits_the_requests() {
    let report = Fleet::new(17)
        .store(Store::custom(|| Box::new(Thief::default())))
        .authority(authority().allowing(20, secs(60), secs(30)))
        .instances(1_200)
        .arriving_within(secs(120))
        .run();
    report.check_invariants();
    let refused = report
        .token_requests
        .iter()
        .filter(|request| matches!(request.verdict, Verdict::Throttled(_)))
        .count();
    // Callers at the end of their wait send a request, and so do several at once whenever the authority starts to throttle,
    // five times in two minutes.
    assert!(refused <= 40, "{refused} requests were refused");
    assert!(report.token_requests.len() <= 80, "{} requests", report.token_requests.len());
}

#[test]
fn e18_a_throttle_is_remembered_for_at_most_an_hour() {
    let forever = Behaviour::Throttles { retry_after: secs(99_999_999) };
    let report = Fleet::new(18)
        .authority(authority().first(1, forever))
        .instances(1)
        .instances(20)
        .arriving(secs(1)..=secs(3_590))
        .instances(1)
        .arriving(secs(3_602)..=secs(3_602))
        .run();
    report.check_invariants();
    assert_eq!((report.requests_of_group(0), report.requests_of_group(1)), (1, 0));
    assert_eq!(report.served(), 1);
}

#[test]
fn e18_a_failure_sealed_for_another_name_is_ignored() {
    let everything = Chances::none().of(Fault::ForeignValue, 1.0);
    let throttled = authority().first(1, Behaviour::Throttles { retry_after: secs(3_600) });
    let report = Fleet::new(18)
        .store(Store::linearizable().failing_by_chance(everything))
        .authority(throttled)
        .instances(1)
        .with_args(CallArgs::default().scope("api://y/.default"))
        .instances(20)
        .arriving(secs(1)..=secs(60))
        .run();
    report.check_invariants();
    assert_eq!(report.served(), 20);
}

/// A failure in the core's format, of a 429 answer, from now until the end of the century.
fn forged_failure(now: u64) -> Vec<u8> {
    let until = now + 75 * 365 * 86_400;
    let mut failure = [now.to_be_bytes(), until.to_be_bytes()].concat();
    for text in ["t", "429", "temporarily_unavailable", "", "1", "", "", "", "", "", ""] {
        failure.extend_from_slice(&u32::try_from(text.len()).unwrap().to_be_bytes());
        failure.extend_from_slice(text.as_bytes());
    }
    failure
}

#[test]
fn e18_a_forged_failure_is_ignored() {
    let start = secs(1_700_000_003);
    let plain = forged_failure(start.as_secs());
    // An attacker may also know the length of a sealed one.
    let padded = [&[0x4d, 1][..], &plain, &[0; 256]].concat();
    for failure in [plain, padded, Vec::new()] {
        let report = Fleet::new(18)
            .store(Store::custom(move || {
                Box::new(Forger(Honest::default(), Value::from(&failure[..])))
            }))
            .authority(authority())
            .starting_at(start)
            .instances(20)
            .run();
        report.check_invariants();
        assert_eq!(report.served(), 20);
        assert_eq!(report.token_requests.len(), 1);
    }
}

#[test]
fn e19_a_counter_that_others_increment_delays_calls_by_at_most_five_seconds() {
    for tickets in [1, 2, 1_000, 1 << 40] {
        let report = Fleet::new(19)
            .store(Store::linearizable().lying(Lie::TicketsAreTaken { tickets }))
            .authority(authority())
            .instances(50)
            .run();
        report.check_invariants();
        assert_eq!(report.served(), 50);
        assert!(report.slowest() <= ms(6_500), "{tickets}: {:?}", report.slowest());
    }
}

#[test]
fn e20_a_store_that_lags_by_a_minute_only_costs_requests() {
    for store in [Store::delayed(secs(60)), Store::replicated(4, secs(60))] {
        let report = Fleet::new(20)
            .store(store.clone())
            .authority(authority())
            .instances(20)
            .arriving_within(secs(100))
            .calling(3, secs(1)..=secs(100))
            .run();
        report.check_invariants();
        assert_eq!(report.served(), 60);
        for outcome in &report.outcomes {
            let writes = report.store_calls_of(outcome, HostCall::Set);
            assert!(writes <= 3, "{store:?}: {writes} writes in one call");
        }
    }
}

#[test]
fn e21_foreign_and_corrupted_values_are_misses() {
    for fault in [Fault::ForeignValue, Fault::Corrupted, Fault::Torn] {
        let report = Fleet::new(21)
            .store(Store::linearizable().failing_by_chance(Chances::none().of(fault, 0.5)))
            .authority(authority())
            .instances(10)
            .calling(3, ms(1)..=secs(20))
            .instances(10)
            .calling(3, ms(1)..=secs(20))
            .with_args(CallArgs::default().tenant("fabrikam.com"))
            .run();
        report.check_invariants();
        assert_eq!(report.served(), 60);
    }
}

#[test]
fn e22_a_token_with_an_earlier_expiry_may_be_written_last_and_is_not_served_expired() {
    for seed in 0..10 {
        // The first request is answered last, with a token of a shorter lifetime.
        let authority = authority()
            .first(1, Behaviour::Slow(secs(1)))
            .first_lifetimes(&[secs(600), secs(3_600)]);
        let report = Fleet::new(seed)
            .authority(authority)
            .instances(1)
            .with_args(CallArgs::default().forced())
            .instances(1)
            .arriving(ms(300)..=ms(300))
            .with_args(CallArgs::default().forced())
            .instances(40)
            .arriving(secs(10)..=secs(650))
            .run();
        // An invariant checks that a token from the cache is valid for half of its lifetime or five minutes.
        report.check_invariants();
        assert_eq!(report.served(), 42);
        let written = |token| {
            let fetcher = report.outcomes.iter().find(|outcome| outcome.fetched() == Some(token));
            fetcher.and_then(|fetcher| fetcher.last_write).unwrap().at
        };
        assert!(written(1) < written(0), "seed {seed}");
        let readers = || report.group(2).map(|reader| reader.answer().unwrap().token.unwrap());
        assert!(readers().any(|token| token == 0) && readers().all(|token| token != 1));
        assert_eq!(report.requests_of_group(2), 1, "seed {seed}: when half of the 600 s are over");
    }
}

#[test]
fn e23_silently_lost_races_are_not_repeated() {
    for within in [ms(5), ms(100), secs(20)] {
        let report = Fleet::new(23)
            .store(Store::linearizable().lying(Lie::LostRacesAnswerOk { within }))
            .authority(authority())
            .instances(50)
            .run();
        report.check_invariants();
        assert_eq!(report.served(), 50);
        for outcome in &report.outcomes {
            // The core does not use compare-and-swap, so there is nothing to retry: each call takes one ticket.
            assert_eq!(report.store_calls_of(outcome, HostCall::Increment), 1);
        }
    }
}

#[test]
fn e24_a_store_without_counters_still_caches_the_token() {
    let report = Fleet::new(24)
        .store(Store::linearizable().without_atomics())
        .authority(authority())
        .instances(50)
        .arriving_within(secs(10))
        .run();
    report.check_invariants();
    assert_eq!(report.served(), 50);
    assert!(report.token_requests.len() <= 5, "{} requests", report.token_requests.len());
}

#[test]
fn e25_an_invalid_counter_is_ignored() {
    let lies = [
        Lie::AlwaysReturns { count: 0 },
        Lie::AlwaysReturns { count: 1 },
        Lie::AlwaysReturns { count: u64::MAX },
        Lie::TicketsAreTaken { tickets: u64::MAX - 25 },
        Lie::ManyAreFirst { within: ms(20) },
        Lie::CountsTwice { probability: 0.5 },
    ];
    for lie in lies {
        let report = Fleet::new(25)
            .store(Store::linearizable().lying(lie))
            .authority(authority())
            .instances(50)
            .run();
        report.check_invariants();
        assert_eq!(report.served(), 50, "{lie:?}");
        assert!(report.slowest() <= ms(6_500), "{lie:?}: {:?}", report.slowest());
    }
}

#[test]
fn e27_a_hit_is_one_read() {
    let report = Fleet::new(27)
        .authority(authority())
        .instances(1)
        .instances(50)
        .arriving(secs(1)..=secs(1_000))
        .run();
    report.check_invariants();
    for hit in report.group(1) {
        // One clock reading and one read.
        assert_eq!((hit.host_calls, hit.reads.len()), (2, 1));
    }
}

#[test]
fn e28_callers_with_different_sealing_keys_share_nothing() {
    let report = Fleet::new(28)
        .authority(authority())
        .starting_at(secs(1_700_000_003))
        .instances(30)
        .with_args(CallArgs::default().cache_key(&[1; 32]))
        .instances(30)
        .with_args(CallArgs::default().cache_key(&[2; 32]))
        .run();
    report.check_invariants();
    assert_eq!(report.served(), 60);
    assert_eq!((report.requests_of_group(0), report.requests_of_group(1)), (1, 1));
    for group in 0..2 {
        let mut tokens = report.group(group).map(|outcome| outcome.answer().unwrap().token);
        let first = tokens.next().unwrap();
        assert!(tokens.all(|token| token == first), "a token of the other group");
    }
}

#[test]
fn e30_a_half_written_value_is_a_miss() {
    let fleet = Fleet::new(30)
        .authority(authority())
        .instances(1)
        .instances(1)
        .arriving(secs(10)..=secs(10));
    for operation in 1..=fleet.run().store_operations {
        let store = Store::linearizable().failing_at(operation, Fault::Torn);
        let report = fleet.clone().store(store).run();
        report.check_invariants();
        assert_eq!(report.served(), 2, "operation {operation}");
    }
}

#[test]
fn counters_do_not_pile_up_in_an_outage() {
    for seed in 0..8 {
        let counters = Rc::<RefCell<HashSet<Name>>>::default();
        let shared = Rc::clone(&counters);
        let store = Store::custom(move || {
            Box::new(Observed { store: Honest::default(), counters: Rc::clone(&shared) })
        });
        let report = Fleet::new(seed)
            .authority(authority())
            .store(store)
            .instances(300)
            .arriving(secs(0)..=secs(60))
            .with_host_fault(HostFault::NoConnection { after: secs(1) })
            .run();
        report.check_invariants();
        let counters = counters.borrow().len();
        assert!(counters <= 2, "seed {seed}: {counters} counters");
    }
}

#[test]
fn e31_an_instance_that_dies_in_a_store_call_delays_the_next_by_at_most_a_lease() {
    // The victim arrives when a token has expired: it deletes the ticket counter of the previous generation.
    for call in [HostCall::Get, HostCall::Set, HostCall::Increment, HostCall::Delete] {
        for moment in [DeathMoment::Before, DeathMoment::During, DeathMoment::After] {
            let report = Fleet::new(31)
                .authority(authority())
                .killing(Death::of_at(1, moment, call))
                .instances(1)
                .instances(1)
                .arriving(secs(3_400)..=secs(3_400))
                .instances(1)
                .arriving(secs(3_401)..=secs(3_401))
                .run();
            report.check_invariants();
            assert_eq!(report.deaths(), 1, "{moment:?} {call}");
            assert!(report.group(2).all(|next| next.answer().is_some()));
            assert!(report.slowest() <= ms(5_500), "{moment:?} {call}: {:?}", report.slowest());
        }
    }
}
