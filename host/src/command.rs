//! The commands of the command line.

mod acquire;
mod application;
mod azure;
mod ca_certificates;
mod cache;
mod calls;
mod certificate;
mod compilation;
mod compose;
mod credential;
mod demo;
mod emulator;
mod environment;
mod expiry;
mod failure;
mod federated;
mod file;
mod output;
mod printable;
mod replace;
mod report;
mod request;
mod serve;
mod stop;
mod store;
mod store_and_network;
mod summary;

use std::error::Error as _;
use std::process::ExitCode;

use clap::CommandFactory;
use clap::Parser;
use clap::error::ContextKind;
use clap::error::ContextValue;
use clap::error::ErrorKind;

use self::failure::Failure;

/// Acquires Microsoft Entra access tokens for an application itself, by running the msal-wasi
/// component.
///
/// Without a command, it runs a demonstration that gets a token twice: from the authority, then from
/// the cache. The application is set by AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET (or
/// AZURE_CLIENT_CERTIFICATE_PATH, or AZURE_FEDERATED_TOKEN_FILE). If they are not set, it uses a
/// built-in emulator.
///
/// HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY are read as curl reads them. Loopback is always reached
/// directly.
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
    #[command(subcommand)]
    Certificate(certificate::Certificate),
    Serve(serve::Serve),
    Compose(compose::Compose),
    Emulator(emulator::Emulator),
}

/// Parses the command line. No message repeats a value, which may be a secret in the wrong place.
fn parse() -> CommandLine {
    CommandLine::try_parse().unwrap_or_else(|error| match reason_without_value(&error) {
        Some(reason) => CommandLine::command().error(error.kind(), reason).exit(),
        None => error.exit(),
    })
}

/// The reason of an error whose own text repeats a value.
fn reason_without_value(error: &clap::Error) -> Option<String> {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.as_str(),
        _ => "",
    };
    // A flag is followed by what stands for its value, or by the value itself.
    let flag = text(ContextKind::InvalidArg).split(['=', ' ']).next().unwrap_or_default();
    let is_flag = flag.starts_with('-')
        && flag.chars().all(|character| character == '-' || character.is_ascii_lowercase());
    match error.kind() {
        ErrorKind::ValueValidation => {
            Some(format!("{flag}: {}", error.source().map(ToString::to_string)?))
        }
        ErrorKind::InvalidValue if !text(ContextKind::InvalidValue).is_empty() => {
            let Some(ContextValue::Strings(valid)) = error.get(ContextKind::ValidValue) else {
                return Some(format!("{flag}: the value is not valid"));
            };
            Some(format!("{flag}: the value is none of {}", valid.join(", ")))
        }
        ErrorKind::UnknownArgument if !is_flag => {
            Some("there is a value without a flag".to_owned())
        }
        ErrorKind::InvalidSubcommand => Some("there is no such command".to_owned()),
        _ => None,
    }
}

/// Parses and runs the command line. The exit status is 2 for wrong usage, and 1 for every other
/// failure.
pub(crate) async fn run() -> ExitCode {
    let outcome = match parse().command {
        None => demo::run().await,
        Some(Command::Acquire(command)) => command.run().await,
        Some(Command::Cache(command)) => command.run().await,
        Some(Command::Certificate(command)) => command.run(),
        Some(Command::Serve(command)) => command.run().await,
        Some(Command::Compose(command)) => command.run(),
        Some(Command::Emulator(command)) => command.run().await,
    };
    outcome.unwrap_or_else(|failure| {
        eprintln!("error: {failure}");
        ExitCode::FAILURE
    })
}

#[cfg(test)]
mod tests;
