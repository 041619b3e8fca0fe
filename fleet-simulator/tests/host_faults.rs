//! Hosts with a local fault, next to healthy ones.

use msal_fleet_simulator::Authority;
use msal_fleet_simulator::CallArgs;
use msal_fleet_simulator::Credential;
use msal_fleet_simulator::Fleet;
use msal_fleet_simulator::HostCall;
use msal_fleet_simulator::HostFault;
use msal_fleet_simulator::Outcome;
use msal_fleet_simulator::Report;
use msal_fleet_simulator::ms;
use msal_fleet_simulator::secs;

const FAULTS: [HostFault; 9] = [
    HostFault::NoName,
    HostFault::NoConnection { after: ms(1) },
    HostFault::NoConnection { after: secs(60) },
    HostFault::NoTrust,
    HostFault::Forbids,
    HostFault::NoProvider,
    HostFault::BadKeyFile,
    HostFault::NoMemory(HostCall::Random),
    HostFault::NoMemory(HostCall::Send),
];

/// One host with a fault calls in a loop for a minute; another host calls every two seconds. Tokens are served for ten.
fn pair(seed: u64, fault: HostFault) -> Report {
    let args = CallArgs::default().cache_key(&[7; 32]).credentials(&[Credential::Provider]);
    Fleet::new(seed)
        .authority(Authority::answering_after(ms(200)).lifetime(secs(20)))
        .instances(1)
        .calling(600, ms(100)..=ms(100))
        .with_args(args.clone())
        .with_host_fault(fault)
        .instances(1)
        .arriving(secs(1)..=secs(1))
        .calling(30, secs(2)..=secs(2))
        .with_args(args)
        .run()
}

#[test]
fn a_fault_of_one_host_fails_no_call_of_another() {
    for fault in FAULTS {
        for seed in 0..4 {
            let report = pair(seed, fault);
            report.check_invariants();
            let served = report.group(1).filter(|call| call.answer().is_some()).count();
            assert_eq!(served, 30, "{fault:?}, seed {seed}");
            let slowest = report.group(1).map(Outcome::took).max().unwrap();
            // A trap releases nothing, so others wait up to their limit.
            let most = if let HostFault::NoMemory(_) = fault { secs(21) } else { secs(6) };
            assert!(slowest < most, "{fault:?}, seed {seed}: {slowest:?}");
        }
    }
}

#[test]
fn a_host_with_a_fault_is_served_from_the_cache() {
    for fault in FAULTS {
        let report = pair(1, fault);
        let served = report.group(0).filter(|call| call.answer().is_some()).count();
        assert!(served > 50, "{fault:?}: {served} calls were served");
        assert!(report.group(0).any(|call| call.host_faults > 0), "{fault:?}");
    }
}

#[test]
fn a_host_recovers_when_its_fault_ends() {
    for fault in FAULTS {
        let args = CallArgs::default().cache_key(&[7; 32]).credentials(&[Credential::Provider]);
        let report = Fleet::new(1)
            .instances(1)
            .calling(200, ms(100)..=ms(100))
            .with_args(args)
            .with_host_fault_during(ms(0)..=secs(5), fault)
            .run();
        report.check_invariants();
        let is_served_later = |call: &Outcome| call.started < secs(6) || call.answer().is_some();
        assert!(report.outcomes.iter().all(is_served_later), "{fault:?}");
    }
}
