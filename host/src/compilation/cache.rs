//! A folder with compiled code.

use std::fs;
use std::fs::File;
use std::fs::Metadata;
use std::hash::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;
use std::io;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::Digest;
use sha2::Sha256;
use tempfile::NamedTempFile;
use wasmtime::Engine;
use wasmtime::component::Component;

/// A folder with compiled code, which several processes may share. It keeps 512 MiB of the code that was
/// used last.
///
/// The code is executed without further checks. So on Unix, neither the folder nor a file in it is used
/// if it belongs to another user, or if others may write to it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CompiledCache {
    folder: PathBuf,
}

impl CompiledCache {
    /// Opens a folder. If it is missing, it is created for this user alone.
    pub fn open(folder: impl Into<PathBuf>) -> io::Result<Self> {
        let folder = folder.into();
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(&folder)?;
        check_private(&fs::metadata(&folder)?)?;
        Ok(Self { folder })
    }

    /// The entry for a component as this engine compiles it.
    pub(super) fn entry(&self, engine: &Engine, component: &[u8]) -> Entry<'_> {
        let mut settings = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut settings);
        let hash = Sha256::new()
            .chain_update(settings.finish().to_le_bytes())
            .chain_update(component)
            .finalize();
        let name = format!("{}.{EXTENSION}", URL_SAFE_NO_PAD.encode(hash));
        Entry { folder: &self.folder, path: self.folder.join(name) }
    }
}

/// The compiled code of one component. Its file is the SHA-256 of the code, then the code.
pub(super) struct Entry<'a> {
    folder: &'a Path,
    path: PathBuf,
}

impl Entry<'_> {
    /// Returns `None` if the code is missing or not intact, or was compiled by another version.
    pub(super) fn load(&self, engine: &Engine) -> Option<Component> {
        let mut file = File::open(&self.path).ok()?;
        check_private(&file.metadata().ok()?).ok()?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).ok()?;
        let (digest, code) = bytes.split_at_checked(<Sha256 as Digest>::output_size())?;
        // A file is not synced, so it may be incomplete after a power failure.
        if Sha256::digest(code).as_slice() != digest {
            return None;
        }
        // The time of the last use. Without it, the entry is removed sooner.
        let _ = file.set_modified(SystemTime::now());
        #[expect(unsafe_code, reason = "compiled code cannot be checked")]
        // SAFETY: only this user can write to the file, and this module writes only what
        // `Component::serialize` returns. `deserialize` checks the version and the settings.
        let component = unsafe { Component::deserialize(engine, code) };
        component.ok()
    }

    pub(super) fn store(&self, component: &Component) -> io::Result<()> {
        let code = component.serialize().map_err(io::Error::other)?;
        let mut file = NamedTempFile::new_in(self.folder)?;
        file.write_all(&Sha256::digest(&code))?;
        file.write_all(&code)?;
        file.persist(&self.path)?;
        remove_oldest(self.folder, MAX_SIZE)
    }
}

/// Removes the entries that were not used for the longest time, until the rest has this size at most.
fn remove_oldest(folder: &Path, max_size: u64) -> io::Result<()> {
    let mut entries = Vec::new();
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        if path.extension().is_some_and(|extension| extension == EXTENSION)
            && let Ok(metadata) = fs::metadata(&path)
        {
            entries.push((metadata.modified()?, metadata.len(), path));
        }
    }
    entries.sort();
    let mut size = 0_u64;
    for (_, length, path) in entries.into_iter().rev() {
        size = size.saturating_add(length);
        if size > max_size {
            // Another process may have removed it.
            let _ = fs::remove_file(path);
        }
    }
    Ok(())
}

#[cfg(unix)]
fn check_private(metadata: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;

    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(io::Error::other("it belongs to another user"));
    }
    if metadata.mode() & 0o022 != 0 {
        return Err(io::Error::other("others may write to it; set its permissions to 700"));
    }
    Ok(())
}

/// Elsewhere the folders of a user are private by default.
#[cfg(not(unix))]
fn check_private(_metadata: &Metadata) -> io::Result<()> {
    Ok(())
}

/// Unlike that of other compiled code, because files with it are removed.
const EXTENSION: &str = "msal-host-code";
const MAX_SIZE: u64 = 512 << 20;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_entries_that_were_used_last_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        for (name, age) in [("b", 1), ("c", 2), ("a", 3)] {
            let path = folder.path().join(name).with_extension(EXTENSION);
            fs::write(&path, [0; 10]).unwrap();
            let used = SystemTime::now() - Duration::from_secs(age);
            File::options().write(true).open(path).unwrap().set_modified(used).unwrap();
        }
        fs::write(folder.path().join("of-the-user.cwasm"), [0; 100]).unwrap();
        remove_oldest(folder.path(), 25).unwrap();
        let mut names: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["b.msal-host-code", "c.msal-host-code", "of-the-user.cwasm"]);
    }
}
