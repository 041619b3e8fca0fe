//! Records when an artifact was built.
//!
//! Cargo cannot tell: the variants of a package share one output file, so it rebuilds a variant after every build of
//! another one.

use std::fs;
use std::fs::File;
use std::path::Path;
use std::path::PathBuf;
use std::time::SystemTime;

use crate::BuildError;

/// A file whose modification time is the start of the artifact's last build. The artifact's own modification time
/// changes only with its bytes.
pub(crate) struct Stamp<'a> {
    artifact: &'a Path,
    path: PathBuf,
}

impl<'a> Stamp<'a> {
    pub(crate) fn of(artifact: &'a Path) -> Self {
        Self { artifact, path: artifact.with_extension("built") }
    }

    /// Whether the artifact exists and no input has changed since its build started.
    pub(crate) fn is_newer_than(&self, inputs: &[PathBuf]) -> bool {
        let Some(built) = modified(&self.path).filter(|_| self.artifact.is_file()) else {
            return false;
        };
        inputs.iter().all(|input| last_change(input).is_some_and(|changed| changed < built))
    }

    pub(crate) fn set(&self, start: SystemTime) -> Result<(), BuildError> {
        File::create(&self.path)
            .and_then(|file| file.set_modified(start))
            .map_err(|error| BuildError(format!("cannot write {}: {error}", self.path.display())))
    }
}

/// The latest modification time of a file, or of a folder and everything in it. `None` if one cannot be read.
fn last_change(path: &Path) -> Option<SystemTime> {
    let mut latest = modified(path)?;
    if path.is_dir() {
        for entry in fs::read_dir(path).ok()? {
            latest = latest.max(last_change(&entry.ok()?.path())?);
        }
    }
    Some(latest)
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}
