//! The command line: acquire tokens, serve a composed component, run the emulator.

mod command;

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    command::run().await
}
