//! Many who find a token that should be refreshed.

use std::ops::RangeInclusive;
use std::time::Duration;

use msal_fleet_simulator::Authority;
use msal_fleet_simulator::Fleet;
use msal_fleet_simulator::Store;
use msal_fleet_simulator::ms;
use msal_fleet_simulator::secs;

/// One fetches a token for an hour; a thousand come when its refresh has been due for a while.
fn a_thousand(seed: u64, arrival: RangeInclusive<Duration>) -> Fleet {
    Fleet::new(seed)
        .authority(Authority::answering_after(ms(200)).refresh_in(secs(1_800)))
        .instances(1)
        .instances(1_000)
        .arriving(arrival)
}

#[test]
fn f04_in_the_refresh_window_one_refreshes_and_nobody_waits() {
    for seed in 0..5 {
        let fleet = a_thousand(seed, secs(2_000)..=secs(2_000));
        let report = fleet.starting_at(secs(1_700_000_003)).run();
        report.check_laws();
        assert_eq!(report.served(), 1_001);
        assert_eq!(report.requests_of_group(1), 1, "seed {seed}");
        let waited = report.group(1).filter(|outcome| outcome.took() > ms(50)).count();
        assert!(waited <= 1, "{waited} waited");
    }
}

#[test]
fn f04_those_who_come_one_after_another_refresh_once_too() {
    for seed in 0..5 {
        let report = a_thousand(seed, secs(2_000)..=secs(2_020)).run();
        report.check_laws();
        assert_eq!(report.served(), 1_001);
        assert!((1..=2).contains(&report.requests_of_group(1)), "seed {seed}");
    }
}

#[test]
fn f04_without_atomics_one_in_a_hundred_refreshes() {
    let mut most = 0;
    for seed in 0..5 {
        let fleet = a_thousand(seed, secs(2_000)..=secs(2_000));
        let report = fleet.store(Store::linearizable().without_atomics()).run();
        report.check_laws();
        assert_eq!(report.served(), 1_001);
        most = most.max(report.requests_of_group(1));
    }
    println!("1,000 instances in the refresh window without atomics: {most} requests at most");
    assert!(most <= 10, "{most} requests");
}
