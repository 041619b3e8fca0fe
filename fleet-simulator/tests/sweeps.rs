//! Injects one fault or death at every possible point.

use msal_fleet_simulator::Authority;
use msal_fleet_simulator::Behaviour;
use msal_fleet_simulator::CallArgs;
use msal_fleet_simulator::Death;
use msal_fleet_simulator::DeathMoment;
use msal_fleet_simulator::Fault;
use msal_fleet_simulator::Fleet;
use msal_fleet_simulator::Report;
use msal_fleet_simulator::Store;
use msal_fleet_simulator::ms;
use msal_fleet_simulator::secs;

fn authority() -> Authority {
    Authority::answering_after(ms(200)).refresh_in(secs(1_800))
}

/// The fleets that the sweep of store operations covers. Any operation of any call may be the one that fails.
fn situations() -> Vec<(&'static str, Fleet)> {
    let fleet = |seed| Fleet::new(seed).authority(authority()).instances(1);
    let throttled =
        authority().during(secs(0)..=secs(5), Behaviour::Throttles { retry_after: secs(20) });
    vec![
        ("cold miss", Fleet::new(1).authority(authority()).instances(3)),
        ("warm hit", fleet(2).instances(3).arriving(secs(10)..=secs(10))),
        ("refresh window", fleet(3).instances(3).arriving(secs(2_000)..=secs(2_000))),
        ("expired", fleet(4).instances(3).arriving(secs(3_400)..=secs(3_400))),
        (
            "forced refresh",
            fleet(5)
                .instances(3)
                .arriving(secs(10)..=secs(10))
                .with_args(CallArgs::default().forced()),
        ),
        (
            "claims",
            fleet(6)
                .instances(3)
                .arriving(secs(10)..=secs(10))
                .with_args(CallArgs::default().challenged()),
        ),
        ("throttled", fleet(7).authority(throttled).instances(3).arriving(secs(1)..=secs(2))),
    ]
}

#[test]
fn e32_any_fault_of_any_operation_leaves_the_token_correct() {
    let faults = [
        Fault::Error,
        Fault::LostResponse,
        Fault::LostWrite,
        Fault::StaleRead,
        Fault::Corrupted,
        Fault::Torn,
        Fault::ForeignValue,
        Fault::Slow(secs(4)),
    ];
    for (situation, fleet) in situations() {
        // Later callers must get a token, regardless of what the fault left in the store.
        let fleet = fleet.instances(2).arriving(secs(3_600)..=secs(3_600));
        let clean = fleet.run();
        clean.check_invariants();
        assert!(clean.store_operations > 5, "{situation}");
        for fault in faults {
            for operation in 1..=clean.store_operations {
                let store = Store::linearizable().failing_at(operation, fault);
                let report = fleet.clone().store(store).run();
                report.check_invariants();
                assert!(
                    report.group(last_group(&report)).all(|outcome| outcome.answer().is_some()),
                    "{situation}: after operation {operation} with {fault:?} later calls fail"
                );
            }
        }
    }
}

fn last_group(report: &Report) -> usize {
    report.outcomes.iter().map(|outcome| outcome.group).max().unwrap()
}

/// Kills one instance at each of its host calls.
fn sweep(fleet: &Fleet, victim: u32, of_group: usize, check: impl Fn(&str, &Report)) {
    let clean = fleet.run();
    clean.check_invariants();
    let calls = clean.group(of_group).next().unwrap().host_calls;
    assert!(calls > 5);
    for nth in 1..=calls {
        for moment in [DeathMoment::Before, DeathMoment::During, DeathMoment::After] {
            let report = fleet.clone().killing(Death::of(victim, moment, nth)).run();
            report.check_invariants();
            assert_eq!(report.deaths(), 1, "{moment:?} host call {nth}");
            check(&format!("{moment:?} host call {nth}"), &report);
        }
    }
}

#[test]
fn e33_whenever_a_leader_dies_the_next_call_has_a_token_within_a_lease() {
    for others in [1, 5] {
        let fleet = Fleet::new(33)
            .authority(authority())
            .instances(1)
            .instances(others)
            .arriving(ms(50)..=ms(50));
        sweep(&fleet, 0, 0, |death, report| {
            for next in report.group(1) {
                assert!(next.answer().is_some(), "{death}");
                assert!(next.took() <= ms(5_500), "{death}: {:?}", next.took());
            }
        });
    }
}

#[test]
fn e33_whenever_a_refreshing_instance_dies_the_next_call_does_not_wait() {
    let fleet = Fleet::new(33)
        .authority(authority())
        .instances(1)
        .instances(1)
        .arriving(secs(2_000)..=secs(2_000))
        .instances(5)
        .arriving(ms(2_000_050)..=ms(2_000_100))
        .instances(1)
        .arriving(secs(2_032)..=secs(2_032));
    sweep(&fleet, 1, 1, |death, report| {
        let mut refreshing = 0;
        for next in report.group(2) {
            assert!(next.answer().is_some(), "{death}");
            if next.requested_at().is_some() {
                refreshing += 1;
            } else {
                assert!(next.took() <= ms(50), "{death}: {:?}", next.took());
            }
        }
        assert!(
            refreshing <= 1,
            "{death}: {refreshing} calls refresh instead of returning at once"
        );
        // The lease of the dead instance has expired, so the token has been refreshed by now, at the latest by this call.
        let last = report.group(3).next().unwrap().answer().unwrap();
        assert!(last.token.is_some_and(|token| token > 0), "{death}: no call refreshed the token");
    });
}
