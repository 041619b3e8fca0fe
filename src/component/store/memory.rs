//! The instance's memory as the store.

use std::cell::RefCell;

use crate::application::StoreName;
use crate::memory_store::MemoryStore;

thread_local! {
    static ENTRIES: RefCell<MemoryStore> = const { RefCell::new(MemoryStore::new()) };
}

/// The store that the calls of this instance share. It has no fields, but it is made like the one over `wasi:keyvalue`.
#[derive(Default)]
pub(in crate::component) struct Store {}

impl Store {
    pub(in crate::component) fn get(
        &mut self,
        name: &StoreName,
        key: &str,
    ) -> Result<Option<Vec<u8>>, String> {
        Ok(ENTRIES.with_borrow(|entries| entries.get(name.as_str(), key).map(<[u8]>::to_vec)))
    }

    pub(in crate::component) fn set(
        &mut self,
        name: &StoreName,
        key: &str,
        value: &[u8],
    ) -> Result<(), String> {
        ENTRIES.with_borrow_mut(|entries| entries.set(name.as_str(), key, value));
        Ok(())
    }

    pub(in crate::component) fn delete(
        &mut self,
        name: &StoreName,
        key: &str,
    ) -> Result<(), String> {
        ENTRIES.with_borrow_mut(|entries| entries.delete(name.as_str(), key));
        Ok(())
    }

    /// The calls of an instance run one after another, so there is no other caller to count.
    pub(in crate::component) fn increment(
        &mut self,
        _name: &StoreName,
        _key: &str,
    ) -> Result<u64, String> {
        Err(String::new())
    }
}
