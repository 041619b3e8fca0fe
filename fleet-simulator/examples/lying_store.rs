//! A store that tells several callers that they are first, and loses one answer in ten.

use msal_fleet_simulator::Chances;
use msal_fleet_simulator::Fault;
use msal_fleet_simulator::Fleet;
use msal_fleet_simulator::Lie;
use msal_fleet_simulator::Store;
use msal_fleet_simulator::ms;

fn main() {
    let store = Store::linearizable()
        .lying(Lie::ManyAreFirst { within: ms(10) })
        .failing_by_chance(Chances::none().of(Fault::LostResponse, 0.1));
    let report = Fleet::new(3).instances(20).arriving_within(ms(100)).store(store).run();
    // It costs token requests, and nobody a token.
    report.check_laws();
    assert_eq!(report.served(), 20);
    print!("{}", report.trace);
    println!("{} token requests, {} faults", report.token_requests.len(), report.store_faults);
}
