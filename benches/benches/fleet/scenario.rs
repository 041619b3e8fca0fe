//! The scenarios that are measured.

use std::ops::Range;
use std::time::Duration;

use msal_emulator::Scripted;
use serde::Deserialize;
use serde::Serialize;
use serde_json::json;

/// The conditions of one fleet.
#[derive(Clone)]
pub(super) struct Scenario {
    pub(super) name: &'static str,
    pub(super) store: StoreKind,
    /// If false, every call that misses sends its own request.
    pub(super) is_single_flight: bool,
    pub(super) before: Before,
    pub(super) authority: Authority,
    /// How long a caller pauses after a call.
    pub(super) pause: Range<Duration>,
    pub(super) duration: Duration,
    pub(super) is_plotted: bool,
}

/// What every caller does before the start.
#[derive(Clone, Copy, Deserialize, PartialEq, Serialize)]
pub(super) enum Before {
    /// Its process has just compiled the component.
    Nothing,
    /// It gets another token, after which its process has the memory and connections of one that has run for a while.
    AnotherToken,
    /// It gets the measured token, so that there is no cold start.
    TheToken,
}

/// What the authority does.
#[derive(Clone)]
pub(super) enum Authority {
    /// It issues tokens.
    Issues(Scripted),
    /// It answers each request with an error, after which callers must leave it alone for [`BACK_OFF`].
    Fails(Scripted),
    /// Connecting to it times out.
    Unreachable,
}

/// Where the fleet keeps its tokens.
#[derive(Clone, Copy)]
pub(super) enum StoreKind {
    Redis,
    /// Killed and restarted at these times after the start.
    RedisRestarted {
        killed: Duration,
        started: Duration,
    },
    /// No server listens on its address.
    RedisDown,
    Sqlite,
}

/// All scenarios, in the order of the table.
pub(super) fn all() -> Vec<Scenario> {
    let redis = Scenario {
        name: "Redis, with single flight",
        store: StoreKind::Redis,
        is_single_flight: true,
        before: Before::AnotherToken,
        authority: Authority::Issues(Scripted::normal()),
        pause: Duration::from_millis(250)..Duration::from_millis(750),
        duration: Duration::from_secs(40),
        is_plotted: true,
    };
    let alone =
        Scenario { name: "Redis, without single flight", is_single_flight: false, ..redis.clone() };
    let others = Scenario { is_plotted: false, ..redis.clone() };
    let outage = Scenario {
        before: Before::Nothing,
        pause: Duration::from_millis(500)..Duration::from_millis(1_500),
        duration: Duration::from_secs(30),
        ..others.clone()
    };
    let fails = |status, text| Scripted::error(status, "temporarily_unavailable", 90_033, text);
    // Without a store every call is a token request, and the machine has to serve them all.
    let pause = Duration::from_millis(4_000)..Duration::from_millis(6_000);
    vec![
        redis,
        alone,
        Scenario {
            name: "Redis, one hit for each caller, all at once",
            before: Before::TheToken,
            // Shorter than any pause.
            duration: Duration::from_millis(200),
            ..others.clone()
        },
        Scenario {
            name: "Redis, host processes just started",
            before: Before::Nothing,
            duration: Duration::from_secs(10),
            ..others.clone()
        },
        Scenario { name: "SQLite", store: StoreKind::Sqlite, ..others.clone() },
        Scenario {
            name: "Redis, with `refresh_in`",
            authority: Authority::Issues(refreshable_token()),
            duration: Duration::from_secs(16),
            ..others.clone()
        },
        Scenario {
            name: "Redis, killed after 7 s and started after 14 s",
            store: StoreKind::RedisRestarted {
                killed: Duration::from_secs(7),
                started: Duration::from_secs(14),
            },
            pause: pause.clone(),
            ..others.clone()
        },
        Scenario {
            name: "Redis down throughout",
            store: StoreKind::RedisDown,
            pause,
            duration: Duration::from_secs(20),
            ..others
        },
        Scenario {
            name: "Redis, the authority answers 503",
            authority: Authority::Fails(fails(503, "down")),
            ..outage.clone()
        },
        Scenario {
            name: "Redis, the authority answers 429",
            authority: Authority::Fails(
                fails(429, "slow down").header("Retry-After", BACK_OFF.as_secs().to_string()),
            ),
            ..outage.clone()
        },
        Scenario {
            name: "Redis, no connection to the authority",
            authority: Authority::Unreachable,
            ..outage
        },
    ]
}

impl Scenario {
    /// Whether the store works throughout, so that token requests occur only at certain moments.
    pub(super) fn has_moments(&self) -> bool {
        matches!(self.store, StoreKind::Redis | StoreKind::Sqlite)
            && !matches!(self.authority, Authority::Unreachable)
    }

    /// Token requests within this time are counted as one moment. It is shorter than the time from one moment to the
    /// next, and longer than a token request and its retry may take.
    pub(super) fn moment(&self) -> Duration {
        match self.authority {
            Authority::Issues(_) | Authority::Unreachable => Duration::from_secs(6),
            Authority::Fails(_) => BACK_OFF,
        }
    }
}

/// The lifetime of tokens. They are served for half of it, like every token with less than ten minutes. That is longer than
/// a window of the ticket counter, so that each expiry has its own generation, as with real tokens.
pub(super) const TOKEN_LIFETIME_SECONDS: u64 = 24;

/// How long a 5xx answer is remembered, and the `Retry-After` of the 429 answers.
pub(super) const BACK_OFF: Duration = Duration::from_secs(5);

/// Host processes.
pub(super) const PROCESSES: usize = 4;

/// Callers in each, every call in a fresh instance.
pub(super) const CALLERS: usize = 250;

/// The latency of the authority.
pub(super) const LATENCY: Duration = Duration::from_millis(200);

/// A token that is served for 20 s and has its refresh time after 8 s. Like Entra, the emulator sends `refresh_in` only with
/// lifetimes of hours.
fn refreshable_token() -> Scripted {
    let body = json!({
        "token_type": "Bearer",
        "expires_in": 40,
        "refresh_in": 8,
        "access_token": "t".repeat(1_384),
    });
    Scripted::json(200, body)
}
