//! A process that ran to its end.

use std::process::Command;

use serde_json::Value;

/// The exit status and the output of a process.
#[derive(Debug)]
pub struct Run {
    /// The exit status.
    pub status: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Run {
    /// Runs a command to its end.
    pub fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        Self {
            status: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Standard output, then standard error.
    pub fn both(&self) -> String {
        format!("{}\n{}", self.out, self.err)
    }

    /// The lines of standard output.
    pub fn json(&self) -> Vec<Value> {
        self.out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{self:?}")))
            .collect()
    }

    /// Asserts status 0.
    #[track_caller]
    pub fn assert_success(&self) {
        assert_eq!(self.status, Some(0), "{self:?}");
    }

    /// Asserts status 1, and a last line on standard error that begins with `error: ` and contains `text`.
    #[track_caller]
    pub fn assert_one_error_at_the_end(&self, text: &str) {
        assert_eq!(self.status, Some(1), "{self:?}");
        let last = self.err.lines().last().unwrap_or_default();
        assert!(last.starts_with("error: ") && last.contains(text), "{text}: {self:?}");
    }

    /// Asserts status 1, and one line on standard error that begins with `error: ` and contains `text`.
    #[track_caller]
    pub fn assert_one_error(&self, text: &str) {
        assert_eq!(self.status, Some(1), "{self:?}");
        assert_eq!(self.err.lines().count(), 1, "one line: {self:?}");
        assert!(self.err.starts_with("error: ") && self.err.contains(text), "{text}: {self:?}");
        assert!(self.err.trim_end().chars().all(|c| !c.is_control()), "{self:?}");
    }
}
