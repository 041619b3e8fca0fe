//! A store in memory, for one process.

use std::array;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::BuildHasher;
use std::hash::RandomState;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::sync::RwLockReadGuard;
use std::sync::RwLockWriteGuard;

use async_trait::async_trait;

use super::KeyPage;
use super::Store;
use super::StoreError;
use super::counter;

/// A store in memory. Clones share their entries.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore(Arc<Shards>);

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of entries in all buckets.
    pub fn len(&self) -> usize {
        self.0.all().map(|shard| shard.values().map(HashMap::len).sum::<usize>()).sum()
    }

    /// Whether the store has no entries.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn get(&self, bucket: &str, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let shard = self.0.read(key);
        Ok(shard.get(bucket).and_then(|entries| entries.get(key)).cloned())
    }

    async fn set(&self, bucket: &str, key: &str, value: Vec<u8>) -> Result<(), StoreError> {
        let mut shard = self.0.write(key);
        bucket_mut(&mut shard, bucket).insert(key.to_owned(), value);
        Ok(())
    }

    async fn delete(&self, bucket: &str, key: &str) -> Result<(), StoreError> {
        if let Some(entries) = self.0.write(key).get_mut(bucket) {
            entries.remove(key);
        }
        Ok(())
    }

    async fn exists(&self, bucket: &str, key: &str) -> Result<bool, StoreError> {
        Ok(self.0.read(key).get(bucket).is_some_and(|entries| entries.contains_key(key)))
    }

    async fn list_keys(&self, bucket: &str, _cursor: Option<&str>) -> Result<KeyPage, StoreError> {
        let mut keys = Vec::new();
        for shard in self.0.all() {
            keys.extend(shard.get(bucket).into_iter().flat_map(HashMap::keys).cloned());
        }
        Ok(KeyPage { keys, cursor: None })
    }

    async fn increment(&self, bucket: &str, key: &str, delta: i64) -> Result<i64, StoreError> {
        let mut shard = self.0.write(key);
        let entries = bucket_mut(&mut shard, bucket);
        let sum = counter::add(entries.get(key).map(Vec::as_slice), delta)?;
        entries.insert(key.to_owned(), sum.to_string().into_bytes());
        Ok(sum)
    }

    async fn compare_and_swap(
        &self,
        bucket: &str,
        key: &str,
        expected: Option<&[u8]>,
        new: Vec<u8>,
    ) -> Result<bool, StoreError> {
        let mut shard = self.0.write(key);
        let entry = bucket_mut(&mut shard, bucket).entry(key.to_owned());
        let current = match &entry {
            Entry::Occupied(occupied) => Some(occupied.get().as_slice()),
            Entry::Vacant(_) => None,
        };
        if current != expected {
            return Ok(false);
        }
        entry.insert_entry(new);
        Ok(true)
    }
}

/// The entries by bucket and key, sharded over several locks by the key's hash.
#[derive(Debug)]
struct Shards {
    hasher: RandomState,
    locks: [RwLock<Shard>; SHARDS],
}

type Shard = HashMap<String, HashMap<String, Vec<u8>>>;

/// Enough that callers on a few dozen cores rarely contend for a lock.
const SHARDS: usize = 64;

impl Shards {
    fn read(&self, key: &str) -> RwLockReadGuard<'_, Shard> {
        self.lock(key).read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, key: &str) -> RwLockWriteGuard<'_, Shard> {
        self.lock(key).write().unwrap_or_else(PoisonError::into_inner)
    }

    fn all(&self) -> impl Iterator<Item = RwLockReadGuard<'_, Shard>> {
        self.locks.iter().map(|lock| lock.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn lock(&self, key: &str) -> &RwLock<Shard> {
        let [first, ..] = &self.locks;
        let number = self.hasher.hash_one(key) % SHARDS as u64;
        usize::try_from(number).ok().and_then(|index| self.locks.get(index)).unwrap_or(first)
    }
}

impl Default for Shards {
    fn default() -> Self {
        Self { hasher: RandomState::new(), locks: array::from_fn(|_| RwLock::default()) }
    }
}

fn bucket_mut<'a>(shard: &'a mut Shard, bucket: &str) -> &'a mut HashMap<String, Vec<u8>> {
    shard.entry(bucket.to_owned()).or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::conformance;
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn behaves_as_a_store() {
        let store = MemoryStore::new();
        conformance::check(vec![Arc::new(store.clone()), Arc::new(store.clone())]).await;
        assert!(!store.is_empty());
    }
}
