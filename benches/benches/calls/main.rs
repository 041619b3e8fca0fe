//! The cost of a call: ours, of fresh and reused instances over small and large stores, and beside it that of MSAL Python,
//! MSAL Node, azure_identity and OpenSSL, in turn in one run. `docs/benchmarks.md` explains the figures.
//!
//! `cargo bench -p msal-benches --bench calls` measures and prints. After `--`:
//! - `--write` writes the tables into `docs/benchmarks.md` and the plot into `docs/benchmarks.svg`,
//! - `--quick` makes fewer calls and leaves out the store with a million entries,
//! - `--fuel` measures only fuel, memory and sizes,
//! - `--azure-identity` builds the program that times azure_identity, which is used if it is built,
//! - `--component FILE` measures another build of the component.
//!
//! MSAL Python and MSAL Node are those that `host-tests/peers/install.sh target/peers` installs.

mod costs;
mod document;
mod figures;
mod goals;
mod openssl;
mod ours;
mod peers;
mod plot;
mod run;
mod settings;
mod subject;
mod throughput;

use std::error::Error;

use msal_benches::fill;

use self::costs::Costs;
use self::peers::Peers;
use self::run::Run;
use self::settings::Settings;

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo passes `--bench`; as part of `cargo test` there is nothing to check here.
    if !settings::is_given("--bench") {
        return Ok(());
    }
    let settings = Settings::from_arguments()?;
    if settings.is_fuel_only {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let costs = runtime.block_on(Costs::of(&settings.component))?;
        print!("{}", document::costs(&costs));
        return Ok(());
    }
    let peers = Peers::find(&settings)?;
    for missing in peers.missing() {
        eprintln!("skipped: {missing}");
    }
    if settings.is_written && !peers.missing().is_empty() {
        return Err("--write needs all libraries".into());
    }
    let run = Run::of(&settings, &peers)?;
    let tables = [
        ("setting", run.setting.clone()),
        ("calls", document::calls(&run.figures)),
        ("throughput", document::throughput(&run.rates)),
        ("costs", document::costs(&run.costs)),
        ("goals", document::goals(&goals::all(&run.figures, &run.costs))),
    ];
    for (_, table) in &tables {
        println!("{table}");
    }
    if settings.is_written {
        let docs = peers::repository().join("docs");
        for (name, table) in &tables {
            fill(&docs.join("benchmarks.md"), name, table)?;
        }
        plot::draw(&docs.join("benchmarks.svg"), &run.figures)?;
    }
    Ok(())
}
