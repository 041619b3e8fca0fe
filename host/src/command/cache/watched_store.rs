//! A store that remembers its first failure.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use async_trait::async_trait;
use msal_host::store::KeyPage;
use msal_host::store::Store;
use msal_host::store::StoreError;

use crate::command::Failure;

/// Passes everything on to another store.
pub(super) struct WatchedStore {
    store: Arc<dyn Store>,
    failure: Mutex<Option<StoreError>>,
}

impl WatchedStore {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, failure: Mutex::new(None) }
    }

    /// Fails if an operation has failed.
    pub(super) fn check(&self) -> Result<(), Failure> {
        match &*self.failure.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(Failure::of("--store", error)),
            None => Ok(()),
        }
    }

    fn watch<T>(&self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        result.inspect_err(|error| {
            let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
            failure.get_or_insert_with(|| error.clone());
        })
    }
}

#[async_trait]
impl Store for WatchedStore {
    async fn open(&self, bucket: &str) -> Result<(), StoreError> {
        self.watch(self.store.open(bucket).await)
    }

    async fn get(&self, bucket: &str, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.watch(self.store.get(bucket, key).await)
    }

    async fn set(&self, bucket: &str, key: &str, value: Vec<u8>) -> Result<(), StoreError> {
        self.watch(self.store.set(bucket, key, value).await)
    }

    async fn delete(&self, bucket: &str, key: &str) -> Result<(), StoreError> {
        self.watch(self.store.delete(bucket, key).await)
    }

    async fn exists(&self, bucket: &str, key: &str) -> Result<bool, StoreError> {
        self.watch(self.store.exists(bucket, key).await)
    }

    async fn list_keys(&self, bucket: &str, cursor: Option<&str>) -> Result<KeyPage, StoreError> {
        self.watch(self.store.list_keys(bucket, cursor).await)
    }

    async fn increment(&self, bucket: &str, key: &str, delta: i64) -> Result<i64, StoreError> {
        self.watch(self.store.increment(bucket, key, delta).await)
    }

    async fn compare_and_swap(
        &self,
        bucket: &str,
        key: &str,
        expected: Option<&[u8]>,
        new: Vec<u8>,
    ) -> Result<bool, StoreError> {
        self.watch(self.store.compare_and_swap(bucket, key, expected, new).await)
    }
}
