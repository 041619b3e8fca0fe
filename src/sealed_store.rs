//! The encrypted view of the key-value store. Its failures are misses and warnings, never errors.

use std::cell::RefCell;
use std::time::Duration;

use msal_sealing::SealingKey;

use crate::application::Application;
use crate::application::StoreName;
use crate::cache::CachedToken;
use crate::cache::EntryKey;
use crate::cache::KeyRing;
use crate::cache::open;
use crate::credential::Credential;
use crate::credential::Fingerprint;
use crate::host::Host;
use crate::host::random_bytes;
use crate::time::Moment;

/// A call's view of the store, with its keys.
#[derive(Debug)]
pub(crate) struct SealedStore {
    keys: KeyRing,
    store_name: StoreName,
    faults: RefCell<Faults>,
}

/// What went wrong in the store during this call.
#[derive(Debug, Default)]
struct Faults {
    has_failed: bool,
    /// Whether an operation took so long that the store is not used any more.
    is_left_alone: bool,
    warnings: Vec<String>,
}

impl SealedStore {
    pub(crate) fn new(application: &Application) -> Self {
        Self {
            keys: KeyRing::new(application),
            store_name: application.cache_store.clone(),
            faults: RefCell::default(),
        }
    }

    /// Whether there is a key. Without one, nothing is read or written.
    pub(crate) fn is_usable(&self) -> bool {
        self.keys.sealing().is_some()
    }

    /// Whether an operation has failed or was too slow. The call then does not wait for others.
    pub(crate) fn has_failed(&self) -> bool {
        self.faults.borrow().has_failed
    }

    /// Whether an operation took so long that the store is not used any more.
    pub(crate) fn is_left_alone(&self) -> bool {
        self.faults.borrow().is_left_alone
    }

    /// Takes the warnings, each text once.
    pub(crate) fn take_warnings(&self) -> Vec<String> {
        std::mem::take(&mut self.faults.borrow_mut().warnings)
    }

    /// A short hash, keyed with the first key; zeros without a key, and then no record is kept.
    pub(crate) fn fingerprint(&self, bytes: &[u8]) -> Fingerprint {
        self.keys.sealing().map(|key| key.fingerprint(bytes)).unwrap_or_default()
    }

    /// The fingerprint of a credential, for an entry that this call writes; `None` if the entry is sealed with a
    /// credential itself.
    pub(crate) fn fingerprint_in_entry(
        &self,
        credential: Option<&Credential>,
    ) -> Option<Fingerprint> {
        credential?.to_fingerprint(self.keys.cache_key()?)
    }

    /// Returns the first token that `judge` accepts: under the first key or, if the
    /// caller gives the start of its reads, under any key.
    pub(crate) async fn find_token<H: Host, T>(
        &self,
        host: &mut H,
        key: &EntryKey,
        older_keys_from: Option<Moment>,
        mut judge: impl FnMut(CachedToken, &SealingKey) -> Option<T>,
    ) -> Option<T> {
        let mut older = self.keys.older();
        let (mut derived, mut older_name);
        let mut sealing = self.keys.sealing()?;
        let mut name = name(sealing, key);
        loop {
            let sealed = self.get(host, name).await?;
            let token = sealed.and_then(|sealed| open(sealing, &sealed, name));
            if let Some(found) = token.and_then(|token| judge(token, sealing)) {
                return Some(found);
            }
            let started = older_keys_from?;
            derived = older.next()?;
            sealing = &derived;
            older_name = sealing.name(key.as_bytes());
            name = &older_name;
            // Older keys are tried only while the store is fast. The first read does not read the clock.
            if TIME_FOR_OLDER_KEYS < host.now().await.monotonic.saturating_sub(started.monotonic) {
                self.warn(
                    "the key-value store is slow; older cache keys were not tried".to_owned(),
                );
                return None;
            }
        }
    }

    /// Writes a token; `false` if the store failed.
    pub(crate) async fn write_token<H: Host>(
        &self,
        host: &mut H,
        key: &EntryKey,
        token: &CachedToken,
    ) -> bool {
        match token.to_bytes() {
            Some(bytes) => self.write(host, key, bytes.expose()).await,
            None => false,
        }
    }

    /// Deletes a token under every key, ignoring failures.
    pub(crate) async fn delete_token<H: Host>(&self, host: &mut H, key: &EntryKey) {
        self.delete(host, key).await;
        for sealing in self.keys.older() {
            let _ = host.delete(&self.store_name, &sealing.name(key.as_bytes())).await;
        }
    }

    /// Takes a ticket from a counter: 1 for the first caller; `None` if the store cannot count.
    pub(crate) async fn take_ticket<H: Host>(&self, host: &mut H, key: &EntryKey) -> Option<u64> {
        let name = name(self.keys.sealing().filter(|_| !self.is_left_alone())?, key);
        let before = host.time_in_store();
        let ticket = host.increment(&self.store_name, name).await;
        self.check_time(host, before);
        ticket.ok().filter(|&ticket| ticket > 0)
    }

    /// Deletes a record or counter, ignoring failures: a leftover is harmless.
    pub(crate) async fn delete<H: Host>(&self, host: &mut H, key: &EntryKey) {
        if let Some(sealing) = self.keys.sealing().filter(|_| !self.is_left_alone()) {
            let before = host.time_in_store();
            let _ = host.delete(&self.store_name, name(sealing, key)).await;
            self.check_time(host, before);
        }
    }

    /// Reads a record.
    pub(crate) async fn read<H: Host>(&self, host: &mut H, key: &EntryKey) -> Option<Vec<u8>> {
        let sealing = self.keys.sealing()?;
        let name = name(sealing, key);
        let sealed = self.get(host, name).await??;
        sealing.open(&sealed, name)
    }

    /// Writes a record; `false` if the store failed.
    pub(crate) async fn write<H: Host>(&self, host: &mut H, key: &EntryKey, record: &[u8]) -> bool {
        let Some(sealing) = self.keys.sealing().filter(|_| !self.is_left_alone()) else {
            return false;
        };
        let nonce = random_bytes(host).await;
        let name = name(sealing, key);
        let Some(sealed) = sealing.seal(record, name, nonce) else {
            return false;
        };
        let before = host.time_in_store();
        let written = host.set(&self.store_name, name, &sealed).await;
        self.check_time(host, before);
        written.map_err(|warning| self.fail(warning)).is_ok()
    }

    /// `None` if the store failed or is left alone.
    async fn get<H: Host>(&self, host: &mut H, name: &str) -> Option<Option<Vec<u8>>> {
        if self.is_left_alone() {
            return None;
        }
        let before = host.time_in_store();
        let sealed = host.get(&self.store_name, name).await;
        self.check_time(host, before);
        sealed.map_err(|warning| self.fail(warning)).ok()
    }

    fn check_time<H: Host>(&self, host: &H, before: Duration) {
        let took = host.time_in_store().saturating_sub(before);
        if took > LONGEST_OPERATION {
            self.fail(format!(
                "the key-value store took {} seconds for one operation; this call does not use it any more",
                took.as_secs()
            ));
            self.faults.borrow_mut().is_left_alone = true;
        }
    }

    fn fail(&self, warning: String) {
        self.faults.borrow_mut().has_failed = true;
        self.warn(warning);
    }

    /// Adds a warning, each text once.
    fn warn(&self, warning: String) {
        let warnings = &mut self.faults.borrow_mut().warnings;
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
}

/// The name of a key under the first sealing key.
fn name<'a>(sealing: &SealingKey, key: &'a EntryKey) -> &'a str {
    key.name(|bytes| sealing.name(bytes))
}

/// The time for all reads of a call, after which older keys are skipped.
const TIME_FOR_OLDER_KEYS: Duration = Duration::from_millis(500);
/// WASI 0.2 cannot cancel an operation, but a store that needed longer for one is not called again. Stores answer within
/// milliseconds; a token request takes less than this.
const LONGEST_OPERATION: Duration = Duration::from_secs(2);
