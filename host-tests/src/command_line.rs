//! The command line, as a binary to be run.

use std::env;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// The built command line, to be run without any of the variables that it reads.
pub fn command_line() -> Command {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    let mut command = Command::new(BINARY.get_or_init(build));
    for name in AZURE_VARIABLES {
        command.env_remove(name);
    }
    command
}

/// The variables of the Azure SDKs.
const AZURE_VARIABLES: [&str; 7] = [
    "AZURE_TENANT_ID",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_CLIENT_CERTIFICATE_PATH",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    "AZURE_AUTHORITY_HOST",
    "AZURE_FEDERATED_TOKEN_FILE",
];

/// Builds the binary next to this one. Cargo tells the path of a binary only to the tests of its own package.
///
/// It is built for the one test that `msal-host` has for that, of all packages at once, as `cargo test` does: with another
/// selection of packages, dependencies would have other features and be compiled once more. So this takes no time after
/// `cargo test` has built its tests.
fn build() -> PathBuf {
    let test = env::current_exe().expect("the path of this test");
    let profile_folder = test.ancestors().nth(2).expect("target/PROFILE/deps/TEST");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["test", "--quiet", "--no-run", "--test", "binary"])
        .args(["--profile", profile(profile_folder)])
        .arg("--target-dir")
        .arg(profile_folder.parent().expect("the target folder"))
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .status()
        .expect("cargo runs");
    assert!(status.success(), "the command line is built");
    let binary = profile_folder.join(format!("msal-host{}", env::consts::EXE_SUFFIX));
    assert!(binary.is_file(), "{} is there", binary.display());
    binary
}

/// Cargo's name for the profile whose output is in this folder.
fn profile(folder: &Path) -> &str {
    match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(name) => name,
    }
}
