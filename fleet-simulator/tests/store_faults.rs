//! A store that somebody else writes to, that forgets, lags, lies or breaks.

use std::collections::HashMap;

use msal_fleet_simulator::Ask;
use msal_fleet_simulator::Authority;
use msal_fleet_simulator::Behaviour;
use msal_fleet_simulator::Chances;
use msal_fleet_simulator::Death;
use msal_fleet_simulator::DeathMoment;
use msal_fleet_simulator::Event;
use msal_fleet_simulator::Fault;
use msal_fleet_simulator::Fleet;
use msal_fleet_simulator::HostCall;
use msal_fleet_simulator::Lie;
use msal_fleet_simulator::Model;
use msal_fleet_simulator::Name;
use msal_fleet_simulator::Store;
use msal_fleet_simulator::Value;
use msal_fleet_simulator::Verdict;
use msal_fleet_simulator::Visit;
use msal_fleet_simulator::What;
use msal_fleet_simulator::ms;
use msal_fleet_simulator::secs;

fn authority() -> Authority {
    Authority::answering_after(ms(200))
}

/// The names in the order in which a call comes to them, of which the first two are these.
const TOKEN: Name = 0;
const NOTE: Name = 1;

/// An honest store.
#[derive(Default)]
struct Honest {
    values: HashMap<Name, Value>,
    counters: HashMap<Name, u64>,
}

impl Model for Honest {
    fn get(&mut self, _visit: Visit<'_>, name: Name) -> Option<Value> {
        self.values.get(&name).cloned()
    }

    fn set(&mut self, _visit: Visit<'_>, name: Name, value: Option<Value>) {
        self.counters.remove(&name);
        self.values.remove(&name);
        self.values.extend(value.map(|value| (name, value)));
    }

    fn increment(&mut self, _visit: Visit<'_>, name: Name) -> u64 {
        let count = self.counters.entry(name).or_default();
        *count += 1;
        *count
    }
}

/// Deletes the token whenever somebody comes.
#[derive(Default)]
struct Thief(Honest);

impl Model for Thief {
    fn get(&mut self, visit: Visit<'_>, name: Name) -> Option<Value> {
        self.0.values.remove(&TOKEN);
        self.0.get(visit, name)
    }

    fn set(&mut self, visit: Visit<'_>, name: Name, value: Option<Value>) {
        self.0.set(visit, name, value);
    }

    fn increment(&mut self, visit: Visit<'_>, name: Name) -> u64 {
        self.0.increment(visit, name)
    }
}

/// Writes a mark of its own whenever somebody reads the note.
struct Forger(Honest, Value);

impl Model for Forger {
    fn get(&mut self, visit: Visit<'_>, name: Name) -> Option<Value> {
        if name == NOTE { Some(Value::clone(&self.1)) } else { self.0.get(visit, name) }
    }

    fn set(&mut self, visit: Visit<'_>, name: Name, value: Option<Value>) {
        self.0.set(visit, name, value);
    }

    fn increment(&mut self, visit: Visit<'_>, name: Name) -> u64 {
        self.0.increment(visit, name)
    }
}

#[test]
fn e05_a_call_that_the_store_held_up_says_nothing_about_the_authority() {
    let report = Fleet::new(5)
        .store(Store::linearizable().failing_at(1, Fault::Slow(secs(9))))
        .authority(authority())
        .instances(1)
        .asking(Ask::default().deadline(secs(8)))
        .instances(1)
        .arriving(ms(9_500)..=ms(9_500))
        .run();
    report.check_laws();
    assert!(report.group(0).all(|outcome| outcome.cause().is_some()), "it had no time left");
    assert!(report.group(1).all(|outcome| outcome.answer().is_some()));
}

#[test]
fn e05_after_its_deadline_a_call_neither_claims_nor_looks_who_did() {
    for seed in 0..40 {
        let slow = Chances::none().of(Fault::Slow(secs(1)), 0.7);
        let report = Fleet::new(seed)
            .store(Store::linearizable().failing_by_chance(slow))
            .authority(authority())
            .instances(10)
            .asking(Ask::default().deadline(ms(2_500)))
            .run();
        report.check_laws();
        for outcome in report.outcomes.iter().filter(|outcome| outcome.cause().is_some()) {
            let late = outcome.started + ms(2_500);
            let is_late = |event: &&Event| event.instance == outcome.instance && event.at > late;
            let events = report.trace.events().iter().filter(is_late);
            let operations = events.filter(|event| matches!(event.what, What::Stored(_)));
            // What was under way, two that may follow it without a look at the clock, and the place given back.
            assert!(operations.count() <= 4, "seed {seed}, #{}", outcome.instance);
        }
    }
}

#[test]
fn e17_tokens_that_are_deleted_at_once_cost_what_the_authority_allows() {
    let report = Fleet::new(17)
        .store(Store::modelled(|| Box::new(Thief::default())))
        .authority(authority().allowing(20, secs(60), secs(30)))
        .instances(1_200)
        .arriving_within(secs(120))
        .run();
    report.check_laws();
    let refused = report
        .token_requests
        .iter()
        .filter(|request| matches!(request.verdict, Verdict::Throttled(_)))
        .count();
    // Those who run out of patience ask, and so do some at once when the authority has enough, five times in two minutes.
    assert!(refused <= 40, "{refused} requests were refused");
    assert!(report.token_requests.len() <= 80, "{} requests", report.token_requests.len());
}

#[test]
fn e18_a_throttle_mark_counts_for_an_hour_at_most() {
    let for_ever = Behaviour::Throttles { retry_after: secs(99_999_999) };
    let report = Fleet::new(18)
        .authority(authority().first(1, for_ever))
        .instances(1)
        .instances(20)
        .arriving(secs(1)..=secs(3_590))
        .instances(1)
        .arriving(secs(3_602)..=secs(3_602))
        .run();
    report.check_laws();
    assert_eq!((report.requests_of_group(0), report.requests_of_group(1)), (1, 0));
    assert_eq!(report.served(), 1);
}

#[test]
fn e18_a_mark_that_was_made_for_another_name_counts_for_nothing() {
    let everything = Chances::none().of(Fault::ForeignValue, 1.0);
    let throttled = authority().first(1, Behaviour::Throttles { retry_after: secs(3_600) });
    let report = Fleet::new(18)
        .store(Store::linearizable().failing_by_chance(everything))
        .authority(throttled)
        .instances(1)
        .asking(Ask::default().scope("api://y/.default"))
        .instances(20)
        .arriving(secs(1)..=secs(60))
        .run();
    report.check_laws();
    assert_eq!(report.served(), 20);
}

/// A mark as the core lays it out, of a 429 answer, from now until the end of the century.
fn forged_mark(now: u64) -> Vec<u8> {
    let until = now + 75 * 365 * 86_400;
    let mut mark = [now.to_be_bytes(), until.to_be_bytes()].concat();
    for text in ["t", "429", "temporarily_unavailable", "", "1", "", "", "", "", "", ""] {
        mark.extend_from_slice(&u32::try_from(text.len()).unwrap().to_be_bytes());
        mark.extend_from_slice(text.as_bytes());
    }
    mark
}

#[test]
fn e18_a_mark_that_somebody_forges_counts_for_nothing() {
    let start = secs(1_700_000_003);
    let plain = forged_mark(start.as_secs());
    // Somebody may also know how long a sealed one is.
    let padded = [&[0x4d, 1][..], &plain, &[0; 256]].concat();
    for mark in [plain, padded, Vec::new()] {
        let report = Fleet::new(18)
            .store(Store::modelled(move || {
                Box::new(Forger(Honest::default(), Value::from(&mark[..])))
            }))
            .authority(authority())
            .starting_at(start)
            .instances(20)
            .run();
        report.check_laws();
        assert_eq!(report.served(), 20);
        assert_eq!(report.token_requests.len(), 1);
    }
}

#[test]
fn e19_a_queue_that_others_fill_costs_five_seconds() {
    for places in [1, 2, 1_000, 1 << 40] {
        let report = Fleet::new(19)
            .store(Store::linearizable().lying(Lie::PlacesAreTaken { places }))
            .authority(authority())
            .instances(50)
            .run();
        report.check_laws();
        assert_eq!(report.served(), 50);
        assert!(report.slowest() <= ms(6_500), "{places}: {:?}", report.slowest());
    }
}

#[test]
fn e20_a_store_that_lags_a_minute_costs_requests_only() {
    for store in [Store::delayed(secs(60)), Store::replicated(4, secs(60))] {
        let report = Fleet::new(20)
            .store(store.clone())
            .authority(authority())
            .instances(20)
            .arriving_within(secs(100))
            .calling(3, secs(1)..=secs(100))
            .run();
        report.check_laws();
        assert_eq!(report.served(), 60);
        for outcome in &report.outcomes {
            let writes = report.store_calls_of(outcome, HostCall::Set);
            assert!(writes <= 3, "{store:?}: {writes} writes in one call");
        }
    }
}

#[test]
fn e21_values_that_nobody_wrote_there_are_misses() {
    for fault in [Fault::ForeignValue, Fault::Corrupted, Fault::Torn] {
        let report = Fleet::new(21)
            .store(Store::linearizable().failing_by_chance(Chances::none().of(fault, 0.5)))
            .authority(authority())
            .instances(10)
            .calling(3, ms(1)..=secs(20))
            .instances(10)
            .calling(3, ms(1)..=secs(20))
            .asking(Ask::default().tenant("fabrikam.com"))
            .run();
        report.check_laws();
        assert_eq!(report.served(), 60);
    }
}

#[test]
fn e22_the_earlier_expiry_may_be_written_last_and_nobody_gets_an_expired_token() {
    for seed in 0..10 {
        // The first request is answered last, and with a token that lives for less time.
        let authority = authority()
            .first(1, Behaviour::Slow(secs(1)))
            .first_lifetimes(&[secs(600), secs(3_600)]);
        let report = Fleet::new(seed)
            .authority(authority)
            .instances(1)
            .asking(Ask::default().forced())
            .instances(1)
            .arriving(ms(300)..=ms(300))
            .asking(Ask::default().forced())
            .instances(40)
            .arriving(secs(10)..=secs(650))
            .run();
        // That a token from the cache has half of its life, or five minutes, to live is a law.
        report.check_laws();
        assert_eq!(report.served(), 42);
        let written = |token| {
            let fetcher = report.outcomes.iter().find(|outcome| outcome.fetched() == Some(token));
            fetcher.and_then(|fetcher| fetcher.kept).unwrap().at
        };
        assert!(written(1) < written(0), "seed {seed}");
        let readers = || report.group(2).map(|reader| reader.answer().unwrap().token.unwrap());
        assert!(readers().any(|token| token == 0) && readers().all(|token| token != 1));
        assert_eq!(report.requests_of_group(2), 1, "seed {seed}: when half of the 600 s are over");
    }
}

#[test]
fn e23_races_that_are_lost_without_a_word_are_not_run_for_ever() {
    for within in [ms(5), ms(100), secs(20)] {
        let report = Fleet::new(23)
            .store(Store::linearizable().lying(Lie::LostRacesAnswerOk { within }))
            .authority(authority())
            .instances(50)
            .run();
        report.check_laws();
        assert_eq!(report.served(), 50);
        for outcome in &report.outcomes {
            // The core does not compare and swap, so there is nothing to try again: each counts itself once.
            assert_eq!(report.store_calls_of(outcome, HostCall::Increment), 1);
        }
    }
}

#[test]
fn e24_a_store_without_counters_is_still_a_store() {
    let report = Fleet::new(24)
        .store(Store::linearizable().without_atomics())
        .authority(authority())
        .instances(50)
        .arriving_within(secs(10))
        .run();
    report.check_laws();
    assert_eq!(report.served(), 50);
    assert!(report.token_requests.len() <= 5, "{} requests", report.token_requests.len());
}

#[test]
fn e25_a_counter_that_is_none_is_ignored() {
    let lies = [
        Lie::AlwaysCounts { place: 0 },
        Lie::AlwaysCounts { place: 1 },
        Lie::AlwaysCounts { place: u64::MAX },
        Lie::PlacesAreTaken { places: u64::MAX - 25 },
        Lie::ManyAreFirst { within: ms(20) },
        Lie::CountsTwice { probability: 0.5 },
    ];
    for lie in lies {
        let report = Fleet::new(25)
            .store(Store::linearizable().lying(lie))
            .authority(authority())
            .instances(50)
            .run();
        report.check_laws();
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
    report.check_laws();
    for hit in report.group(1) {
        // The clock and the read.
        assert_eq!((hit.host_calls, hit.reads.len()), (2, 1));
    }
}

#[test]
fn e28_who_seals_with_another_key_is_another_fleet() {
    let report = Fleet::new(28)
        .authority(authority())
        .starting_at(secs(1_700_000_003))
        .instances(30)
        .asking(Ask::default().cache_key(&[1; 32]))
        .instances(30)
        .asking(Ask::default().cache_key(&[2; 32]))
        .run();
    report.check_laws();
    assert_eq!(report.served(), 60);
    assert_eq!((report.requests_of_group(0), report.requests_of_group(1)), (1, 1));
    for group in 0..2 {
        let mut tokens = report.group(group).map(|outcome| outcome.answer().unwrap().token);
        let first = tokens.next().unwrap();
        assert!(tokens.all(|token| token == first), "a token of the others");
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
        report.check_laws();
        assert_eq!(report.served(), 2, "operation {operation}");
    }
}

#[test]
fn e31_an_instance_that_dies_in_a_store_call_holds_up_the_next_for_a_lease_at_most() {
    // The victim comes when a token has expired: it deletes the counter of the election before.
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
            report.check_laws();
            assert_eq!(report.deaths(), 1, "{moment:?} {call}");
            assert!(report.group(2).all(|next| next.answer().is_some()));
            assert!(report.slowest() <= ms(5_500), "{moment:?} {call}: {:?}", report.slowest());
        }
    }
}
