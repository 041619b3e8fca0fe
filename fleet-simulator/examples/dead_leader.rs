//! The leader is killed while it waits for the answer to its token request.

use msal_fleet_simulator::Death;
use msal_fleet_simulator::DeathMoment;
use msal_fleet_simulator::Fleet;
use msal_fleet_simulator::HostCall;
use msal_fleet_simulator::secs;

fn main() {
    let report = Fleet::new(2)
        .instances(100)
        .killing(Death::of_the_first(DeathMoment::During, HostCall::Send))
        .run();
    report.check_invariants();
    for request in &report.token_requests {
        println!(
            "#{} requested a token after {:?}: {:?}",
            request.instance, request.sent, request.verdict
        );
    }
    println!("{} calls got a token, the last after {:?}", report.served(), report.slowest());
    assert!(report.slowest() < secs(4));
}
