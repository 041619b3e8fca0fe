//! The machine's own name.

use std::io;
use std::io::Write as _;
use std::net::IpAddr;
use std::net::TcpListener;
use std::net::ToSocketAddrs;
use std::process::Command;

/// The machine's name, and an address that it resolves to; `None`, with a message on standard error, if there is none.
///
/// A proxy resolves it too, and it is not one of the names for loopback, even if the address is.
pub fn own_name_or_skip() -> Option<(String, IpAddr)> {
    let found = own_name();
    if let Err(error) = &found {
        // The test harness hides the output of `eprintln!` if the test passes.
        let _ = writeln!(io::stderr(), "skipped: the name of this machine cannot be used: {error}");
    }
    found.ok()
}

fn own_name() -> io::Result<(String, IpAddr)> {
    let output = Command::new("hostname").output()?;
    let name = String::from_utf8_lossy(&output.stdout).trim().to_ascii_lowercase();
    if name.is_empty() || name.starts_with("localhost") {
        return Err(io::Error::other(format!("it is {name:?}")));
    }
    let addresses = (name.as_str(), 0).to_socket_addrs()?;
    let usable =
        addresses.map(|address| address.ip()).find(|&ip| TcpListener::bind((ip, 0)).is_ok());
    let address = usable.ok_or_else(|| io::Error::other(format!("no address of {name} is its")))?;
    Ok((name, address))
}
