//! The token requests and waits of a fleet: several host processes, each with many concurrent fresh instances, share one
//! Redis server or SQLite file, and the emulator counts the token requests. `docs/fleet.md` explains the figures.
//!
//! `cargo bench -p msal-benches --bench fleet` measures and prints. After `--`, `--write` writes the figures into
//! `docs/fleet.md` and the plot into `docs/fleet.svg`, `--only NAME` measures the scenarios whose name contains NAME, and
//! `--component FILE` measures another build of the component.

mod call;
mod document;
mod figures;
mod plot;
mod run;
mod scenario;
mod worker;

use std::env;
use std::error::Error;
use std::path::Path;

use msal_benches::fill;

use self::figures::Figures;

fn main() -> Result<(), Box<dyn Error>> {
    // One thread per process: several processes share the machine, and waiting callers need no thread.
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    if env::args().any(|argument| argument == worker::ARGUMENT) {
        return runtime.block_on(worker::work());
    }
    // Cargo passes `--bench`; as part of `cargo test` there is nothing to check here.
    if env::args().any(|argument| argument == "--bench") {
        runtime.block_on(measure())?;
    }
    Ok(())
}

async fn measure() -> Result<(), Box<dyn Error>> {
    let only = value_of("--only").unwrap_or_default();
    let is_written = env::args().any(|argument| argument == "--write");
    if is_written && !only.is_empty() {
        return Err("--write needs all scenarios: leave out --only".into());
    }
    let mut runs = Vec::new();
    for scenario in scenario::all().into_iter().filter(|it| it.name.contains(&only)) {
        eprintln!("measuring: {} ({} s)", scenario.name, scenario.duration.as_secs());
        let run = run::run(&scenario).await?;
        let figures = Figures::of(&run, &scenario);
        eprintln!("{figures}");
        runs.push((scenario, run, figures));
    }
    let table = document::table(runs.iter().map(|(scenario, _, figures)| (scenario, figures)));
    let goals = document::goals(runs.iter().map(|(scenario, _, figures)| (scenario, figures)));
    println!("{table}\n{goals}");
    if is_written {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
        fill(&docs.join("fleet.md"), "figures", &table)?;
        fill(&docs.join("fleet.md"), "goals", &goals)?;
        let compared: Vec<_> = runs
            .iter()
            .filter(|(scenario, ..)| scenario.is_plotted)
            .map(|(scenario, run, _)| (scenario, run))
            .collect();
        plot::draw(&docs.join("fleet.svg"), &compared)?;
    }
    Ok(())
}

/// The value after an argument on the command line.
fn value_of(argument: &str) -> Option<String> {
    env::args().skip_while(|it| it != argument).nth(1)
}
