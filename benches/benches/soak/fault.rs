//! The faults, and which failures each of them explains.

use std::fmt;
use std::time::Duration;

use msal_emulator::Scripted;

use crate::failure::Failure;
use crate::failure::Kind;
use crate::worker::DEADLINE;

/// What goes wrong for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    /// The authority answers 503.
    ServerError,
    /// The authority answers 429 with `Retry-After`.
    Throttling,
    /// The authority cuts connections: before, in and behind the head of its answer.
    Cut,
    /// The authority does not answer.
    Silence,
    /// The Redis server is killed. It loses its data.
    StoreStopped,
    /// Another connection has locked the SQLite file.
    StoreLocked,
    /// A host process is stopped, and another one started.
    HostStopped,
    /// The same, without time to end its calls.
    HostKilled,
}

impl Fault {
    /// The faults of the authority, in the order in which they come.
    pub(super) const OF_AUTHORITY: [Self; 4] =
        [Self::ServerError, Self::Throttling, Self::Cut, Self::Silence];

    /// What the authority answers meanwhile. Empty for the faults of others.
    pub(super) fn answers(self) -> Vec<Scripted> {
        let fails = |status| Scripted::error(status, "temporarily_unavailable", 90_033, "soak");
        let kinds = match self {
            Self::ServerError => vec![fails(503)],
            Self::Throttling => {
                vec![fails(429).header("Retry-After", RETRY_AFTER.as_secs().to_string())]
            }
            Self::Cut => vec![
                Scripted::close_without_answer(),
                Scripted::reset(),
                Scripted::normal().cut_after(100),
                Scripted::normal().cut_after(1_500),
            ],
            Self::Silence => vec![Scripted::hang()],
            Self::StoreStopped | Self::StoreLocked | Self::HostStopped | Self::HostKilled => vec![],
        };
        kinds.into_iter().cycle().take(ANSWERS).collect()
    }

    /// Whether a call may fail like this while the fault is on, or in the time after it. The faults of stores and of
    /// other processes explain no failure.
    pub(super) fn explains(self, failure: &Failure) -> bool {
        match self {
            Self::ServerError => {
                matches!(failure.kind, Kind::Refused | Kind::Throttled)
                    && failure.status == Some(503)
            }
            Self::Throttling => failure.kind == Kind::Throttled && failure.status == Some(429),
            Self::Cut => matches!(failure.kind, Kind::Unreachable | Kind::UnexpectedResponse),
            Self::Silence => failure.kind == Kind::Unreachable,
            Self::StoreStopped | Self::StoreLocked | Self::HostStopped | Self::HostKilled => false,
        }
    }

    /// How long after its end calls may start that fail because of it.
    pub(super) fn after_effect(self) -> Duration {
        match self {
            Self::ServerError | Self::Cut => REMEMBERED + ROUNDING,
            Self::Throttling => RETRY_AFTER + ROUNDING,
            // The last request without an answer is given up after the call's deadline, and then remembered.
            Self::Silence => DEADLINE + REMEMBERED + ROUNDING,
            Self::StoreStopped | Self::StoreLocked | Self::HostStopped | Self::HostKilled => {
                Duration::ZERO
            }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::ServerError => "the authority answers 503",
            Self::Throttling => "the authority answers 429 with `Retry-After: 2`",
            Self::Cut => "the authority cuts connections",
            Self::Silence => "the authority does not answer",
            Self::StoreStopped => "Redis killed and started empty",
            Self::StoreLocked => "the SQLite file locked",
            Self::HostStopped => "a host process stopped and started",
            Self::HostKilled => "a host process killed and started",
        })
    }
}

/// More answers than requests in one episode.
const ANSWERS: usize = 10_000;

const RETRY_AFTER: Duration = Duration::from_secs(2);

/// How long the component remembers a failure without `Retry-After`.
const REMEMBERED: Duration = Duration::from_secs(5);

/// The component counts in whole seconds, and the last one counts in full. An answer under way takes a moment more.
const ROUNDING: Duration = Duration::from_secs(2);
