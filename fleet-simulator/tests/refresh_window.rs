//! Many instances find a token that is due for a refresh.

use std::ops::RangeInclusive;
use std::time::Duration;

use msal_fleet_simulator::Authority;
use msal_fleet_simulator::Fleet;
use msal_fleet_simulator::Store;
use msal_fleet_simulator::ms;
use msal_fleet_simulator::secs;

/// One instance fetches a token for an hour; a thousand arrive after its refresh has become due.
fn a_thousand(seed: u64, arrival: RangeInclusive<Duration>) -> Fleet {
    Fleet::new(seed)
        .authority(Authority::answering_after(ms(200)).refresh_in(secs(1_800)))
        .instances(1)
        .instances(1_000)
        .arriving(arrival)
}

#[test]
fn f04_in_the_refresh_window_one_call_refreshes_and_the_others_do_not_wait() {
    for seed in 0..5 {
        let fleet = a_thousand(seed, secs(2_000)..=secs(2_000));
        let report = fleet.starting_at(secs(1_700_000_003)).run();
        report.check_invariants();
        assert_eq!(report.served(), 1_001);
        assert_eq!(report.requests_of_group(1), 1, "seed {seed}");
        let waited = report.group(1).filter(|outcome| outcome.took() > ms(50)).count();
        assert!(waited <= 1, "{waited} waited");
    }
}

#[test]
fn f04_calls_spread_over_the_refresh_window_refresh_at_most_twice() {
    for seed in 0..5 {
        let report = a_thousand(seed, secs(2_000)..=secs(2_020)).run();
        report.check_invariants();
        assert_eq!(report.served(), 1_001);
        assert!((1..=2).contains(&report.requests_of_group(1)), "seed {seed}");
    }
}

#[test]
fn f04_without_atomics_at_most_one_in_a_hundred_refreshes() {
    let mut most = 0;
    for seed in 0..5 {
        let fleet = a_thousand(seed, secs(2_000)..=secs(2_000));
        let report = fleet.store(Store::linearizable().without_atomics()).run();
        report.check_invariants();
        assert_eq!(report.served(), 1_001);
        most = most.max(report.requests_of_group(1));
    }
    println!("1,000 instances in the refresh window without atomics: {most} requests at most");
    assert!(most <= 10, "{most} requests");
}
