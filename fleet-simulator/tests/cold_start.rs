//! Many instances miss at once.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::time::Duration;

use msal_fleet_simulator::Authority;
use msal_fleet_simulator::Behaviour;
use msal_fleet_simulator::CallArgs;
use msal_fleet_simulator::EventKind;
use msal_fleet_simulator::Fleet;
use msal_fleet_simulator::Store;
use msal_fleet_simulator::ms;
use msal_fleet_simulator::secs;

/// The start of a window of the ticket counter.
const EDGE: Duration = secs(1_700_000_000);

fn a_thousand(seed: u64) -> Fleet {
    Fleet::new(seed).authority(Authority::answering_after(ms(200))).instances(1_000)
}

#[test]
fn f01_a_thousand_simultaneous_misses_make_one_request() {
    for seed in 0..5 {
        let report = a_thousand(seed).starting_at(EDGE + secs(3)).run();
        report.check_invariants();
        assert_eq!(report.served(), 1_000);
        assert_eq!(report.token_requests.len(), 1, "seed {seed}");
        // The latency, the store operations before the wait, and two poll intervals.
        let p99 = report.percentile(99);
        assert!(p99 <= ms(200 + 50 + 2 * 100), "seed {seed}: {p99:?}");
    }
}

#[test]
fn f01_a_thousand_misses_within_a_second_make_one_request() {
    for seed in 0..5 {
        let fleet = a_thousand(seed).arriving_within(secs(1)).starting_at(EDGE + secs(3));
        let report = fleet.run();
        report.check_invariants();
        assert_eq!(report.served(), 1_000);
        assert_eq!(report.token_requests.len(), 1, "seed {seed}");
    }
}

#[test]
fn f01_the_end_of_a_window_costs_at_most_one_more_request() {
    for seed in 0..5 {
        for before_the_edge in [1, 50, 100, 200] {
            let start = EDGE - ms(before_the_edge);
            let fleet = a_thousand(seed).arriving_within(ms(300)).starting_at(start);
            let report = fleet.run();
            report.check_invariants();
            assert_eq!(report.served(), 1_000);
            assert!(report.token_requests.len() <= 2, "seed {seed}, {before_the_edge} ms");
        }
    }
}

#[test]
fn f02_without_atomics_a_thousand_misses_make_at_most_a_hundred_requests() {
    let mut most = 0;
    for seed in 0..5 {
        let report = a_thousand(seed).store(Store::linearizable().without_atomics()).run();
        report.check_invariants();
        assert_eq!(report.served(), 1_000);
        most = most.max(report.token_requests.len());
    }
    println!("1,000 instances without atomics: {most} requests at most");
    assert!(most <= 100, "{most} requests");
}

#[test]
fn f03_each_replica_has_its_own_leader() {
    for (replicas, lag) in [(2, ms(100)), (3, secs(1)), (5, secs(60))] {
        for seed in 0..3 {
            let store = Store::replicated(replicas, lag);
            let report = a_thousand(seed).store(store).starting_at(EDGE + secs(3)).run();
            report.check_invariants();
            assert_eq!(report.served(), 1_000);
            let requests = report.token_requests.len();
            assert!(requests <= replicas as usize, "{replicas} replicas: {requests} requests");
        }
    }
}

#[test]
fn f09_followers_read_at_most_ten_times_a_second_and_meet_their_deadlines() {
    for deadline in [secs(2), secs(4), secs(30)] {
        let report = Fleet::new(9)
            .authority(
                Authority::answering_after(ms(200)).during(ms(0)..=secs(60), Behaviour::IsSilent),
            )
            .instances(100)
            .with_args(CallArgs::default().deadline(deadline))
            .run();
        report.check_invariants();
        for outcome in &report.outcomes {
            // The token and the remembered failure are read once before the wait.
            let mut polls = outcome.clone();
            polls.reads.drain(..polls.reads.len().min(2));
            assert!(polls.reads_per_second() <= 10, "{:?}", outcome.reads);
            assert!(outcome.took() <= deadline + ms(20), "{:?}", outcome.took());
        }
        let mut first_pauses = BTreeMap::new();
        for event in report.trace.events() {
            if let EventKind::Waiting(pause) = event.kind {
                first_pauses.entry(event.instance).or_insert(pause);
            }
        }
        assert!(first_pauses.len() > 90, "fewer than 90 calls wait");
        let differing: BTreeSet<_> = first_pauses.into_values().collect();
        assert!(differing.len() > 50, "only {} different pauses", differing.len());
    }
}

#[test]
fn a_call_waits_for_others_at_most_max_wait_ms() {
    let slow = Authority::answering_after(ms(200)).first(1, Behaviour::Slow(secs(4)));
    let report = Fleet::new(9)
        .authority(slow)
        .starting_at(EDGE)
        .instances(1)
        .instances(3)
        .arriving(ms(100)..=ms(200))
        .with_args(CallArgs::default().waiting(ms(0)))
        .instances(3)
        .arriving(ms(100)..=ms(101))
        .with_args(CallArgs::default().waiting(ms(500)))
        .run();
    report.check_invariants();
    assert_eq!(report.served(), 7);
    let before_asking = |group| {
        report
            .group(group)
            .map(|call| call.requested_at().map(|requested_at| requested_at - call.started))
    };
    assert!(before_asking(1).all(|waited| waited.is_some_and(|waited| waited < ms(20))));
    // The tokens of group 1 arrive after 200 to 400 ms, so no call of group 2 sends a request.
    assert!(before_asking(2).all(|waited| waited.is_none()));
}

#[test]
fn a_call_requests_a_token_itself_after_max_wait_ms() {
    for seed in 0..5 {
        let slow = Authority::answering_after(ms(200)).first(1, Behaviour::Slow(secs(4)));
        let report = Fleet::new(seed)
            .authority(slow)
            .starting_at(EDGE)
            .instances(1)
            .instances(1)
            .arriving(ms(100)..=ms(100))
            .with_args(CallArgs::default().waiting(ms(500)))
            .run();
        report.check_invariants();
        let call = report.group(1).next().unwrap();
        let waited = call.requested_at().unwrap() - call.started;
        // One more pause, which is at most 150 ms at this point, and a few store operations.
        assert!((ms(500)..ms(500 + 150 + 30)).contains(&waited), "seed {seed}: {waited:?}");
    }
}

#[test]
fn f21_callers_that_reject_the_same_token_make_one_request() {
    for seed in 0..5 {
        let rejecting = CallArgs::default().challenged().rejecting(0);
        let report = Fleet::new(seed)
            .authority(Authority::answering_after(ms(200)))
            .starting_at(EDGE)
            .instances(1)
            .instances(20)
            .arriving(secs(3)..=secs(4))
            .with_args(rejecting.clone())
            .instances(20)
            .arriving(secs(10)..=secs(100))
            .with_args(rejecting)
            .run();
        // An invariant checks that no call gets the rejected token. Both generations are in one window.
        report.check_invariants();
        assert_eq!(report.served(), 41);
        let requests = [1, 2].map(|group| report.requests_of_group(group));
        assert_eq!(requests, [1, 0], "seed {seed}");
        assert!(report.slowest() < secs(1), "seed {seed}: {:?}", report.slowest());
    }
}

#[test]
fn f22_tenants_clients_and_scopes_have_separate_leaders() {
    let callers = [
        CallArgs::default(),
        CallArgs::default().tenant("fabrikam.com"),
        CallArgs::default().client("another"),
        CallArgs::default().scope("api://y/.default"),
        CallArgs::default().tenant("fabrikam.com").client("another").scope("api://y/.default"),
    ];
    for seed in 0..5 {
        let mut fleet = Fleet::new(seed).starting_at(EDGE + secs(3));
        for args in &callers {
            fleet = fleet.instances(50).with_args(args.clone());
        }
        // An invariant checks that each token is for the caller's tenant, client and scope.
        let report = fleet.run();
        report.check_invariants();
        assert_eq!(report.served(), 250);
        for group in 0..callers.len() {
            assert_eq!(report.requests_of_group(group), 1, "seed {seed}, group {group}");
        }
    }
}

#[test]
fn f22_a_failure_for_one_tenant_and_scope_affects_no_other_caller() {
    let failing = CallArgs::default().tenant("fabrikam.com");
    let others = [CallArgs::default(), failing.clone().scope("api://y/.default")];
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
        fleet = fleet.instances(20).with_args(failing.clone()).arriving_within(secs(2));
        for args in others.clone() {
            // The failure is remembered by then, but does not apply to these callers.
            fleet = fleet.instances(20).with_args(args).arriving(secs(3)..=secs(4));
        }
        let report = fleet.run();
        report.check_invariants();
        assert!(report.group(0).all(|outcome| outcome.cause().is_some()), "{behaviour:?}");
        for group in 1..=2 {
            assert!(report.group(group).all(|outcome| outcome.answer().is_some()), "{behaviour:?}");
            assert_eq!(report.requests_of_group(group), 1, "{behaviour:?}, group {group}");
        }
    }
}
