//! A thousand instances start at once, over stores with and without atomic counters.

use std::time::Duration;

use msal_fleet_simulator::Authority;
use msal_fleet_simulator::Fleet;
use msal_fleet_simulator::Store;
use msal_fleet_simulator::ms;

fn main() {
    let stores = [
        ("with atomics", Store::linearizable()),
        ("without", Store::linearizable().without_atomics()),
        ("three replicas", Store::replicated(3, ms(500))),
    ];
    for (name, store) in stores {
        let report = Fleet::new(1)
            .instances(1_000)
            .arriving_within(Duration::ZERO)
            .store(store)
            .authority(Authority::answering_after(ms(200)))
            .run();
        report.check_invariants();
        let requests = report.token_requests.len();
        println!("{name}: {requests} token requests, the last served after {:?}", report.slowest());
    }
}
