//! What happened, in order. Kept small, and made into text only when somebody wants to read it.

use std::fmt;
use std::time::Duration;

use crate::authority::Verdict;
use crate::death::HostCall;
use crate::store::Fault;
use crate::store::Name;

/// Everything that happened in a run.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    events: Vec<Event>,
}

/// One thing that happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// When.
    pub at: Duration,
    /// To whom.
    pub instance: u32,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum What {
    /// A call of the core began.
    Began,
    /// An operation of the store took effect.
    Stored(Stored),
    /// A token request arrived at the authority and will be answered like this.
    Requested {
        /// Its number.
        request: u32,
        /// The answer.
        verdict: Verdict,
    },
    /// It began to wait.
    Waits(Duration),
    /// It was killed at its k-th host call.
    Killed {
        /// The number of the host call.
        nth: u32,
        /// The call.
        call: HostCall,
    },
    /// The call ended with this token.
    Returned(Option<u32>),
    /// The call ended with an error.
    Failed,
}

/// An operation of the store.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stored {
    /// Which.
    pub call: HostCall,
    /// On what.
    pub name: Name,
    /// Tells the value that was to be written, or that was read, from others; 0 where there is none.
    pub value: u64,
    /// What the instance was told.
    pub told: Told,
    /// What went wrong with it.
    pub fault: Option<Fault>,
}

/// What the store said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// OK.
    Done,
    /// There is nothing.
    Nothing,
    /// A value of this length.
    Bytes(u32),
    /// A count.
    Count(u64),
    /// An error.
    Error,
}

impl Trace {
    /// What happened, in order.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Two runs with the same fingerprint are the same.
    pub fn fingerprint(&self) -> u64 {
        let text = self.events.iter().map(Event::to_string);
        fingerprint(text.flat_map(String::into_bytes))
    }

    pub(crate) fn push(&mut self, at: Duration, instance: u32, what: What) {
        self.events.push(Event { at, instance, what });
    }
}

/// FNV-1a.
pub(crate) fn fingerprint(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

impl fmt::Display for Trace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.events.iter().try_for_each(|event| writeln!(formatter, "{event}"))
    }
}

impl fmt::Display for Event {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.at.as_secs_f64();
        write!(formatter, "{seconds:>14.6} s  #{:<5} {}", self.instance, self.what)
    }
}

impl fmt::Display for What {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Began => formatter.write_str("calls"),
            Self::Stored(stored) => stored.fmt(formatter),
            Self::Requested { request, verdict } => {
                write!(formatter, "token request {request} -> {verdict:?}")
            }
            Self::Waits(pause) => write!(formatter, "waits {:.3} s", pause.as_secs_f64()),
            Self::Killed { nth, call } => write!(formatter, "dies at host call {nth}, {call}"),
            Self::Returned(Some(token)) => write!(formatter, "returns token {token}"),
            Self::Returned(None) => formatter.write_str("returns a token of nobody's"),
            Self::Failed => formatter.write_str("fails"),
        }
    }
}

impl fmt::Display for Stored {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { call, name, value, told, fault } = self;
        write!(formatter, "{call} {name} -> {told}")?;
        if *value != 0 {
            // Enough of it to see what was read where it was written.
            write!(formatter, "  [{:04x}]", value & 0xffff)?;
        }
        match fault {
            Some(fault) => write!(formatter, "  ({fault:?})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Told {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => formatter.write_str("ok"),
            Self::Nothing => formatter.write_str("nothing"),
            Self::Bytes(length) => write!(formatter, "{length} bytes"),
            Self::Count(count) => write!(formatter, "{count}"),
            Self::Error => formatter.write_str("error"),
        }
    }
}
