//! Makes the faults of the authority and of the store.

use std::convert::Infallible;
use std::error::Error;
use std::path::Path;
use std::time::Duration;

use msal_emulator::Emulator;
use msal_host_tests::Redis;
use rusqlite::Connection;

use crate::episodes::Episodes;
use crate::fault::Fault;

/// Makes one fault of the authority after another.
pub(super) async fn of_authority(
    emulator: &Emulator,
    episodes: &Episodes,
    pause: Duration,
) -> Result<Infallible, Box<dyn Error>> {
    loop {
        for fault in Fault::OF_AUTHORITY {
            tokio::time::sleep(pause).await;
            let episode = episodes.begin(fault);
            emulator.script_any(fault.answers());
            tokio::time::sleep(AUTHORITY_EPISODE).await;
            emulator.clear_scripts();
            episodes.end(episode);
        }
    }
}

/// Kills the Redis server now and then, and starts it empty.
pub(super) async fn of_redis(
    redis: &mut Redis,
    episodes: &Episodes,
) -> Result<Infallible, Box<dyn Error>> {
    loop {
        tokio::time::sleep(STORE_PAUSE).await;
        let episode = episodes.begin(Fault::StoreStopped);
        redis.stop();
        tokio::time::sleep(STORE_EPISODE).await;
        redis.restart()?;
        episodes.end(episode);
    }
}

/// Locks the SQLite file now and then.
pub(super) async fn of_sqlite(
    file: &Path,
    episodes: &Episodes,
) -> Result<Infallible, Box<dyn Error>> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    loop {
        tokio::time::sleep(STORE_PAUSE).await;
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let episode = episodes.begin(Fault::StoreLocked);
        tokio::time::sleep(STORE_EPISODE).await;
        connection.execute_batch("ROLLBACK")?;
        episodes.end(episode);
    }
}

/// How long a fault of the authority is on.
pub(super) const AUTHORITY_EPISODE: Duration = Duration::from_secs(2);

const STORE_EPISODE: Duration = Duration::from_secs(1);

/// The time between two faults of the store. Not a divisor of other times, so that faults meet in all ways.
const STORE_PAUSE: Duration = Duration::from_millis(8_500);
