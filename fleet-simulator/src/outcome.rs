//! The outcome of one call of one instance.

use std::time::Duration;

use msal_wasi::error::Cause;

use crate::authority::Verdict;
use crate::death::HostCall;
use crate::trace::Response;
use crate::trace::Stored;

/// The outcome of a call.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The calling instance.
    pub instance: u32,
    /// The instance's group. Groups are numbered from zero, in the order of their description.
    pub group: usize,
    /// The number of the call, counted from zero for each instance.
    pub call: u32,
    /// When it began.
    pub started: Duration,
    /// When it ended.
    pub ended: Duration,
    /// How it ended.
    pub ending: Ending,
    /// The number of its host calls.
    pub host_calls: u32,
    /// Its requests to the authority.
    pub sends: Vec<Sent>,
    /// When it began each read of the store.
    pub reads: Vec<Duration>,
    /// When it began each operation of the store.
    pub operations: Vec<Duration>,
    /// How many of them failed or were slow. A missing counter is not a fault.
    pub faults: u32,
    /// How many of its host calls failed or trapped because of a fault of its host, or could not connect.
    pub host_faults: u32,
    /// The fingerprint of the value that its first read returned, if that value was intact.
    pub found: Option<u64>,
    /// Its last write, if that had no fault.
    pub last_write: Option<StoredValue>,
    /// When it took its last ticket, or tried to.
    pub ticket_at: Option<Duration>,
    /// When its writes took effect.
    pub writes: Vec<Duration>,
    /// The time that it spent in store operations.
    pub in_store: Duration,
    /// How long it slept before its first request, or in total if it sent none.
    pub waited: Duration,
    /// Whether it slept before its first request, also after a fault of its host.
    pub has_paused: bool,
    /// By how many nanoseconds its clock was ahead: the smallest value during the call.
    pub clock_error: i64,
}

/// A request to the authority, as the caller sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// When it was sent.
    pub at: Duration,
    /// When the answer arrived, or when the caller stopped waiting for it.
    pub until: Duration,
    /// The answer; `None` if it did not arrive in time.
    pub answer: Option<Verdict>,
}

/// A value that was written to the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredValue {
    /// When it was written.
    pub at: Duration,
    /// Its fingerprint, as in the trace.
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
    /// It did not end: all instances waited forever, or one looped forever.
    Never,
}

/// A token as the caller received it.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The token: an index into [`Report::tokens`](crate::Report::tokens). `None` if the authority did not issue it.
    pub token: Option<usize>,
    /// Whether it came from the store.
    pub is_cached: bool,
    /// Token requests made by this call.
    pub requests: u32,
    /// The call's warnings.
    pub warnings: Vec<String>,
}

impl Outcome {
    /// How long the call took.
    pub fn took(&self) -> Duration {
        self.ended.saturating_sub(self.started)
    }

    /// The token, if the call returned one.
    pub fn answer(&self) -> Option<&Answer> {
        match &self.ending {
            Ending::Token(answer) => Some(answer),
            _ => None,
        }
    }

    /// The cause of the failure, if the call returned an error.
    pub fn cause(&self) -> Option<&Cause> {
        match &self.ending {
            Ending::Failed(cause) => Some(cause),
            _ => None,
        }
    }

    /// Whether the call returned an error.
    pub(crate) fn has_failed(&self) -> bool {
        self.cause().is_some()
    }

    /// Whether its last request failed.
    pub(crate) fn has_failure(&self) -> bool {
        self.sends.last().is_some_and(Sent::is_failure)
    }

    /// When it sent its first request.
    pub fn requested_at(&self) -> Option<Duration> {
        self.sends.first().map(|sent| sent.at)
    }

    /// The token that it fetched: an index into [`Report::tokens`](crate::Report::tokens).
    pub fn fetched(&self) -> Option<usize> {
        match self.sends.last()?.answer? {
            Verdict::Token(token) => Some(token),
            _ => None,
        }
    }

    /// What it stored after its last request: the token or the failure. An instance that was killed after several requests may
    /// have stored only which credential was accepted.
    pub(crate) fn result(&self) -> Option<StoredValue> {
        let sent = self.sends.last().filter(|_| self.survived() || self.sends.len() == 1)?;
        self.last_write.filter(|last_write| last_write.at >= sent.until)
    }

    /// Whether its instance was not killed during the call.
    pub fn survived(&self) -> bool {
        !matches!(self.ending, Ending::Killed)
    }

    /// The largest number of reads within any one second.
    pub fn reads_per_second(&self) -> usize {
        let reads = &self.reads;
        let within = |(index, start): (usize, &Duration)| {
            let second = *start + Duration::from_secs(1);
            reads[index..].iter().take_while(|&&read| read < second).count()
        };
        reads.iter().enumerate().map(within).max().unwrap_or(0)
    }

    /// Records a store operation of the call at the moment at which it takes effect.
    pub(crate) fn record_operation(&mut self, now: Duration, stored: &Stored, has_atomics: bool) {
        let is_impossible = stored.call == HostCall::Increment && !has_atomics;
        let went_wrong = stored.fault.is_some() || stored.response == Response::Error;
        self.faults += u32::from(went_wrong && !is_impossible);
        match stored.call {
            HostCall::Get if self.reads.is_empty() => {
                let is_whole = stored.fault.is_none() && stored.value != 0;
                self.found = is_whole.then_some(stored.value);
            }
            HostCall::Increment => {
                self.ticket_at = Some(now);
            }
            HostCall::Set => {
                self.writes.push(now);
                let last_write = StoredValue { at: now, value: stored.value };
                self.last_write = (!went_wrong).then_some(last_write);
            }
            _ => {}
        }
    }

    /// Sets the answer to its last request; `None` if it did not arrive in time.
    pub(crate) fn set_answer(&mut self, now: Duration, answer: Option<Verdict>) {
        if let Some(sent) = self.sends.last_mut() {
            (sent.until, sent.answer) = (now, answer);
        }
    }
}

impl Sent {
    /// Whether the authority received the request.
    pub fn is_connected(&self) -> bool {
        self.answer != Some(Verdict::NotConnected)
    }

    /// Whether the request returned no token.
    pub fn is_failure(&self) -> bool {
        !matches!(self.answer, Some(Verdict::Token(_)))
    }
}
