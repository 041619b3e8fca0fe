//! The one who asks for all is killed while it waits for the answer.

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
    report.check_laws();
    for request in &report.token_requests {
        println!("#{} asked after {:?}: {:?}", request.instance, request.sent, request.verdict);
    }
    println!("{} were served, the last after {:?}", report.served(), report.slowest());
    assert!(report.slowest() < secs(4));
}
