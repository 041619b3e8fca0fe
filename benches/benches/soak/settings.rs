//! The settings of a run.

use std::env;
use std::error::Error;
use std::str::FromStr;
use std::time::Duration;

/// The settings of a run.
pub(super) struct Settings {
    /// How many calls to make at least. The run also lasts until each fault of the authority was on once.
    pub(super) calls: u64,
    pub(super) store: StoreKind,
    /// The time between two faults of the authority.
    pub(super) pause: Duration,
}

/// Where the processes keep their tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StoreKind {
    Redis,
    Sqlite,
}

impl Settings {
    pub(super) fn from_arguments() -> Result<Self, Box<dyn Error>> {
        let store = match value_of("--store").as_deref() {
            None | Some("redis") => StoreKind::Redis,
            Some("sqlite") => StoreKind::Sqlite,
            Some(_) => return Err("--store is not `redis` or `sqlite`".into()),
        };
        Ok(Self {
            calls: number("--calls")?.unwrap_or(1_000_000),
            store,
            pause: Duration::from_secs(number("--pause")?.unwrap_or(12)),
        })
    }
}

fn number<T: FromStr>(argument: &str) -> Result<Option<T>, String> {
    let parse = |text: String| text.parse().map_err(|_| format!("{argument} is not a number"));
    value_of(argument).map(parse).transpose()
}

/// The value after an argument on the command line.
fn value_of(argument: &str) -> Option<String> {
    env::args().skip_while(|it| it != argument).nth(1)
}
