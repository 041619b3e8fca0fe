//! The example app, which imports the contract.

use std::path::Path;

use crate::BuildError;
use crate::toolchain;
use crate::workspace;

/// The app with these cargo features.
pub(crate) fn build(features: &[&str], directory: &Path) -> Result<Vec<u8>, BuildError> {
    toolchain::ensure_target(TARGET)?;
    let mut command = toolchain::cargo("build");
    command
        .args(["--package", "msal-example-app", "--lib"])
        .args(["--profile", "component", "--target", TARGET])
        .args(["--features", &features.join(",")])
        .arg("--target-dir")
        .arg(directory)
        .env("CARGO_ENCODED_RUSTFLAGS", toolchain::encoded(toolchain::remapped_folders()));
    toolchain::run(command)?;
    workspace::read(&directory.join(TARGET).join("component").join("msal_example_app.wasm"))
}

const TARGET: &str = "wasm32-wasip2";
