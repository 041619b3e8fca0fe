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
    /// How the authority answers.
    pub(super) answer: Scripted,
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
        answer: Scripted::normal(),
        pause: Duration::from_millis(250)..Duration::from_millis(750),
        duration: Duration::from_secs(40),
        is_plotted: true,
    };
    let alone =
        Scenario { name: "Redis, without single flight", is_single_flight: false, ..redis.clone() };
    let others = Scenario { is_plotted: false, ..redis.clone() };
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
            answer: refreshable_token(),
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
    ]
}

impl Scenario {
    /// Whether the store works throughout, so that token requests occur only at certain moments.
    pub(super) fn has_moments(&self) -> bool {
        matches!(self.store, StoreKind::Redis | StoreKind::Sqlite)
    }
}

/// The lifetime of tokens. They are served for half of it, like every token with less than ten minutes. That is longer than
/// a window of the ticket counter, so that each expiry has its own generation, as with real tokens.
pub(super) const TOKEN_LIFETIME_SECONDS: u64 = 24;

/// Token requests within this time are counted as one moment. It is shorter than the time from one expiry to the next, and
/// longer than a token request may take.
pub(super) const MOMENT: Duration = Duration::from_secs(6);

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
