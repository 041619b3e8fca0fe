//! What the instances tell one another through the store. Every note is a hint: without it a call still ends well.

use crate::cache::EntryKey;
use crate::cache::Label;
use crate::call::Call;
use crate::credential::Fingerprint;
use crate::discovery;
use crate::error::Cause;
use crate::host::Host;
use crate::policy::Course;
use crate::policy::backoff::Backoff;
use crate::policy::backoff::seconds_after;
use crate::policy::failover;
use crate::policy::refresh;
use crate::time::UnixTime;
use crate::vault::Vault;

/// The notes of one call.
pub(crate) struct Notes<'a> {
    call: &'a Call,
    vault: &'a Vault,
    credentials: Vec<Fingerprint>,
    warnings: Vec<String>,
}

impl<'a> Notes<'a> {
    pub(crate) fn new(call: &'a Call, vault: &'a Vault) -> Self {
        Self {
            call,
            vault,
            credentials: failover::to_fingerprints(&call.application.credentials),
            warnings: Vec::new(),
        }
    }

    /// Whether notes are kept at all.
    pub(crate) fn are_kept(&self) -> bool {
        self.vault.is_usable()
    }

    /// Faults of the store that were met.
    pub(crate) fn into_warnings(self) -> Vec<String> {
        self.warnings
    }

    /// Whether it is for this call to refresh the token. If the store takes no claim, it would take no token either.
    pub(crate) async fn claim_refresh<H: Host>(&mut self, host: &mut H, now: UnixTime) -> bool {
        let key = EntryKey::about(Label::Refresh, &self.call.token_key());
        let noted = self.read(host, &key).await;
        !noted.is_some_and(|note| refresh::is_claimed(&note, now))
            && self.write(host, &key, Some(refresh::to_claim(now))).await
    }

    /// What an earlier call was told, as long as it holds for this one.
    pub(crate) async fn backoff<H: Host>(&mut self, host: &mut H, now: UnixTime) -> Option<Cause> {
        let note = self.read(host, &self.call.backoff_key()).await?;
        Backoff::from_bytes(&note)?.into_cause(&self.credentials, now)
    }

    pub(crate) async fn note_failure<H: Host>(&mut self, host: &mut H, cause: &Cause) {
        if seconds_after(cause).is_none() {
            return;
        }
        let now = host.now().await.wall;
        if let Some(backoff) = Backoff::of(cause, &self.credentials, now) {
            self.write(host, &self.call.backoff_key(), backoff.to_bytes()).await;
        }
    }

    /// The order in which to try the credentials.
    pub(crate) async fn credential_order<H: Host>(&mut self, host: &mut H) -> Vec<usize> {
        let credentials = &self.call.application.credentials;
        if credentials.len() < 2 {
            return failover::order(credentials, None);
        }
        let noted = self.read(host, &self.call.credential_key()).await;
        failover::order(credentials, noted.as_deref())
    }

    /// Remembers the credential that worked, unless it was the first to be tried.
    pub(crate) async fn note_credential<H: Host>(&mut self, host: &mut H, course: &Course<'_>) {
        if course.has_changed_credential()
            && let Some(credential) = self.credentials.get(course.credential_index()).copied()
        {
            self.write(host, &self.call.credential_key(), Some(credential.to_vec())).await;
        }
    }

    /// What a server published under a URL, as far as it was kept.
    pub(crate) async fn fact<H: Host>(
        &mut self,
        host: &mut H,
        url: &str,
        now: UnixTime,
    ) -> Option<String> {
        let note = self.read(host, &EntryKey::of_document(url)).await?;
        discovery::from_note(&note, now)
    }

    pub(crate) async fn note_fact<H: Host>(
        &mut self,
        host: &mut H,
        url: &str,
        fact: &str,
        now: UnixTime,
    ) {
        self.write(host, &EntryKey::of_document(url), discovery::to_note(fact, now)).await;
    }

    async fn read<H: Host>(&mut self, host: &mut H, key: &EntryKey) -> Option<Vec<u8>> {
        self.vault.read_note(host, key, &mut self.warnings).await
    }

    async fn write<H: Host>(
        &mut self,
        host: &mut H,
        key: &EntryKey,
        note: Option<Vec<u8>>,
    ) -> bool {
        match note {
            Some(note) => self.vault.write_note(host, key, &note, &mut self.warnings).await,
            None => false,
        }
    }
}
