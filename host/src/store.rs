//! Key-value stores for the component's sealed entries: in memory, in a SQLite file, in Redis.

mod bucket_name;
mod counter;
mod memory;
mod redis;
mod sqlite;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

pub use self::memory::MemoryStore;
pub use self::redis::RedisStore;
pub use self::sqlite::SqliteStore;

/// A key-value store with named buckets, as in `wasi:keyvalue`.
///
/// Every operation must end within a few seconds, if necessary with an error. An unavailable store
/// costs the caller a token request but must not fail the call.
#[async_trait]
pub trait Store: Send + Sync {
    /// Checks whether the bucket can be used. A bucket is created with its first entry.
    async fn open(&self, bucket: &str) -> Result<(), StoreError> {
        bucket_name::check(bucket)
    }

    /// Returns the value of a key, if there is one.
    async fn get(&self, bucket: &str, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Sets the value of a key, replacing an existing one.
    async fn set(&self, bucket: &str, key: &str, value: Vec<u8>) -> Result<(), StoreError>;

    /// Removes a key. A missing key is not an error.
    async fn delete(&self, bucket: &str, key: &str) -> Result<(), StoreError>;

    /// Returns whether the key has a value.
    async fn exists(&self, bucket: &str, key: &str) -> Result<bool, StoreError>;

    /// Returns a page of keys. `cursor` is the cursor of the previous page, or `None` for the first.
    async fn list_keys(&self, bucket: &str, cursor: Option<&str>) -> Result<KeyPage, StoreError>;

    /// Adds to a counter atomically and returns the new value. A counter is decimal text; a missing
    /// one counts as 0. A value that is not a counter, or a sum that overflows `i64`, is an error and
    /// changes nothing.
    async fn increment(&self, bucket: &str, key: &str, delta: i64) -> Result<i64, StoreError>;

    /// Atomically sets the value if the current one is `expected` (`None`: the key has no value), and
    /// returns whether it did.
    async fn compare_and_swap(
        &self,
        bucket: &str,
        key: &str,
        expected: Option<&[u8]>,
        new: Vec<u8>,
    ) -> Result<bool, StoreError>;
}

/// A page of keys, and the cursor of the next page.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct KeyPage {
    /// The keys, in unspecified order.
    pub keys: Vec<String>,
    /// The cursor of the next page; `None` on the last page.
    pub cursor: Option<String>,
}

/// Why a store operation failed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum StoreError {
    /// No bucket has this name.
    NoSuchStore,
    /// Access to the bucket is denied.
    AccessDenied,
    /// Any other failure, in one line.
    Other(String),
}

impl StoreError {
    pub(crate) fn other(message: impl fmt::Display) -> Self {
        Self::Other(message.to_string())
    }
}

impl std::error::Error for StoreError {}

impl fmt::Display for StoreError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchStore => formatter.write_str("no store has this name"),
            Self::AccessDenied => formatter.write_str("access to the store is denied"),
            Self::Other(message) => formatter.write_str(message),
        }
    }
}

/// Opens the store that a command line names: `memory`, `sqlite:PATH`, `redis://HOST:PORT`, or
/// `rediss://HOST:PORT` for Redis with TLS. A URL may contain a user and a password.
///
/// The first operation connects to a Redis server, so an unreachable server is not an error here.
pub fn open(name: &str) -> Result<Arc<dyn Store>, StoreError> {
    if name == "memory" {
        Ok(Arc::new(MemoryStore::new()))
    } else if let Some(path) = name.strip_prefix("sqlite:") {
        Ok(Arc::new(SqliteStore::open(path)?))
    } else if name.starts_with("redis://") || redis::uses_tls(name) {
        Ok(Arc::new(RedisStore::open(name)?))
    } else {
        Err(StoreError::other(
            "unknown kind of store: use memory, sqlite:PATH, redis://HOST:PORT or rediss://HOST:PORT",
        ))
    }
}

#[cfg(test)]
mod conformance;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_kind_is_refused_with_the_known_ones() {
        let message = open("memcached:x").err().unwrap().to_string();
        assert!(message.contains("sqlite:PATH"), "{message}");
    }

    #[test]
    fn an_unreachable_redis_is_not_an_error_until_it_is_used() {
        assert!(open("redis://127.0.0.1:1").is_ok());
    }

    #[test]
    fn an_error_of_a_sqlite_file_has_the_reason_and_not_the_path() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().to_str().unwrap();
        let missing = format!("{folder}/none/needle");
        for path in [&missing, "needle\0", folder] {
            let message = open(&format!("sqlite:{path}")).err().unwrap().to_string();
            assert!(message.starts_with("the SQLite file cannot be opened: "), "{message}");
            assert!(!message.contains("needle") && !message.contains(folder), "{message}");
            assert!(!message.contains('\n'), "{message}");
        }
    }
}
