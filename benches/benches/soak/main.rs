//! A long run: host processes acquire short-lived tokens over one store while the authority, the store and the processes
//! themselves fail. `docs/soak.md` explains what is checked.
//!
//! `cargo bench -p msal-benches --bench soak` makes a million calls over Redis and takes some minutes. After `--`,
//! `--calls N` sets the number of calls, `--store sqlite` the store, and `--pause SECONDS` the time between two faults of
//! the authority.

mod applications;
mod episodes;
mod failure;
mod fault;
mod faults;
mod fleet;
mod memory;
mod process;
mod report;
mod settings;
mod soak;
mod tally;
mod worker;

use std::env;
use std::error::Error;

use self::settings::Settings;

fn main() -> Result<(), Box<dyn Error>> {
    // One thread per process, as in the benchmark of the fleet.
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    if env::args().any(|argument| argument == worker::ARGUMENT) {
        return runtime.block_on(worker::work());
    }
    // Cargo passes `--bench`; as part of `cargo test` there is nothing to check here.
    if env::args().any(|argument| argument == "--bench") {
        runtime.block_on(soak::soak(&Settings::from_arguments()?))?;
    }
    Ok(())
}
