//! The cargo and the targets that a nested build uses.

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use crate::BuildError;

/// Installs a target's standard library through rustup, unless it is there.
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

/// A cargo that does not inherit what the outer cargo, or clippy, set for its own build.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new("cargo");
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

/// Where cargo keeps the sources of dependencies.
pub(crate) fn cargo_home() -> PathBuf {
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
