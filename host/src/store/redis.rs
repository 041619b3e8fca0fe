//! A store in Redis, for several machines.

mod client;
mod failure;

use std::fmt;
use std::future::Future;
use std::sync::LazyLock;
use std::time::Duration;

use async_trait::async_trait;
use redis::AsyncCommands;
use redis::Client;
use redis::RedisError;
use redis::Script;
use redis::aio::ConnectionManager;
use redis::aio::ConnectionManagerConfig;
use tokio::sync::OnceCell;

use super::KeyPage;
use super::Store;
use super::StoreError;
use crate::trust::CaCertificates;

/// A store in Redis. Keys are `BUCKET:KEY`. It connects at first use, and again after a lost connection.
pub struct RedisStore {
    client: Client,
    connection: OnceCell<ConnectionManager>,
}

impl RedisStore {
    /// Takes a `redis://` or `rediss://` (TLS) URL, without contacting the server. The URL may contain a
    /// user and a password: `rediss://USER:PASSWORD@HOST:PORT`.
    pub fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_trusting(url, &CaCertificates::default())
    }

    /// Like [`open`](Self::open), and also trusts these certificate authorities, besides those that a
    /// [`Network`](crate::Network) trusts.
    pub fn open_trusting(url: &str, trusted: &CaCertificates) -> Result<Self, StoreError> {
        Ok(Self { client: client::open(url, trusted)?, connection: OnceCell::new() })
    }

    async fn connection(&self) -> Result<ConnectionManager, RedisError> {
        let make = || async {
            let settings = ConnectionManagerConfig::new()
                .set_connection_timeout(Some(TIME_LIMIT))
                .set_response_timeout(Some(TIME_LIMIT))
                // The next operation tries again. A call is faster without the cache than waiting for retries.
                .set_number_of_retries(0);
            ConnectionManager::new_lazy_with_config(self.client.clone(), settings)
        };
        self.connection.get_or_try_init(make).await.cloned()
    }
}

/// The time limit of one operation, including connecting. A token request takes a fraction of it, so
/// waiting longer for a cache is pointless.
const TIME_LIMIT: Duration = Duration::from_secs(2);

/// Sets KEYS[1] to ARGV[3] if ARGV[1] is "1" and its value is ARGV[2], or if ARGV[1] is "0" and it has
/// no value.
static COMPARE_AND_SWAP: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local value = redis.call('GET', KEYS[1])
         if (ARGV[1] == '1' and value == ARGV[2]) or (ARGV[1] == '0' and value == false) then
             redis.call('SET', KEYS[1], ARGV[3])
             return 1
         end
         return 0",
    )
});

#[async_trait]
impl Store for RedisStore {
    async fn get(&self, bucket: &str, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        bounded(async { self.connection().await?.get(full_key(bucket, key)).await }).await
    }

    async fn set(&self, bucket: &str, key: &str, value: Vec<u8>) -> Result<(), StoreError> {
        bounded(async { self.connection().await?.set(full_key(bucket, key), value).await }).await
    }

    async fn delete(&self, bucket: &str, key: &str) -> Result<(), StoreError> {
        bounded(async { self.connection().await?.del(full_key(bucket, key)).await }).await
    }

    async fn exists(&self, bucket: &str, key: &str) -> Result<bool, StoreError> {
        bounded(async { self.connection().await?.exists(full_key(bucket, key)).await }).await
    }

    async fn list_keys(&self, bucket: &str, cursor: Option<&str>) -> Result<KeyPage, StoreError> {
        let prefix = full_key(bucket, "");
        let (next, keys): (String, Vec<Vec<u8>>) = bounded(async {
            // Bucket names contain no pattern characters.
            redis::cmd("SCAN")
                .arg(cursor.unwrap_or(FIRST))
                .arg("MATCH")
                .arg(format!("{prefix}*"))
                .arg("COUNT")
                .arg(PAGE)
                .query_async(&mut self.connection().await?)
                .await
        })
        .await?;
        let keys = keys
            .into_iter()
            .filter_map(|key| String::from_utf8(key).ok()?.strip_prefix(&prefix).map(str::to_owned))
            .collect();
        Ok(KeyPage { keys, cursor: (next != FIRST).then_some(next) })
    }

    async fn increment(&self, bucket: &str, key: &str, delta: i64) -> Result<i64, StoreError> {
        bounded(async { self.connection().await?.incr(full_key(bucket, key), delta).await }).await
    }

    async fn compare_and_swap(
        &self,
        bucket: &str,
        key: &str,
        expected: Option<&[u8]>,
        new: Vec<u8>,
    ) -> Result<bool, StoreError> {
        bounded(async {
            COMPARE_AND_SWAP
                .key(full_key(bucket, key))
                .arg(if expected.is_some() { "1" } else { "0" })
                .arg(expected.unwrap_or_default())
                .arg(new)
                .invoke_async(&mut self.connection().await?)
                .await
        })
        .await
    }
}

/// Whether a URL names a server with TLS.
pub(super) fn uses_tls(url: &str) -> bool {
    url.starts_with(client::TLS)
}

/// The cursor that starts a scan, and that Redis returns at its end.
const FIRST: &str = "0";

/// The approximate number of keys that Redis examines for one page.
const PAGE: usize = 1_000;

impl fmt::Debug for RedisStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RedisStore").finish_non_exhaustive()
    }
}

fn full_key(bucket: &str, key: &str) -> String {
    format!("{bucket}:{key}")
}

async fn bounded<T>(work: impl Future<Output = Result<T, RedisError>>) -> Result<T, StoreError> {
    match tokio::time::timeout(TIME_LIMIT, work).await {
        Ok(result) => result.map_err(|error| failure::describe(&error)),
        Err(_) => Err(StoreError::other("Redis did not answer in time")),
    }
}

#[cfg(test)]
mod tests;
