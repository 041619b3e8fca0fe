//! Complete runs, drawn from seeds.

use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

use msal_fleet_simulator::Fleet;
use msal_fleet_simulator::fleet_of_seed;

#[test]
fn f24_no_seed_violates_an_invariant() {
    let seeds = std::env::var("FLEET_SEEDS").map_or(2_000, |text| text.parse().expect("a number"));
    for seed in 0..seeds {
        fleet_of_seed(seed).run().check_invariants();
    }
}

#[test]
fn equal_seeds_make_equal_runs_and_different_seeds_differ() {
    let fingerprint = |seed| fleet_of_seed(seed).run().trace.fingerprint();
    for seed in 0..20 {
        assert_eq!(fingerprint(seed), fingerprint(seed), "seed {seed}");
        assert_ne!(fingerprint(seed), fingerprint(seed + 1), "seed {seed}");
    }
}

#[test]
fn a_violation_is_reported_with_the_seed_and_the_trace() {
    let mut report = Fleet::new(4_711).instances(2).run();
    report.tokens.clear();
    let panic = catch_unwind(AssertUnwindSafe(|| report.check_invariants())).unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    for part in ["seed 4711", "NoWrongToken", "returns token 0", "token request 0"] {
        assert!(text.contains(part), "{part} in {text}");
    }
}
