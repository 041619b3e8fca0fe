//! What came of one call of one instance.

use std::time::Duration;

use msal_wasi::error::Cause;

use crate::authority::Verdict;
use crate::death::HostCall;
use crate::trace::Stored;
use crate::trace::Told;

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
    /// Its requests to the authority.
    pub sends: Vec<Sent>,
    /// When it read from the store.
    pub reads: Vec<Duration>,
    /// When it began each operation of the store.
    pub operations: Vec<Duration>,
    /// How many of them went wrong, or were too slow. That a store cannot count is no fault.
    pub faults: u32,
    /// Whether the store told it that it is the first to want a token.
    pub is_told_first: bool,
    /// What its first read brought, if there was something and it is as it was written.
    pub found: Option<u64>,
    /// What it was the last to write, if nothing went wrong with that.
    pub kept: Option<Kept>,
    /// The time it spent waiting for the store.
    pub in_store: Duration,
    /// How long it paused before its first request, or at all if it made none.
    pub waited: Duration,
    /// By how many nanoseconds its clock was ahead, at the least, from start to end.
    pub clock_error: i64,
}

/// A request to the authority, as the caller sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// When it was sent.
    pub at: Duration,
    /// When its answer was there, or when the caller stopped waiting for one.
    pub until: Duration,
    /// The answer; none if it did not come in time.
    pub answer: Option<Verdict>,
}

/// A value in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Since when.
    pub at: Duration,
    /// Tells it from others, as in the trace.
    pub value: u64,
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

    /// When it sent its first request.
    pub fn asked(&self) -> Option<Duration> {
        self.sends.first().map(|sent| sent.at)
    }

    /// From its first request to the answer to its last.
    pub(crate) fn asking_took(&self) -> Duration {
        let sends = self.sends.first().zip(self.sends.last());
        sends.map(|(first, last)| last.until - first.at).unwrap_or_default()
    }

    /// The number of the token that it fetched.
    pub fn fetched(&self) -> Option<usize> {
        match self.sends.last()?.answer? {
            Verdict::Token(token) => Some(token),
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

    /// An operation of its own took effect.
    pub(crate) fn see(&mut self, now: Duration, stored: &Stored, has_atomics: bool) {
        let is_impossible = stored.call == HostCall::Increment && !has_atomics;
        let went_wrong = stored.fault.is_some() || stored.told == Told::Error;
        self.faults += u32::from(went_wrong && !is_impossible);
        match stored.call {
            HostCall::Increment => self.is_told_first |= stored.told == Told::Count(1),
            HostCall::Get if self.reads.is_empty() => {
                let is_whole = stored.fault.is_none() && stored.value != 0;
                self.found = is_whole.then_some(stored.value);
            }
            HostCall::Set => {
                let kept = Kept { at: now, value: stored.value };
                self.kept = (!went_wrong).then_some(kept);
            }
            _ => {}
        }
    }

    /// The answer to its last request is there, or does not come in time.
    pub(crate) fn hear(&mut self, now: Duration, answer: Option<Verdict>) {
        if let Some(sent) = self.sends.last_mut() {
            (sent.until, sent.answer) = (now, answer);
        }
    }
}

impl Sent {
    /// Whether it brought no token.
    pub fn is_failure(&self) -> bool {
        !matches!(self.answer, Some(Verdict::Token(_)))
    }
}
