//! Lines for standard output.

use std::fmt;
use std::io;
use std::io::Write as _;

/// Prints a line. A reader that went away is no reason to fail, or to panic as `println!` does.
pub(super) fn print_line(line: impl fmt::Display) {
    let _ = writeln!(io::stdout(), "{line}");
}
