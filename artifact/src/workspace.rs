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

/// Locks the directory against builds by other threads and processes until the returned file is dropped.
///
/// Cargo releases its own lock too early: two variants of one package write the same file, which must be read before
/// the next build starts.
pub(crate) fn lock(directory: &Path) -> Result<File, BuildError> {
    let path = directory.join(".lock");
    fs::create_dir_all(directory)
        .and_then(|()| File::create(&path))
        .and_then(|file| file.lock().map(|()| file))
        .map_err(|error| BuildError(format!("cannot lock {}: {error}", path.display())))
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, BuildError> {
    fs::read(path).map_err(|error| BuildError(format!("cannot read {}: {error}", path.display())))
}

/// Writes a file unless it already has this content, and returns its path.
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
