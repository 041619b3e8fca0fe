//! Flags for compiled code.

use std::path::PathBuf;
use std::sync::Arc;

use etcetera::BaseStrategy;
use msal_host::Compilation;
use msal_host::CompiledCache;

use super::printable::printable;

/// Where compiled code is kept.
#[derive(clap::Args, Debug)]
pub(super) struct CompilationArgs {
    /// Keep compiled code in this folder, so that the next start is faster. Its code is executed: no one
    /// else may be able to write to the folder. Default: msal-host in the user's cache folder.
    #[arg(long, value_name = "FOLDER|off")]
    compiled_cache: Option<PathBuf>,
}

impl CompilationArgs {
    /// Compiles the built-in component, without a notice because it takes less than a second.
    pub(super) fn of_built_in(&self) -> Compilation {
        Compilation { cache: self.cache(), notice: None }
    }

    /// Compiles the file of an argument, with a notice on standard error that names the argument.
    pub(super) fn of_file(&self, argument: &'static str) -> Compilation {
        let notice = Arc::new(move || eprintln!("compiling {argument}…"));
        Compilation { cache: self.cache(), notice: Some(notice) }
    }

    /// A folder that cannot be used costs time, so it is a warning and not a failure.
    fn cache(&self) -> Option<CompiledCache> {
        let (folder, shown) = match &self.compiled_cache {
            Some(folder) if folder.as_os_str() == "off" => return None,
            Some(folder) => (folder.clone(), "the folder".to_owned()),
            None => {
                let folder = etcetera::choose_base_strategy().ok()?.cache_dir().join("msal-host");
                let shown = printable(&folder.display().to_string());
                (folder, shown)
            }
        };
        CompiledCache::open(&folder)
            .inspect_err(|error| {
                eprintln!(
                    "warning: --compiled-cache: {shown} is not used: {error}; \
                     name another folder, or `off`"
                );
            })
            .ok()
    }
}
