//! The encrypted view of the key-value store. Its failures are misses and warnings, never errors.

use std::time::Duration;

use crate::application::Application;
use crate::application::StoreName;
use crate::cache::CachedToken;
use crate::cache::EntryKey;
use crate::cache::KeyRing;
use crate::cache::open;
use crate::host::Host;
use crate::host::random_bytes;
use crate::time::Moment;

/// A call's view of the store, with its keys.
#[derive(Debug)]
pub(crate) struct SealedStore {
    keys: KeyRing,
    store_name: StoreName,
}

impl SealedStore {
    pub(crate) fn new(application: &Application) -> Self {
        Self { keys: KeyRing::new(application), store_name: application.cache_store.clone() }
    }

    /// Whether there is a key. Without one, nothing is read or written.
    pub(crate) fn is_usable(&self) -> bool {
        self.keys.sealing().is_some()
    }

    /// Returns the first token that `judge` accepts: under the first key or, if `reads_older`, under any key.
    pub(crate) async fn find_token<H: Host, T>(
        &self,
        host: &mut H,
        key: &EntryKey,
        started: Moment,
        reads_older: bool,
        warnings: &mut Vec<String>,
        mut judge: impl FnMut(CachedToken) -> Option<T>,
    ) -> Option<T> {
        let mut older = self.keys.older();
        let mut derived;
        let mut sealing = self.keys.sealing()?;
        loop {
            let name = sealing.name(key.as_bytes());
            match host.get(&self.store_name, &name).await {
                Ok(sealed) => {
                    let token = sealed.and_then(|sealed| open(sealing, &sealed, key, &name));
                    if let Some(found) = token.and_then(&mut judge) {
                        return Some(found);
                    }
                }
                Err(warning) => {
                    warn(warnings, warning);
                    return None;
                }
            }
            derived = older.next().filter(|_| reads_older)?;
            sealing = &derived;
            // Older keys are tried only while the store is fast. The first read does not read the clock.
            if STORE_BUDGET < host.now().await.monotonic.saturating_sub(started.monotonic) {
                warn(
                    warnings,
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
        warnings: &mut Vec<String>,
    ) -> bool {
        match token.to_bytes() {
            Some(bytes) => self.write_note(host, key, bytes.expose(), warnings).await,
            None => false,
        }
    }

    /// Deletes a token under every key, ignoring failures.
    pub(crate) async fn delete_token<H: Host>(&self, host: &mut H, key: &EntryKey) {
        self.delete_note(host, key).await;
        for sealing in self.keys.older() {
            let _ = host.delete(&self.store_name, &sealing.name(key.as_bytes())).await;
        }
    }

    /// Takes a ticket from a counter: 1 for the first caller; `None` if the store cannot count.
    pub(crate) async fn take_place<H: Host>(&self, host: &mut H, key: &EntryKey) -> Option<u64> {
        let name = self.keys.sealing()?.name(key.as_bytes());
        host.increment(&self.store_name, &name).await.ok()
    }

    /// Deletes a record or counter, ignoring failures: a leftover is harmless.
    pub(crate) async fn delete_note<H: Host>(&self, host: &mut H, key: &EntryKey) {
        if let Some(sealing) = self.keys.sealing() {
            let _ = host.delete(&self.store_name, &sealing.name(key.as_bytes())).await;
        }
    }

    /// Reads a record.
    pub(crate) async fn read_note<H: Host>(
        &self,
        host: &mut H,
        key: &EntryKey,
        warnings: &mut Vec<String>,
    ) -> Option<Vec<u8>> {
        let sealing = self.keys.sealing()?;
        let name = sealing.name(key.as_bytes());
        match host.get(&self.store_name, &name).await {
            Ok(sealed) => sealing.open(&sealed?, key.as_bytes(), &name).map(|note| note.to_vec()),
            Err(warning) => {
                warn(warnings, warning);
                None
            }
        }
    }

    /// Writes a record; `false` if the store failed.
    pub(crate) async fn write_note<H: Host>(
        &self,
        host: &mut H,
        key: &EntryKey,
        note: &[u8],
        warnings: &mut Vec<String>,
    ) -> bool {
        let Some(sealing) = self.keys.sealing() else {
            return false;
        };
        let nonce = random_bytes(host).await;
        let name = sealing.name(key.as_bytes());
        let Some(sealed) = sealing.seal(note, key.as_bytes(), &name, nonce) else {
            return false;
        };
        let written = host.set(&self.store_name, &name, &sealed).await;
        written.map_err(|warning| warn(warnings, warning)).is_ok()
    }
}

/// Adds a warning, each text once.
fn warn(warnings: &mut Vec<String>, warning: String) {
    if !warnings.contains(&warning) {
        warnings.push(warning);
    }
}

/// The time for all reads of a call, after which older keys are skipped. WASI 0.2 cannot cancel a single read.
const STORE_BUDGET: Duration = Duration::from_millis(500);
