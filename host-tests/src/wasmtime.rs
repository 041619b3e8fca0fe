//! The wasmtime command.

use std::env;
use std::io;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

/// The command that `host-tests/wasm-tools/install.sh target/wasm-tools` installs, or else that of the path; `None`, with a
/// message on standard error, if there is neither. Panics in CI instead.
pub fn wasmtime_or_skip() -> Option<Command> {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/wasm-tools/wasmtime");
    let program = if installed.is_file() { installed } else { PathBuf::from("wasmtime") };
    let version =
        Command::new(&program).arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).status();
    match version {
        Ok(_) => Some(Command::new(program)),
        Err(error) => {
            let may_skip = error.kind() == io::ErrorKind::NotFound && env::var_os("CI").is_none();
            assert!(may_skip, "{INSTALL} ({error})");
            // The test harness hides the output of `eprintln!` if the test passes.
            let _ = writeln!(io::stderr(), "skipped: {INSTALL} ({error})");
            None
        }
    }
}

const INSTALL: &str =
    "no wasmtime to start; install it with host-tests/wasm-tools/install.sh target/wasm-tools";
