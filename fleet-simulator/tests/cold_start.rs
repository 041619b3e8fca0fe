//! Many who miss at once.

use msal_fleet_simulator::Authority;
use msal_fleet_simulator::Fleet;
use msal_fleet_simulator::Store;
use msal_fleet_simulator::ms;

#[test]
fn f01_a_thousand_that_miss_at_once_make_one_request() {
    let report = Fleet::new(1)
        .instances(1_000)
        .store(Store::linearizable())
        .authority(Authority::answering_after(ms(200)))
        .run();
    assert_eq!(report.served(), 1_000);
    println!("slowest {:?} ops {}", report.slowest(), report.store_operations);
    assert!(report.token_requests.len() <= 2, "{} requests", report.token_requests.len());
    report.check_laws();
}
