//! The command line: acquire tokens, serve and compose components, run the emulator.

mod command;

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    command::run().await
}
