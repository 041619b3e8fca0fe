//! The commands of the command line.

mod acquire;
mod application;
mod azure;
mod cache;
mod cache_file;
mod calls;
mod credential;
mod demo;
mod emulator;
mod expiry;
mod failure;
mod federated;
mod file;
mod output;
mod printable;
mod report;
mod request;
mod serve;
mod stop;
mod store_and_network;
mod summary;

use std::process::ExitCode;

use clap::Parser;

use self::failure::Failure;

/// Acquires Microsoft Entra access tokens for an application itself, by running the msal-wasi
/// component.
///
/// Without a command, it runs a demonstration that gets a token twice: from the authority, then from
/// the cache. The application is set by AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET (or
/// AZURE_CLIENT_CERTIFICATE_PATH, or AZURE_FEDERATED_TOKEN_FILE). If they are not set, it uses a
/// built-in emulator.
#[derive(Debug, Parser)]
#[command(name = "msal-host", version, max_term_width = 100)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Acquire(Box<acquire::Acquire>),
    #[command(subcommand)]
    Cache(cache::Cache),
    Serve(serve::Serve),
    Emulator(emulator::Emulator),
}

/// Parses and runs the command line. The exit status is 2 for wrong usage, and 1 for every other
/// failure.
pub(crate) async fn run() -> ExitCode {
    let outcome = match CommandLine::parse().command {
        None => demo::run().await,
        Some(Command::Acquire(command)) => command.run().await,
        Some(Command::Cache(command)) => command.run().await,
        Some(Command::Serve(command)) => command.run().await,
        Some(Command::Emulator(command)) => command.run().await,
    };
    outcome.unwrap_or_else(|failure| {
        eprintln!("error: {failure}");
        ExitCode::FAILURE
    })
}

#[cfg(test)]
mod tests;
