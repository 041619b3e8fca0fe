//! The events of a run, in order. They are kept compact and formatted only on demand.

use std::fmt;
use std::time::Duration;

use crate::authority::Verdict;
use crate::death::HostCall;
use crate::store::Fault;
use crate::store::Name;

/// The events of a run.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    events: Vec<Event>,
}

/// An event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// When.
    pub at: Duration,
    /// The instance that it concerns.
    pub instance: u32,
    /// The kind of event, with its details.
    pub kind: EventKind,
}

/// The kinds of events.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EventKind {
    /// A call of the core began.
    Began,
    /// A store operation took effect.
    Stored(Stored),
    /// A token request arrived at the authority.
    Requested {
        /// The number of the request.
        request: u32,
        /// The answer that will be sent.
        verdict: Verdict,
    },
    /// The instance began to sleep.
    Waiting(Duration),
    /// The instance was killed at its nth host call.
    Killed {
        /// The number of the host call.
        nth: u32,
        /// The kind of host call.
        call: HostCall,
    },
    /// The call returned this token; `None` if the authority did not issue it.
    Returned(Option<u32>),
    /// The call returned an error.
    Failed,
}

/// A store operation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stored {
    /// The kind of operation.
    pub call: HostCall,
    /// The name that it accessed.
    pub name: Name,
    /// The fingerprint of the value written or read; 0 if there is no value.
    pub value: u64,
    /// The response.
    pub response: Response,
    /// The fault, if any.
    pub fault: Option<Fault>,
}

/// The response to a store operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Response {
    /// OK.
    Done,
    /// No value.
    Nothing,
    /// A value of this length.
    Bytes(u32),
    /// A count.
    Count(u64),
    /// An error.
    Error,
}

impl Trace {
    /// All events, in order.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// A hash of all events. Equal fingerprints mean equal runs.
    pub fn fingerprint(&self) -> u64 {
        let text = self.events.iter().map(Event::to_string);
        fingerprint(text.flat_map(String::into_bytes))
    }

    pub(crate) fn push(&mut self, at: Duration, instance: u32, kind: EventKind) {
        self.events.push(Event { at, instance, kind });
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
        write!(formatter, "{seconds:>14.6} s  #{:<5} {}", self.instance, self.kind)
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Began => formatter.write_str("calls"),
            Self::Stored(stored) => stored.fmt(formatter),
            Self::Requested { request, verdict } => {
                write!(formatter, "token request {request} -> {verdict:?}")
            }
            Self::Waiting(pause) => write!(formatter, "waits {:.3} s", pause.as_secs_f64()),
            Self::Killed { nth, call } => write!(formatter, "dies at host call {nth}, {call}"),
            Self::Returned(Some(token)) => write!(formatter, "returns token {token}"),
            Self::Returned(None) => formatter.write_str("returns an unknown token"),
            Self::Failed => formatter.write_str("fails"),
        }
    }
}

impl fmt::Display for Stored {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { call, name, value, response, fault } = self;
        write!(formatter, "{call} {name} -> {response}")?;
        if *value != 0 {
            // Enough digits to match a read with its write.
            write!(formatter, "  [{:04x}]", value & 0xffff)?;
        }
        match fault {
            Some(fault) => write!(formatter, "  ({fault:?})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Response {
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
