//! Cargo and the compilation targets for nested builds.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use crate::BuildError;
use crate::workspace;

/// Installs a target's standard library through rustup if it is missing.
pub(crate) fn ensure_target(target: &str) -> Result<(), BuildError> {
    let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output();
    let sysroot = match sysroot {
        Ok(output) => String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        Err(error) => return Err(BuildError(format!("cannot start rustc: {error}"))),
    };
    if Path::new(&sysroot).join("lib/rustlib").join(target).join("lib").is_dir() {
        return Ok(());
    }
    let added = Command::new("rustup").args(["target", "add", target]).status();
    match added {
        Ok(status) if status.success() => Ok(()),
        _ => Err(BuildError(format!(
            "the {target} target is missing and could not be installed; \
             run `rustup target add {target}`, or install rustup"
        ))),
    }
}

/// A cargo command in the workspace, without the environment variables that the outer cargo or clippy set for their own
/// build.
pub(crate) fn cargo(subcommand: &str) -> Command {
    let mut command = Command::new("cargo");
    command.arg(subcommand).current_dir(workspace::root());
    if std::env::var_os("CI").is_some() {
        command.arg("--locked");
    }
    for (name, _) in std::env::vars_os() {
        let inherited = name.to_str().is_some_and(|name| {
            INHERITED.contains(&name)
                || INHERITED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        });
        if inherited {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a command and shows its output only if it fails.
pub(crate) fn run(command: Command) -> Result<(), BuildError> {
    output(command).map(|_| ())
}

/// Runs a command and returns its standard output.
pub(crate) fn output(mut command: Command) -> Result<String, BuildError> {
    let output =
        command.output().map_err(|error| BuildError(format!("cannot start cargo: {error}")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    Err(BuildError(format!("a nested build failed ({}):\n{text}", output.status)))
}

/// Flags in the format of `CARGO_ENCODED_RUSTFLAGS`.
pub(crate) fn encoded(flags: Vec<String>) -> String {
    flags.join("\u{1f}")
}

/// Flags that keep local paths out of the output, so that builds in different folders are identical.
pub(crate) fn remapped_folders() -> Vec<String> {
    let mut flags = vec![format!("--remap-path-prefix={}=.", workspace::root().display())];
    let registry = cargo_home().join("registry").join("src");
    for source in fs::read_dir(registry).into_iter().flatten().flatten() {
        flags.push(format!("--remap-path-prefix={}=", source.path().display()));
    }
    flags
}

/// Where cargo keeps the sources of dependencies.
fn cargo_home() -> PathBuf {
    match std::env::var_os("CARGO_HOME") {
        Some(home) => PathBuf::from(home),
        None => std::env::home_dir().unwrap_or_default().join(".cargo"),
    }
}

const INHERITED: [&str; 9] = [
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_MAKEFLAGS",
    "MAKEFLAGS",
    "RUSTC",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTFLAGS",
    "TARGET",
    "CARGO_BUILD_TARGET",
];

const INHERITED_PREFIXES: [&str; 4] =
    ["CARGO_CFG_", "CARGO_PKG_", "CARGO_FEATURE_", "CARGO_PROFILE_"];
