//! What came of one call of one instance.

use std::time::Duration;

use msal_wasi::error::Cause;

/// A call from its start to its end.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Who called.
    pub instance: u32,
    /// The group it belongs to, numbered in the order in which they were described.
    pub group: usize,
    /// Which of its calls this is, counted from zero.
    pub call: u32,
    /// When it began.
    pub started: Duration,
    /// When it ended.
    pub ended: Duration,
    /// How it ended.
    pub ending: Ending,
    /// Host calls made.
    pub host_calls: u32,
    /// When it read from the store.
    pub reads: Vec<Duration>,
    /// The time it spent waiting for the store.
    pub in_store: Duration,
    /// By how many nanoseconds its clock was ahead, at the least, from start to end.
    pub clock_error: i64,
}

/// How a call ended.
#[derive(Clone, Debug)]
pub enum Ending {
    /// With a token.
    Token(Answer),
    /// With an error.
    Failed(Cause),
    /// Its instance was killed.
    Killed,
    /// The core panicked.
    Panicked(String),
    /// Not at all: everybody waited for ever, or somebody turned for ever.
    Never,
}

/// A token as the caller got it.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its number in the report's tokens; none if the authority did not issue it.
    pub token: Option<usize>,
    /// Whether it came from the store.
    pub is_cached: bool,
    /// Token requests made by this call.
    pub requests: u32,
    /// The call's warnings.
    pub warnings: Vec<String>,
}

impl Outcome {
    /// How long it took.
    pub fn took(&self) -> Duration {
        self.ended.saturating_sub(self.started)
    }

    /// The token, if there is one.
    pub fn answer(&self) -> Option<&Answer> {
        match &self.ending {
            Ending::Token(answer) => Some(answer),
            _ => None,
        }
    }

    /// Why there is none, if the core said so.
    pub fn cause(&self) -> Option<&Cause> {
        match &self.ending {
            Ending::Failed(cause) => Some(cause),
            _ => None,
        }
    }

    /// Whether its instance lived to see the end.
    pub fn survived(&self) -> bool {
        !matches!(self.ending, Ending::Killed)
    }

    /// The most reads within any one second.
    pub fn reads_per_second(&self) -> usize {
        let reads = &self.reads;
        let within = |(index, start): (usize, &Duration)| {
            let second = *start + Duration::from_secs(1);
            reads[index..].iter().take_while(|&&read| read < second).count()
        };
        reads.iter().enumerate().map(within).max().unwrap_or(0)
    }
}
