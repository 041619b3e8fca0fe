//! The binary of the command line.

use std::env;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// A command that runs the built binary without the environment variables that it reads. All such commands share a
/// folder for compiled code in the target folder, because a compilation takes seconds, and leave the user's alone.
pub fn command_line() -> Command {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    let binary = BINARY.get_or_init(build);
    let mut command = Command::new(binary);
    command.env("XDG_CACHE_HOME", binary.with_file_name("test-cache"));
    for name in AZURE_VARIABLES.into_iter().chain(OTHER_VARIABLES) {
        command.env_remove(name);
    }
    command
}

/// The variables of the Azure SDKs.
const AZURE_VARIABLES: [&str; 13] = [
    "AZURE_KUBERNETES_TOKEN_PROXY",
    "AZURE_KUBERNETES_SNI_NAME",
    "AZURE_KUBERNETES_CA_FILE",
    "AZURE_KUBERNETES_CA_DATA",
    "AZURE_TENANT_ID",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_CLIENT_CERTIFICATE_PATH",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN",
    "AZURE_REGIONAL_AUTHORITY_NAME",
    "AZURE_AUTHORITY_HOST",
    "AZURE_FEDERATED_TOKEN_FILE",
];

/// The store, and the variables of curl for proxies and of OpenSSL for trusted certificates.
const OTHER_VARIABLES: [&str; 11] = [
    "MSAL_STORE",
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

/// Builds the binary next to this test's binary, since Cargo passes the path of a binary only to tests of the same package.
///
/// It builds all packages like `cargo test`, with the one test of `msal-host` that needs the binary. Another selection of
/// packages would unify features differently and recompile dependencies. After a `cargo test` nothing is left to build.
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
    assert!(status.success(), "building the command line failed");
    let binary = profile_folder.join(format!("msal-host{}", env::consts::EXE_SUFFIX));
    assert!(binary.is_file(), "{} does not exist", binary.display());
    binary
}

/// Cargo's name of the profile whose output is in this folder.
fn profile(folder: &Path) -> &str {
    match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(name) => name,
    }
}
