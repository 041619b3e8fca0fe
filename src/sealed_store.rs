//! The store as the flow sees it: sealed, and never a reason to fail.

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

/// One call's view of the store.
#[derive(Debug)]
pub(crate) struct SealedStore {
    keys: KeyRing,
    store_name: StoreName,
}

impl SealedStore {
    pub(crate) fn new(application: &Application) -> Self {
        Self { keys: KeyRing::new(application), store_name: application.cache_store.clone() }
    }

    /// Whether there is anything to seal with. If not, nothing is read or written.
    pub(crate) fn is_usable(&self) -> bool {
        self.keys.sealing().is_some()
    }

    /// The first token of which `judge` makes something: under the first key, or if `reads_older` under any.
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
            // Older keys are worth a look only while the store is quick; the first read is free of clocks.
            if STORE_BUDGET < host.now().await.monotonic.saturating_sub(started.monotonic) {
                warn(
                    warnings,
                    "the key-value store is slow; older cache keys were not tried".to_owned(),
                );
                return None;
            }
        }
    }

    /// Keeps a token; false if the store did not take it.
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

    /// Deletes a token under every key. A store that fails is no reason to fail the caller.
    pub(crate) async fn delete_token<H: Host>(&self, host: &mut H, key: &EntryKey) {
        self.delete_note(host, key).await;
        for sealing in self.keys.older() {
            let _ = host.delete(&self.store_name, &sealing.name(key.as_bytes())).await;
        }
    }

    /// How many have asked for a place here, this caller included; none where the store cannot tell.
    pub(crate) async fn take_place<H: Host>(&self, host: &mut H, key: &EntryKey) -> Option<u64> {
        let name = self.keys.sealing()?.name(key.as_bytes());
        host.increment(&self.store_name, &name).await.ok()
    }

    /// Deletes what is noted or counted under a key; what stays takes room and does no harm.
    pub(crate) async fn delete_note<H: Host>(&self, host: &mut H, key: &EntryKey) {
        if let Some(sealing) = self.keys.sealing() {
            let _ = host.delete(&self.store_name, &sealing.name(key.as_bytes())).await;
        }
    }

    /// What is noted under a key.
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

    /// Notes something, for all instances; false if the store did not take it.
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

/// One warning for one fault, however many operations meet it.
fn warn(warnings: &mut Vec<String>, warning: String) {
    if !warnings.contains(&warning) {
        warnings.push(warning);
    }
}

/// What all reads of a call may take before the rest is left out; a single one cannot be cut short under WASI 0.2.
const STORE_BUDGET: Duration = Duration::from_millis(500);
