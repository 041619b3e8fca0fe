//! Runs many seeds on all cores: `cargo run --release -p msal-fleet-simulator --example seeds -- 100000`.
//!
//! A second number is the first seed; one seed alone tells everything if it breaks a law: `-- 1 4711`.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use msal_fleet_simulator::fleet_of_seed;

fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse().expect("a number"));
    let seeds: u64 = arguments.next().unwrap_or(100_000);
    let first: u64 = arguments.next().unwrap_or(0);
    if seeds == 1 {
        return fleet_of_seed(first).run().check_laws();
    }
    let started = Instant::now();
    let (next, done, failed) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, |cores| cores.get()) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Relaxed);
                    if seed >= seeds {
                        break;
                    }
                    let report = fleet_of_seed(first + seed).run();
                    for broken in report.broken_laws() {
                        println!("seed {}: {broken}", first + seed);
                        failed.fetch_max(1, Relaxed);
                    }
                    done.fetch_add(1, Relaxed);
                }
            });
        }
        scope.spawn(|| {
            while done.load(Relaxed) < seeds {
                thread::sleep(Duration::from_millis(200));
                let (done, seconds) = (done.load(Relaxed), started.elapsed().as_secs_f64());
                eprint!("\r{done} of {seeds} seeds, {:.0} per second ", done as f64 / seconds);
            }
            eprintln!();
        });
    });
    let is_failed = failed.load(Relaxed) > 0;
    println!("{}", if is_failed { "laws were broken" } else { "no law was broken" });
    std::process::exit(i32::from(is_failed));
}
