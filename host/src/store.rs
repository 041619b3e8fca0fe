//! Key-value stores that hold what the component seals: in memory, in a SQLite file, in Redis.

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

/// A key-value store with named buckets, as `wasi:keyvalue` knows it.
///
/// Every operation ends within a few seconds, with an error if need be: a store that is down costs
/// the caller a token request, and must not cost it the call.
#[async_trait]
pub trait Store: Send + Sync {
    /// Says whether the bucket can be used; it comes into being with its first entry.
    async fn open(&self, bucket: &str) -> Result<(), StoreError> {
        bucket_name::check(bucket)
    }

    /// The value of a key, if there is one.
    async fn get(&self, bucket: &str, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Sets a value, replacing an older one.
    async fn set(&self, bucket: &str, key: &str, value: Vec<u8>) -> Result<(), StoreError>;

    /// Removes a key; one that is not there is no error.
    async fn delete(&self, bucket: &str, key: &str) -> Result<(), StoreError>;

    /// Whether the key has a value.
    async fn exists(&self, bucket: &str, key: &str) -> Result<bool, StoreError>;

    /// Some of the keys, from where the cursor of the page before says; `None` starts.
    async fn list_keys(&self, bucket: &str, cursor: Option<&str>) -> Result<KeyPage, StoreError>;

    /// Adds to a counter in one atomic step and returns the new value. A counter is decimal text;
    /// one that is not there counts as 0. A value that is no counter, or a sum that is no `i64`, is
    /// an error and changes nothing.
    async fn increment(&self, bucket: &str, key: &str, delta: i64) -> Result<i64, StoreError>;

    /// Sets the value in one atomic step if the present one is `expected` (`None`: there is none),
    /// and says whether it did.
    async fn compare_and_swap(
        &self,
        bucket: &str,
        key: &str,
        expected: Option<&[u8]>,
        new: Vec<u8>,
    ) -> Result<bool, StoreError>;
}

/// A page of keys, and where the next one starts.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct KeyPage {
    /// The keys, in no promised order.
    pub keys: Vec<String>,
    /// To be given for the next page; `None` after the last.
    pub cursor: Option<String>,
}

/// Why a store operation failed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum StoreError {
    /// There is no bucket of that name.
    NoSuchStore,
    /// The bucket may not be used.
    AccessDenied,
    /// Anything else, in one line.
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
            Self::NoSuchStore => formatter.write_str("there is no store of that name"),
            Self::AccessDenied => formatter.write_str("the store may not be used"),
            Self::Other(message) => formatter.write_str(message),
        }
    }
}

/// Opens the store that a command line names: `memory`, `sqlite:PATH` or `redis://HOST:PORT`.
///
/// A Redis server is first contacted by the first operation, so one that is down is no error here.
pub fn open(name: &str) -> Result<Arc<dyn Store>, StoreError> {
    if name == "memory" {
        Ok(Arc::new(MemoryStore::new()))
    } else if let Some(path) = name.strip_prefix("sqlite:") {
        Ok(Arc::new(SqliteStore::open(path)?))
    } else if name.starts_with("redis://") {
        Ok(Arc::new(RedisStore::open(name)?))
    } else {
        Err(StoreError::other(
            "there is no such kind of store: use memory, sqlite:PATH or redis://HOST:PORT",
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
    fn a_redis_that_is_down_is_no_error_until_it_is_used() {
        assert!(open("redis://127.0.0.1:1").is_ok());
    }

    #[test]
    fn a_sqlite_file_that_cannot_be_made_is_a_clear_error() {
        let message = open("sqlite:/nonexistent/folder/file.db").err().unwrap().to_string();
        assert!(message.contains("/nonexistent/folder/file.db"), "{message}");
        assert!(!message.contains('\n'), "{message}");
    }
}
