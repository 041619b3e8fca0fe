//! Replaces files as a whole.

use std::fs;
use std::io;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;

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

/// Writes a temporary file and renames it, so that no reader sees a partial file.
pub(super) fn replace(path: &Path, content: &[u8], new_file: NewFile) -> io::Result<()> {
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
    if let Ok(there) = fs::metadata(path) {
        file.as_file().set_permissions(there.permissions())?;
    }
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
