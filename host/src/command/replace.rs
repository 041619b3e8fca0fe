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
    let temporary = temporary_path(path);
    // An existing file was left by a crashed process with the same process ID.
    let _ = fs::remove_file(&temporary);
    let written = write(&temporary, content, new_file)
        .and_then(|()| match fs::metadata(path) {
            Ok(there) => fs::set_permissions(&temporary, there.permissions()),
            Err(_) => Ok(()),
        })
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn temporary_path(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    path.with_file_name(name)
}

fn write(path: &Path, content: &[u8], new_file: NewFile) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if let NewFile::Private = new_file {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    #[cfg(not(unix))]
    let _ = new_file;
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()
}
