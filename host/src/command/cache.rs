//! `cache`: exports cached tokens to MSAL's libraries and imports theirs.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use msal_host::Host;
use msal_host::HostError;
use msal_host::contract::AcquireError;
use msal_host::contract::ImportReport;
use msal_host::contract::TokenRequest;
use serde_json::json;

use super::Failure;
use super::application::Application;
use super::cache_file;
use super::file;
use super::output::deliver_line;
use super::output::output_failure;
use super::report::Format;
use super::report::Report;
use super::store_and_network::StoreAndNetworkArgs;

/// Export cached tokens to MSAL's libraries, or import theirs.
#[derive(clap::Subcommand, Debug)]
pub(super) enum Cache {
    Export(Box<Export>),
    Import(Box<Import>),
}

/// Print the cached tokens of some scopes in the cache format of MSAL's libraries. The output contains
/// the tokens.
#[derive(clap::Args, Debug)]
pub(super) struct Export {
    #[command(flatten)]
    application: Application,

    #[command(flatten)]
    store_and_network: StoreAndNetworkArgs,

    /// The scope of the token to export. May be repeated: each scope is a separate token.
    #[arg(long, required = true)]
    scope: Vec<String>,

    /// Merge the tokens into this file instead. No other process may write to the file at the same
    /// time.
    #[arg(long, value_name = "FILE")]
    into: Option<PathBuf>,
}

/// Import the application's own tokens from an MSAL cache file.
#[derive(clap::Args, Debug)]
pub(super) struct Import {
    #[command(flatten)]
    application: Application,

    #[command(flatten)]
    store_and_network: StoreAndNetworkArgs,

    /// The cache file, as serialized by MSAL's libraries.
    #[arg(long, value_name = "FILE")]
    file: PathBuf,

    /// Output format: text, or one JSON object.
    #[arg(long, value_name = "text|json", default_value = "text")]
    output: Format,
}

impl Cache {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::Export(export) => export.run().await,
            Self::Import(import) => import.run().await,
        }
    }
}

impl Export {
    async fn run(self) -> Result<ExitCode, Failure> {
        let application = self.application.read()?;
        let requests: Vec<TokenRequest> = self.scope.iter().map(TokenRequest::new).collect();
        let host = host(&self.application, &self.store_and_network)?;
        let exported = host.export_token_cache(&application, &requests).await;
        let Some(exported) = accepted(exported, Format::Text)? else {
            return Ok(ExitCode::FAILURE);
        };
        match &self.into {
            Some(path) => cache_file::merge_into(path, &exported)?,
            None => deliver_line(exported)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Import {
    async fn run(self) -> Result<ExitCode, Failure> {
        let report = match self.import().await {
            Ok(Some(report)) => report,
            Ok(None) => return Ok(ExitCode::FAILURE),
            Err(failure) => {
                // This fails if standard output is closed. The failure is still printed to standard error.
                let _ = report(self.output).failure(&failure, &mut io::stdout());
                return Err(failure);
            }
        };
        match self.output {
            Format::Json => deliver_line(json!(report))?,
            Format::Text => deliver_line(format_args!(
                "{} tokens imported, {} entries skipped",
                report.imported, report.skipped
            ))?,
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn import(&self) -> Result<Option<ImportReport>, Failure> {
        let application = self.application.read()?;
        let cache = file::read_secret("--file", &self.file)?;
        let host = host(&self.application, &self.store_and_network)?;
        accepted(host.import_token_cache(&application, &cache).await, self.output)
    }
}

fn host(
    application: &Application,
    store_and_network: &StoreAndNetworkArgs,
) -> Result<Host, Failure> {
    let builder =
        Host::builder().store(store_and_network.store()?).network(store_and_network.network()?);
    application.provide(builder).build().map_err(Failure::new)
}

/// Returns the component's result, or reports its error as `acquire` does and returns `None`.
fn accepted<T>(
    outcome: Result<Result<T, AcquireError>, HostError>,
    format: Format,
) -> Result<Option<T>, Failure> {
    match outcome.map_err(Failure::new)? {
        Ok(done) => Ok(Some(done)),
        Err(error) => {
            report(format).error(&error, &mut io::stdout()).map_err(output_failure)?;
            Ok(None)
        }
    }
}

fn report(format: Format) -> Report {
    Report { format, is_token_shown: false }
}
