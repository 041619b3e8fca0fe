//! A store in memory, of limited size, for hosts that have no store.

/// Sealed entries by store and key. Beyond [`MAX_BYTES`], the entries that were written longest ago are dropped, because
/// a store does not know when its entries expire.
pub(crate) struct MemoryStore {
    /// In the order in which they were written. There are a few hundred at most, so a search is short.
    entries: Vec<Entry>,
    bytes: usize,
}

struct Entry {
    store: String,
    key: String,
    value: Vec<u8>,
}

impl MemoryStore {
    /// Without entries.
    pub(crate) const fn new() -> Self {
        Self { entries: Vec::new(), bytes: 0 }
    }

    pub(crate) fn get(&self, store: &str, key: &str) -> Option<&[u8]> {
        let entry = self.entries.iter().find(|entry| entry.is_at(store, key))?;
        Some(&entry.value)
    }

    /// A value that does not fit is not stored.
    pub(crate) fn set(&mut self, store: &str, key: &str, value: &[u8]) {
        self.delete(store, key);
        let entry = Entry { store: store.to_owned(), key: key.to_owned(), value: value.to_vec() };
        let size = entry.size();
        if size > MAX_BYTES {
            return;
        }
        while self.bytes.saturating_add(size) > MAX_BYTES && !self.entries.is_empty() {
            self.remove(0);
        }
        self.bytes = self.bytes.saturating_add(size);
        self.entries.push(entry);
    }

    pub(crate) fn delete(&mut self, store: &str, key: &str) {
        if let Some(index) = self.entries.iter().position(|entry| entry.is_at(store, key)) {
            self.remove(index);
        }
    }

    fn remove(&mut self, index: usize) {
        let entry = self.entries.remove(index);
        self.bytes = self.bytes.saturating_sub(entry.size());
    }
}

impl Entry {
    fn is_at(&self, store: &str, key: &str) -> bool {
        self.key == key && self.store == store
    }

    fn size(&self) -> usize {
        let texts = self.store.len().saturating_add(self.key.len());
        OVERHEAD.saturating_add(texts).saturating_add(self.value.len())
    }
}

/// About 400 tokens of 2 KiB, in a memory that hosts often limit to 16 MiB.
const MAX_BYTES: usize = 1 << 20;

/// About what an entry takes besides its texts and its value, so that many small ones count too.
const OVERHEAD: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h10_an_entry_belongs_to_its_store_and_the_last_write_wins() {
        let mut store = MemoryStore::new();
        store.set("default", "key", b"first");
        store.set("default", "key", b"second");
        store.set("other", "key", b"third");
        assert_eq!(store.get("default", "key"), Some(&b"second"[..]));
        assert_eq!(store.get("other", "key"), Some(&b"third"[..]));
        store.delete("default", "key");
        assert_eq!(store.get("default", "key"), None);
        assert_eq!(store.get("other", "key"), Some(&b"third"[..]));
    }

    #[test]
    fn h10_the_entries_written_longest_ago_are_dropped_at_the_limit() {
        let mut store = MemoryStore::new();
        for number in 0..2_000 {
            store.set("default", &number.to_string(), &[0; 2_048]);
            // Written again, so it is never the oldest.
            store.set("default", "again", b"value");
            assert!(store.bytes <= MAX_BYTES);
        }
        assert_eq!(store.get("default", "0"), None);
        assert!(store.get("default", "1999").is_some() && store.get("default", "again").is_some());
        assert!(store.entries.len() > 400, "{}", store.entries.len());
    }

    #[test]
    fn h10_a_value_that_does_not_fit_is_not_stored_and_drops_nothing() {
        let mut store = MemoryStore::new();
        store.set("default", "small", b"value");
        store.set("default", "large", &[0; MAX_BYTES]);
        assert_eq!(store.get("default", "large"), None);
        assert!(store.get("default", "small").is_some());
        store.delete("default", "small");
        assert_eq!(store.bytes, 0);
    }
}
