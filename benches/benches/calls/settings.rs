//! The settings of a run.

use std::env;
use std::error::Error;
use std::fs;

use msal_artifact::Artifact;
use msal_host_tests::built;

/// The settings of a run.
pub(super) struct Settings {
    /// Fewer calls, and no store with a million entries.
    pub(super) is_quick: bool,
    pub(super) is_written: bool,
    /// Only fuel, memory and sizes.
    pub(super) is_fuel_only: bool,
    pub(super) builds_azure_identity: bool,
    pub(super) component: Vec<u8>,
}

impl Settings {
    pub(super) fn from_arguments() -> Result<Self, Box<dyn Error>> {
        let component = match file("--component")? {
            Some(bytes) => bytes,
            None => built(Artifact::ComponentDraft2).to_vec(),
        };
        Ok(Self {
            is_quick: is_given("--quick"),
            is_written: is_given("--write"),
            is_fuel_only: is_given("--fuel"),
            builds_azure_identity: is_given("--azure-identity"),
            component,
        })
    }

    /// A factor for the numbers of calls.
    pub(super) fn scale(&self) -> f64 {
        if self.is_quick { 0.1 } else { 1.0 }
    }
}

pub(super) fn is_given(argument: &str) -> bool {
    env::args().any(|it| it == argument)
}

/// The bytes of the file that is named after an argument.
fn file(argument: &str) -> Result<Option<Vec<u8>>, String> {
    let Some(path) = env::args().skip_while(|it| it != argument).nth(1) else { return Ok(None) };
    fs::read(&path).map(Some).map_err(|error| format!("{argument} {path}: {error}"))
}
