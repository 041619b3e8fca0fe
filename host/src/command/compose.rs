//! `compose`: writes an app and the component into one file.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use msal_host::ComponentSource;
use msal_host::HostError;

use super::Failure;
use super::file;
use super::replace;
use super::replace::NewFile;

/// Compose an app that imports the contract with the component that implements it, and write both into
/// one file.
///
/// `serve` composes an app by itself. The built-in component needs wasi:keyvalue@0.2.0-draft2 and an
/// assertion provider, which this host has. For Spin, wasmtime and wasmCloud, take the component that
/// the README lists for them.
#[derive(clap::Args, Debug)]
pub(super) struct Compose {
    /// The app: a component that imports msal:client-credentials/client-credentials or, for a configured component,
    /// msal:client-credentials/token-provider.
    #[arg(value_name = "APP.wasm")]
    app: PathBuf,

    /// The file for the composed component. An existing file is replaced.
    #[arg(short, long, value_name = "OUT.wasm")]
    out: PathBuf,

    /// Compose the app with this component instead of the built-in one.
    #[arg(long, value_name = "FILE.wasm")]
    component: Option<PathBuf>,

    /// Take the rights of the host from the app before it is composed, with this guard: it cannot read the configuration
    /// of a configured component. An app with a right that the guard does not take is refused.
    #[arg(long, value_name = "GUARD.wasm")]
    guard: Option<PathBuf>,
}

impl Compose {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        let cannot = |error: io::Error| replace::cannot_write("--out", &error);
        let existing = replace::existing(&self.out).map_err(cannot)?;
        if existing.is_some() && existing == fs::canonicalize(&self.app).ok() {
            return Err(Failure::of("--out", "is the app itself; name another file"));
        }
        let app = file::read("APP.wasm", &self.app)?;
        let app = match &self.guard {
            Some(path) => msal_host::isolate(&app, &file::read("--guard", path)?)
                .map_err(|error| Failure::of("APP.wasm", error))?,
            None => app,
        };
        let component = match &self.component {
            Some(path) => file::read("--component", path)?.into(),
            None => ComponentSource::default(),
        };
        let composed = msal_host::compose(&app, component).map_err(|error| match error {
            HostError::Component(_) => Failure::of("--component", error),
            _ => Failure::of("APP.wasm", error),
        })?;
        let target = existing.as_ref().unwrap_or(&self.out);
        replace::replace(target, &composed, NewFile::Ordinary).map_err(cannot)?;
        Ok(ExitCode::SUCCESS)
    }
}
