//! Many who miss at once.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::time::Duration;

use msal_fleet_simulator::Ask;
use msal_fleet_simulator::Authority;
use msal_fleet_simulator::Behaviour;
use msal_fleet_simulator::Fleet;
use msal_fleet_simulator::Store;
use msal_fleet_simulator::What;
use msal_fleet_simulator::ms;
use msal_fleet_simulator::secs;

/// At the start of one of the windows for which instances count.
const EDGE: Duration = secs(1_700_000_000);

fn a_thousand(seed: u64) -> Fleet {
    Fleet::new(seed).authority(Authority::answering_after(ms(200))).instances(1_000)
}

#[test]
fn f01_a_thousand_that_miss_at_once_make_one_request() {
    for seed in 0..5 {
        let report = a_thousand(seed).starting_at(EDGE + secs(3)).run();
        report.check_laws();
        assert_eq!(report.served(), 1_000);
        assert_eq!(report.token_requests.len(), 1, "seed {seed}");
        // The latency, the way to the queue, and two poll intervals.
        let p99 = report.percentile(99);
        assert!(p99 <= ms(200 + 50 + 2 * 100), "seed {seed}: {p99:?}");
    }
}

#[test]
fn f01_a_thousand_that_come_within_a_second_make_one_request() {
    for seed in 0..5 {
        let fleet = a_thousand(seed).arriving_within(secs(1)).starting_at(EDGE + secs(3));
        let report = fleet.run();
        report.check_laws();
        assert_eq!(report.served(), 1_000);
        assert_eq!(report.token_requests.len(), 1, "seed {seed}");
    }
}

#[test]
fn f01_the_end_of_a_window_costs_one_request_more() {
    for seed in 0..5 {
        for before_the_edge in [1, 50, 100, 200] {
            let start = EDGE - ms(before_the_edge);
            let fleet = a_thousand(seed).arriving_within(ms(300)).starting_at(start);
            let report = fleet.run();
            report.check_laws();
            assert_eq!(report.served(), 1_000);
            assert!(report.token_requests.len() <= 2, "seed {seed}, {before_the_edge} ms");
        }
    }
}

#[test]
fn f02_without_atomics_a_thousand_make_a_hundred_requests_at_most() {
    let mut most = 0;
    for seed in 0..5 {
        let report = a_thousand(seed).store(Store::linearizable().without_atomics()).run();
        report.check_laws();
        assert_eq!(report.served(), 1_000);
        most = most.max(report.token_requests.len());
    }
    println!("1,000 instances without atomics: {most} requests at most");
    assert!(most <= 100, "{most} requests");
}

#[test]
fn f03_each_replica_has_a_leader_of_its_own() {
    for (replicas, lag) in [(2, ms(100)), (3, secs(1)), (5, secs(60))] {
        for seed in 0..3 {
            let store = Store::replicated(replicas, lag);
            let report = a_thousand(seed).store(store).starting_at(EDGE + secs(3)).run();
            report.check_laws();
            assert_eq!(report.served(), 1_000);
            let requests = report.token_requests.len();
            assert!(requests <= replicas as usize, "{replicas} replicas: {requests} requests");
        }
    }
}

#[test]
fn f09_waiters_read_at_most_ten_times_a_second_and_keep_their_deadlines() {
    for deadline in [secs(2), secs(4), secs(30)] {
        let report = Fleet::new(9)
            .authority(
                Authority::answering_after(ms(200)).during(ms(0)..=secs(60), Behaviour::IsSilent),
            )
            .instances(100)
            .asking(Ask::default().deadline(deadline))
            .run();
        report.check_laws();
        for outcome in &report.outcomes {
            // The entry and the note are read once before the waiting begins.
            let mut polls = outcome.clone();
            polls.reads.drain(..polls.reads.len().min(2));
            assert!(polls.reads_per_second() <= 10, "{:?}", outcome.reads);
            assert!(outcome.took() <= deadline + ms(20), "{:?}", outcome.took());
        }
        let mut first_pauses = BTreeMap::new();
        for event in report.trace.events() {
            if let What::Waits(pause) = event.what {
                first_pauses.entry(event.instance).or_insert(pause);
            }
        }
        assert!(first_pauses.len() > 90, "nearly all wait");
        let differing: BTreeSet<_> = first_pauses.into_values().collect();
        assert!(differing.len() > 50, "{} pauses that differ", differing.len());
    }
}

#[test]
fn a_call_waits_for_others_as_long_as_it_says_and_no_longer() {
    let slow = Authority::answering_after(ms(200)).first(1, Behaviour::Slow(secs(4)));
    let report = Fleet::new(9)
        .authority(slow)
        .starting_at(EDGE)
        .instances(1)
        .instances(3)
        .arriving(ms(100)..=ms(200))
        .asking(Ask::default().waiting(ms(0)))
        .instances(3)
        .arriving(ms(100)..=ms(101))
        .asking(Ask::default().waiting(ms(500)))
        .run();
    report.check_laws();
    assert_eq!(report.served(), 7);
    let before_asking =
        |group| report.group(group).map(|call| call.asked().map(|asked| asked - call.started));
    assert!(before_asking(1).all(|waited| waited.is_some_and(|waited| waited < ms(20))));
    // The others' tokens are there after some 200 to 400 ms, and nobody has to ask.
    assert!(before_asking(2).all(|waited| waited.is_none()));
}

#[test]
fn a_call_that_may_wait_for_half_a_second_asks_then() {
    for seed in 0..5 {
        let slow = Authority::answering_after(ms(200)).first(1, Behaviour::Slow(secs(4)));
        let report = Fleet::new(seed)
            .authority(slow)
            .starting_at(EDGE)
            .instances(1)
            .instances(1)
            .arriving(ms(100)..=ms(100))
            .asking(Ask::default().waiting(ms(500)))
            .run();
        report.check_laws();
        let call = report.group(1).next().unwrap();
        let waited = call.asked().unwrap() - call.started;
        // One pause more, which is no longer than 150 ms by then, and a few looks into the store.
        assert!((ms(500)..ms(500 + 150 + 30)).contains(&waited), "seed {seed}: {waited:?}");
    }
}

#[test]
fn f21_those_that_know_the_same_token_to_be_bad_ask_for_one() {
    for seed in 0..5 {
        let rejecting = Ask::default().challenged().rejecting(0);
        let report = Fleet::new(seed)
            .authority(Authority::answering_after(ms(200)))
            .starting_at(EDGE)
            .instances(1)
            .instances(20)
            .arriving(secs(3)..=secs(4))
            .asking(rejecting.clone())
            .instances(20)
            .arriving(secs(10)..=secs(100))
            .asking(rejecting)
            .run();
        // That nobody is served with the old token is a law. Both elections are in one window.
        report.check_laws();
        assert_eq!(report.served(), 41);
        let requests = [1, 2].map(|group| report.requests_of_group(group));
        assert_eq!(requests, [1, 0], "seed {seed}");
        assert!(report.slowest() < secs(1), "seed {seed}: {:?}", report.slowest());
    }
}

#[test]
fn f22_tenants_clients_and_scopes_elect_for_themselves() {
    let asks = [
        Ask::default(),
        Ask::default().tenant("fabrikam.com"),
        Ask::default().client("another"),
        Ask::default().scope("api://y/.default"),
        Ask::default().tenant("fabrikam.com").client("another").scope("api://y/.default"),
    ];
    for seed in 0..5 {
        let mut fleet = Fleet::new(seed).starting_at(EDGE + secs(3));
        for ask in &asks {
            fleet = fleet.instances(50).asking(ask.clone());
        }
        // Tokens that are not of the caller's tenant, client and scope break a law.
        let report = fleet.run();
        report.check_laws();
        assert_eq!(report.served(), 250);
        for group in 0..asks.len() {
            assert_eq!(report.requests_of_group(group), 1, "seed {seed}, group {group}");
        }
    }
}

#[test]
fn f22_an_authority_that_fails_one_tenants_scope_fails_nobody_else() {
    let failing = Ask::default().tenant("fabrikam.com");
    let others = [Ask::default(), failing.clone().scope("api://y/.default")];
    for behaviour in [
        Behaviour::Fails { status: 503 },
        Behaviour::Throttles { retry_after: secs(60) },
        Behaviour::RefusesTheCredential,
        Behaviour::IsSilent,
    ] {
        let authority = Authority::answering_after(ms(200)).during_for(
            failing.token_key(),
            ms(0)..=secs(60),
            behaviour,
        );
        let mut fleet = Fleet::new(22).authority(authority).starting_at(EDGE + secs(1));
        fleet = fleet.instances(20).asking(failing.clone()).arriving_within(secs(2));
        for ask in others.clone() {
            // The failure has been noted by then, and is not theirs.
            fleet = fleet.instances(20).asking(ask).arriving(secs(3)..=secs(4));
        }
        let report = fleet.run();
        report.check_laws();
        assert!(report.group(0).all(|outcome| outcome.cause().is_some()), "{behaviour:?}");
        for group in 1..=2 {
            assert!(report.group(group).all(|outcome| outcome.answer().is_some()), "{behaviour:?}");
            assert_eq!(report.requests_of_group(group), 1, "{behaviour:?}, group {group}");
        }
    }
}
