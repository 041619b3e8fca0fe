//! `cache`: hand cached tokens over to MSAL's libraries, and take theirs over.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;

use msal_host::Host;
use msal_host::contract::TokenRequest;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::Failure;
use super::application::Application;
use super::file;
use super::output::print_line;
use super::report::Format;
use super::report::error_text;
use super::surroundings::Surroundings;

/// Hand cached tokens over to MSAL's libraries, or take theirs over.
#[derive(clap::Subcommand, Debug)]
pub(super) enum Cache {
    Export(Box<Export>),
    Import(Box<Import>),
}

/// Print the cached tokens of some scopes as MSAL's libraries keep them. Whoever sees the output has
/// the tokens.
#[derive(clap::Args, Debug)]
pub(super) struct Export {
    #[command(flatten)]
    application: Application,

    #[command(flatten)]
    surroundings: Surroundings,

    /// Whose token to export. May be repeated: each is a token of its own.
    #[arg(long, required = true)]
    scope: Vec<String>,

    /// Put the tokens into this file instead, beside what is in it.
    #[arg(long, value_name = "FILE")]
    into: Option<PathBuf>,
}

/// Take over the application's own tokens from a cache file of MSAL's.
#[derive(clap::Args, Debug)]
pub(super) struct Import {
    #[command(flatten)]
    application: Application,

    #[command(flatten)]
    surroundings: Surroundings,

    /// The cache, as MSAL's libraries serialize it.
    #[arg(long, value_name = "FILE")]
    file: PathBuf,

    /// For people, or one JSON object.
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
        let host = host(&self.surroundings)?;
        let exported = host.export_token_cache(&application, &requests).await;
        let exported =
            exported.map_err(Failure::new)?.map_err(|error| Failure::new(error_text(&error)))?;
        match &self.into {
            Some(path) => merge_into(path, &exported)?,
            None => print_line(exported),
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Import {
    async fn run(self) -> Result<ExitCode, Failure> {
        let application = self.application.read()?;
        let cache = file::read_secret("--file", &self.file)?;
        let host = host(&self.surroundings)?;
        let report = host.import_token_cache(&application, &cache).await;
        let report =
            report.map_err(Failure::new)?.map_err(|error| Failure::new(error_text(&error)))?;
        print_line(match self.output {
            Format::Json => json!(report).to_string(),
            Format::Text => {
                format!("{} tokens imported, {} entries skipped", report.imported, report.skipped)
            }
        });
        Ok(ExitCode::SUCCESS)
    }
}

fn host(surroundings: &Surroundings) -> Result<Host, Failure> {
    let builder = Host::builder().store(surroundings.store()?).network(surroundings.network()?);
    builder.build().map_err(Failure::new)
}

/// Adds entries to a file that MSAL's libraries share. Nodes and entries of others stay as they are.
fn merge_into(path: &Path, exported: &str) -> Result<(), Failure> {
    let failure = |reason: &dyn std::fmt::Display| {
        Failure::of("--into", format_args!("{}: {reason}", path.display()))
    };
    let mut root = match path.exists() {
        true => serde_json::from_slice(&file::read("--into", path)?)
            .map_err(|_| failure(&"it is not a JSON object; the file is left as it is"))?,
        false => Map::new(),
    };
    let exported: Map<String, Value> =
        serde_json::from_str(exported).map_err(|error| failure(&error))?;
    for (node, entries) in exported {
        match (root.get_mut(&node), entries) {
            (Some(Value::Object(there)), Value::Object(entries)) => there.extend(entries),
            (_, entries) => {
                root.insert(node, entries);
            }
        }
    }
    // Renamed into place, so that a reader never sees half a file.
    let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
    write_privately(&temporary, Value::Object(root).to_string().as_bytes())
        .and_then(|()| fs::rename(&temporary, path))
        .map_err(|error| failure(&error))
}

/// What is written is as good as a password.
fn write_privately(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;

    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(bytes)
}
