//! Runs many seeds on all cores: `cargo run --release -p msal-fleet-simulator --example seeds -- 100000`.
//!
//! A second number is the first seed. A single seed prints its whole report if it violates an invariant: `-- 1 4711`.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::thread::ScopedJoinHandle;
use std::time::Duration;
use std::time::Instant;

use msal_fleet_simulator::fleet_of_seed;

/// The number of seeds that is run before a release.
const ALL: u64 = 100_000;

/// The workers' results so far.
#[derive(Default)]
struct Tally {
    next: AtomicU64,
    done: AtomicU64,
    /// Runs in which the number of requests is bounded.
    bounded: AtomicU64,
    violations: AtomicU64,
}

fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse().expect("a number"));
    let seeds: u64 = arguments.next().unwrap_or(ALL);
    let first: u64 = arguments.next().unwrap_or(0);
    if seeds == 1 {
        return fleet_of_seed(first).run().check_invariants();
    }
    let started = Instant::now();
    let tally = Tally::default();
    thread::scope(|scope| {
        let cores = thread::available_parallelism().map_or(1, |cores| cores.get());
        let work = || scope.spawn(|| work(&tally, first, seeds));
        let workers: Vec<_> = (0..cores).map(|_| work()).collect();
        // A worker that panicked is finished, too; the scope then panics.
        while !workers.iter().all(ScopedJoinHandle::is_finished) {
            thread::sleep(Duration::from_millis(200));
            let (done, seconds) = (tally.done.load(Relaxed), started.elapsed().as_secs_f64());
            eprint!("\r{done} of {seeds} seeds, {:.0} per second ", done as f64 / seconds);
        }
        eprintln!();
    });
    let bounded = tally.bounded.load(Relaxed) * 100 / seeds.max(1);
    println!("{bounded} % of the runs have a healthy store and exact clocks");
    if seeds < ALL {
        println!("all seeds: cargo run --release -p msal-fleet-simulator --example seeds -- {ALL}");
    }
    let violations = tally.violations.load(Relaxed);
    println!("{violations} violations of invariants");
    std::process::exit(i32::from(violations > 0));
}

fn work(tally: &Tally, first: u64, seeds: u64) {
    loop {
        let seed = tally.next.fetch_add(1, Relaxed);
        if seed >= seeds {
            break;
        }
        let report = fleet_of_seed(first + seed).run();
        tally.bounded.fetch_add(u64::from(report.is_exact()), Relaxed);
        for violation in report.violations() {
            println!("seed {}: {violation}", first + seed);
            tally.violations.fetch_add(1, Relaxed);
        }
        tally.done.fetch_add(1, Relaxed);
    }
}
