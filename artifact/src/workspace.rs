//! The folders and files of this workspace.

use std::fs;
use std::fs::File;
use std::path::Path;
use std::path::PathBuf;

use crate::BuildError;

/// The folder with the workspace's `Cargo.toml`.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// The outer cargo's target directory.
pub(crate) fn target_directory() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(directory) => root().join(directory),
        None => root().join("target"),
    }
}

/// Waits until no other thread or process builds in the directory, until what is returned is dropped.
///
/// Cargo's own lock does not last long enough: two variants of one package have the same file name there, so that the
/// file must be read before the next build begins.
pub(crate) fn wait_for_turn(directory: &Path) -> Result<File, BuildError> {
    let path = directory.join(".turn");
    fs::create_dir_all(directory)
        .and_then(|()| File::create(&path))
        .and_then(|file| file.lock().map(|()| file))
        .map_err(|error| BuildError(format!("cannot lock {}: {error}", path.display())))
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, BuildError> {
    fs::read(path).map_err(|error| BuildError(format!("cannot read {}: {error}", path.display())))
}

/// Writes a file, unless it has these bytes already, and returns its path.
pub(crate) fn write_if_changed(path: &Path, bytes: Vec<u8>) -> Result<PathBuf, BuildError> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(path.to_path_buf());
    }
    // Renamed into place, so that a reader in another process never sees half a file.
    let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
    fs::write(&temporary, bytes)
        .and_then(|()| fs::rename(&temporary, path))
        .map_err(|error| BuildError(format!("cannot write {}: {error}", path.display())))?;
    Ok(path.to_path_buf())
}
