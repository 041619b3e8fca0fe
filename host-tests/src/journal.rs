//! A store that records its operations and injects faults.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;

use async_trait::async_trait;
use msal_host::store::KeyPage;
use msal_host::store::MemoryStore;
use msal_host::store::Store;
use msal_host::store::StoreError;

use crate::fault::Fault;
use crate::fault::Operation;

/// A memory store with a journal and with faults, whose entries a test can read and replace.
#[derive(Clone, Default)]
pub struct JournalStore(Arc<State>);

#[derive(Default)]
struct State {
    store: MemoryStore,
    journal: Mutex<Vec<(Operation, String)>>,
    faults: Mutex<Vec<(Operation, Fault)>>,
    /// Faults of one operation each, with the number of operations of this kind until then.
    single_faults: Mutex<Vec<(Operation, usize, Fault)>>,
    /// The current entries, by key. Counters are not among them.
    entries: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl JournalStore {
    /// All operations in order, each with its key or the bucket's name.
    pub fn journal(&self) -> Vec<(Operation, String)> {
        lock(&self.0.journal).clone()
    }

    /// All operations in order, without their keys.
    pub fn operations(&self) -> Vec<Operation> {
        self.journal().into_iter().map(|(operation, _)| operation).collect()
    }

    /// Clears the journal.
    pub fn clear_journal(&self) {
        lock(&self.0.journal).clear();
    }

    /// Injects a fault into every later operation of this kind.
    pub fn fail(&self, operation: Operation, fault: Fault) {
        lock(&self.0.faults).push((operation, fault));
    }

    /// Injects a fault into the `number`th operation of this kind from now, counted from 1.
    pub fn fail_once(&self, operation: Operation, number: usize, fault: Fault) {
        lock(&self.0.single_faults).push((operation, number, fault));
    }

    /// Removes all faults.
    pub fn heal(&self) {
        lock(&self.0.faults).clear();
        lock(&self.0.single_faults).clear();
    }

    /// The current entries: key and value.
    pub fn entries(&self) -> BTreeMap<String, Vec<u8>> {
        lock(&self.0.entries).clone()
    }

    /// The only entry.
    pub fn only_entry(&self) -> (String, Vec<u8>) {
        let entries = self.entries();
        assert_eq!(entries.len(), 1, "the store does not have exactly one entry");
        entries.into_iter().next().expect("an entry")
    }

    /// Writes a value into the component's bucket.
    pub async fn plant(&self, key: &str, value: Vec<u8>) {
        self.0.store.set("default", key, value.clone()).await.expect("a memory store accepts it");
        lock(&self.0.entries).insert(key.to_owned(), value);
    }

    async fn meet(&self, operation: Operation, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        lock(&self.0.journal).push((operation, key.to_owned()));
        match self.due_single_fault(operation).or_else(|| self.lasting_fault(operation)) {
            Some(Fault::Error(error)) => Err(error),
            Some(Fault::Value(value)) => Ok(Some(value)),
            Some(Fault::Slow(pause)) => {
                tokio::time::sleep(pause).await;
                Ok(None)
            }
            None => Ok(None),
        }
    }

    fn lasting_fault(&self, operation: Operation) -> Option<Fault> {
        let faults = lock(&self.0.faults);
        faults.iter().find(|(failing, _)| *failing == operation).map(|(_, fault)| fault.clone())
    }

    fn due_single_fault(&self, operation: Operation) -> Option<Fault> {
        let mut faults = lock(&self.0.single_faults);
        for (failing, left, _) in faults.iter_mut() {
            if *failing == operation {
                *left = left.saturating_sub(1);
            }
        }
        let due =
            faults.iter().position(|(failing, left, _)| *failing == operation && *left == 0)?;
        Some(faults.remove(due).2)
    }
}

#[async_trait]
impl Store for JournalStore {
    async fn open(&self, bucket: &str) -> Result<(), StoreError> {
        self.meet(Operation::Open, bucket).await?;
        self.0.store.open(bucket).await
    }

    async fn get(&self, bucket: &str, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match self.meet(Operation::Get, key).await? {
            Some(value) => Ok(Some(value)),
            None => self.0.store.get(bucket, key).await,
        }
    }

    async fn set(&self, bucket: &str, key: &str, value: Vec<u8>) -> Result<(), StoreError> {
        self.meet(Operation::Set, key).await?;
        lock(&self.0.entries).insert(key.to_owned(), value.clone());
        self.0.store.set(bucket, key, value).await
    }

    async fn delete(&self, bucket: &str, key: &str) -> Result<(), StoreError> {
        self.meet(Operation::Delete, key).await?;
        lock(&self.0.entries).remove(key);
        self.0.store.delete(bucket, key).await
    }

    async fn exists(&self, bucket: &str, key: &str) -> Result<bool, StoreError> {
        self.0.store.exists(bucket, key).await
    }

    async fn list_keys(&self, bucket: &str, cursor: Option<&str>) -> Result<KeyPage, StoreError> {
        self.0.store.list_keys(bucket, cursor).await
    }

    async fn increment(&self, bucket: &str, key: &str, delta: i64) -> Result<i64, StoreError> {
        self.meet(Operation::Increment, key).await?;
        self.0.store.increment(bucket, key, delta).await
    }

    async fn compare_and_swap(
        &self,
        bucket: &str,
        key: &str,
        expected: Option<&[u8]>,
        new: Vec<u8>,
    ) -> Result<bool, StoreError> {
        self.0.store.compare_and_swap(bucket, key, expected, new).await
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
