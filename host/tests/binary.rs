//! The binary as Cargo builds it. The tests in `host-tests` run it too, and rely on this target to have it built.

use std::process::Command;

#[test]
fn the_command_line_tells_its_version() {
    let output = Command::new(env!("CARGO_BIN_EXE_msal-host")).arg("--version").output().unwrap();
    let version = String::from_utf8(output.stdout).unwrap();
    assert_eq!(version.trim(), concat!("msal-host ", env!("CARGO_PKG_VERSION")));
}
