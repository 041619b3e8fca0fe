//! `cache`: exports cached tokens to MSAL's libraries and imports theirs.

mod export;
mod file;
mod import;
mod parts;
mod skipped;
mod watched_store;

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use msal_host::Host;
use msal_host::HostError;
use msal_host::contract::AcquireError;

use self::watched_store::WatchedStore;
use super::Failure;
use super::application::Application;
use super::compilation::CompilationArgs;
use super::output::output_failure;
use super::report::Format;
use super::report::Report;
use super::store_and_network::StoreAndNetworkArgs;

/// Export cached tokens to MSAL's libraries, or import theirs.
#[derive(clap::Subcommand, Debug)]
pub(super) enum Cache {
    Export(Box<export::Export>),
    Import(Box<import::Import>),
}

impl Cache {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::Export(export) => export.run().await,
            Self::Import(import) => import.run().await,
        }
    }
}

/// The application, and the host that holds its tokens.
#[derive(clap::Args, Debug)]
struct HostArgs {
    #[command(flatten)]
    application: Application,

    #[command(flatten)]
    store_and_network: StoreAndNetworkArgs,

    #[command(flatten)]
    compilation: CompilationArgs,
}

impl HostArgs {
    /// A host over a store that lasts, and the store, which knows whether an operation has failed. To the component a
    /// failing store is an empty one.
    fn host(&self) -> Result<(Host, Arc<WatchedStore>), Failure> {
        let store = Arc::new(WatchedStore::new(self.store_and_network.lasting_store()?));
        let builder = Host::builder()
            .store(store.clone())
            .network(self.store_and_network.network()?)
            .compilation(self.compilation.of_built_in());
        Ok((self.application.provide(builder).build().map_err(Failure::new)?, store))
    }
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
