//! A store that gives several callers the first ticket and loses one response in ten.

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
    // This costs additional token requests, but every call gets a token.
    report.check_invariants();
    assert_eq!(report.served(), 20);
    print!("{}", report.trace);
    println!("{} token requests, {} faults", report.token_requests.len(), report.store_faults);
}
