//! Writes files as a whole.

use std::fs;
use std::io;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;

use tempfile::NamedTempFile;

use super::Failure;

/// Who may read a new file. A file that exists keeps its permissions.
#[derive(Clone, Copy)]
pub(super) enum NewFile {
    /// Its owner only, because it contains secrets.
    Private,
    /// Those whom the system lets read new files.
    Ordinary,
}

/// Returns the file that a path leads to, through symbolic links, which [`replace`] would replace.
pub(super) fn existing(path: &Path) -> io::Result<Option<PathBuf>> {
    match fs::canonicalize(path) {
        Ok(target) => Ok(Some(target)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Replaces a file, or creates it.
pub(super) fn replace(path: &Path, content: &[u8], new_file: NewFile) -> io::Result<()> {
    let file = write_temporary(path, content, new_file)?;
    if let Ok(there) = fs::metadata(path) {
        file.as_file().set_permissions(there.permissions())?;
    }
    file.persist(path)?;
    Ok(())
}

/// Creates a file, which must not exist.
pub(super) fn create(path: &Path, content: &[u8], new_file: NewFile) -> io::Result<()> {
    write_temporary(path, content, new_file)?.persist_noclobber(path)?;
    Ok(())
}

/// Does not contain the path, which an error of a temporary file does.
pub(super) fn cannot_write(flag: &str, error: &io::Error) -> Failure {
    Failure::of(flag, format_args!("cannot write the file: {}", error.kind()))
}

/// Writes a file in the folder of this path. It is renamed when it is complete, so that no reader sees a partial file.
fn write_temporary(path: &Path, content: &[u8], new_file: NewFile) -> io::Result<NamedTempFile> {
    // The parent of a file name alone is the empty path.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    // By default, only its owner can read a temporary file.
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    if let NewFile::Ordinary = new_file {
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    }
    #[cfg(not(unix))]
    let _ = new_file;
    let mut file = builder.tempfile_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    Ok(file)
}
