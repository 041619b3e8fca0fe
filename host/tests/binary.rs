//! Tests the binary. This target also makes Cargo build the binary that the tests in `host-tests` run.

use std::process::Command;

#[test]
fn the_command_line_prints_its_version() {
    let output = Command::new(env!("CARGO_BIN_EXE_msal-host")).arg("--version").output().unwrap();
    let version = String::from_utf8(output.stdout).unwrap();
    assert_eq!(version.trim(), concat!("msal-host ", env!("CARGO_PKG_VERSION")));
}
