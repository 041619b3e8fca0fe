//! Lines for standard output.

use std::fmt;
use std::io;
use std::io::Write as _;

use super::Failure;

/// Prints a line. Unlike `println!`, it ignores a closed standard output.
pub(super) fn print_line(line: impl fmt::Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// Prints a line that is the command's result, so that a closed standard output is a failure.
pub(super) fn deliver_line(line: impl fmt::Display) -> Result<(), Failure> {
    let mut output = io::stdout();
    writeln!(output, "{line}").and_then(|()| output.flush()).map_err(output_failure)
}

pub(super) fn output_failure(error: io::Error) -> Failure {
    Failure::of("standard output", error)
}
