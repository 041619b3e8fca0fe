//! The arguments of a call.

use std::time::Duration;

use msal_wasi::application::ApplicationParts;
use msal_wasi::credential::CertificateParts;
use msal_wasi::credential::CertificateSource;
use msal_wasi::credential::CredentialParts;
use msal_wasi::request::TokenRequestParts;
use sha2::Digest;
use sha2::Sha256;

use crate::durations::secs;

/// The arguments with which an instance calls the core.
#[derive(Clone, Debug)]
pub struct CallArgs {
    tenant: String,
    client: String,
    scope: String,
    cache_key: Option<Vec<u8>>,
    is_forced: bool,
    claims: Option<String>,
    deadline: Duration,
    wait: Option<Duration>,
    rejected: Option<usize>,
    credentials: Vec<Credential>,
    extra: Option<Extra>,
}

/// A credential of the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// The client's secret.
    Secret,
    /// A secret that the authority refuses.
    WrongSecret,
    /// An assertion provider. Alone, it needs a [`cache_key`](CallArgs::cache_key).
    Provider,
}

/// An argument that makes the token differ from a plain one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extra {
    /// Attributes with this role.
    Attributes(u8),
    /// A form field with this role.
    Parameter(u8),
    /// Claims of the client with this role.
    Claims(u8),
}

/// Identifies a token: tenant, client, scope and extras.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenKey {
    /// The tenant.
    pub tenant: String,
    /// The client ID.
    pub client: String,
    /// The scope.
    pub scope: String,
    /// What the token contains beyond that; empty if nothing.
    pub extras: String,
}

impl Default for CallArgs {
    fn default() -> Self {
        Self {
            tenant: "contoso.com".to_owned(),
            client: "client".to_owned(),
            scope: "api://x/.default".to_owned(),
            cache_key: None,
            is_forced: false,
            claims: None,
            deadline: secs(30),
            wait: None,
            rejected: None,
            credentials: vec![Credential::Secret],
            extra: None,
        }
    }
}

impl CallArgs {
    /// Sets the tenant. Default: `contoso.com`.
    #[must_use]
    pub fn tenant(mut self, tenant: &str) -> Self {
        tenant.clone_into(&mut self.tenant);
        self
    }

    /// Sets the client ID. Default: `client`.
    #[must_use]
    pub fn client(mut self, client: &str) -> Self {
        client.clone_into(&mut self.client);
        self
    }

    /// Sets the scope. Default: `api://x/.default`.
    #[must_use]
    pub fn scope(mut self, scope: &str) -> Self {
        scope.clone_into(&mut self.scope);
        self
    }

    /// Seals entries with this key instead of the client secret.
    #[must_use]
    pub fn cache_key(mut self, key: &[u8]) -> Self {
        self.cache_key = Some(key.to_vec());
        self
    }

    /// Sets `force-refresh`.
    #[must_use]
    pub fn forced(mut self) -> Self {
        self.is_forced = true;
        self
    }

    /// Adds a claims challenge.
    #[must_use]
    pub fn challenged(mut self) -> Self {
        self.claims = Some(r#"{"access_token":{"nbf":{"essential":true,"value":"1"}}}"#.to_owned());
        self
    }

    /// Sets `refresh-if-sha256` to the hash of a token of this run, given by its number: the caller knows it to be bad.
    #[must_use]
    pub fn rejecting(mut self, token: usize) -> Self {
        self.rejected = Some(token);
        self
    }

    /// Sets the credentials, in the order in which they are tried. Default: the secret.
    #[must_use]
    pub fn credentials(mut self, credentials: &[Credential]) -> Self {
        self.credentials = credentials.to_vec();
        self
    }

    /// Adds an argument that makes the token differ from a plain one.
    #[must_use]
    pub fn extra(mut self, extra: Extra) -> Self {
        self.extra = Some(extra);
        self
    }

    /// Sets the deadline, rounded down to milliseconds. Default: 30 seconds.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline =
            deadline - Duration::from_nanos((deadline.subsec_nanos() % 1_000_000).into());
        self
    }

    /// Sets `max-wait-ms`, how long to wait for another caller's token. Default: two thirds of the deadline. With zero, the
    /// call requests a token at once.
    #[must_use]
    pub fn waiting(mut self, wait: Duration) -> Self {
        self.wait = Some(wait);
        self
    }

    /// What identifies the token.
    pub fn token_key(&self) -> TokenKey {
        TokenKey {
            tenant: self.tenant.clone(),
            client: self.client.clone(),
            scope: self.scope.clone(),
            extras: self.extra.map(Extra::to_text).unwrap_or_default(),
        }
    }

    /// Whether the call may wait for a token that another caller requests.
    pub(crate) fn uses_single_flight(&self) -> bool {
        !self.bypasses_cache() && !self.longest_wait().is_zero()
    }

    /// Whether the call accepts no token from the cache.
    pub(crate) fn bypasses_cache(&self) -> bool {
        self.is_forced || (self.claims.is_some() && self.rejected.is_none())
    }

    /// What may affect the authority's answer, except the credentials.
    pub(crate) fn arguments(&self) -> (TokenKey, Option<&str>) {
        (self.token_key(), self.claims.as_deref())
    }

    /// Whether the authority may be unable to serve this request, and able to serve a plain one.
    pub(crate) fn has_extras(&self) -> bool {
        self.extra.is_some() || self.claims.is_some()
    }

    /// How many credentials the call may try.
    pub(crate) fn credential_count(&self) -> usize {
        self.credentials.len()
    }

    /// Whether the authority accepts one of the credentials.
    pub(crate) fn has_valid_credential(&self) -> bool {
        self.credentials.iter().any(|&credential| credential != Credential::WrongSecret)
    }

    /// Whether each credential is also one of the other call.
    pub(crate) fn has_no_other_credential_than(&self, other: &Self) -> bool {
        self.client == other.client
            && self.credentials.iter().all(|credential| other.credentials.contains(credential))
    }

    /// The number of the token that the caller rejects.
    pub(crate) fn rejected(&self) -> Option<usize> {
        self.rejected
    }

    /// How long the call may wait for another caller; zero if it does not.
    pub(crate) fn longest_wait_for_others(&self) -> Duration {
        if self.uses_single_flight() { self.longest_wait() } else { Duration::ZERO }
    }

    /// The core reserves a third of the deadline for the call's own request.
    fn longest_wait(&self) -> Duration {
        let longest = self.deadline * 2 / 3;
        self.wait.map_or(longest, |wait| wait.min(longest))
    }

    /// What identifies the entry in the store: callers that seal with different keys share nothing.
    pub(crate) fn entry(&self) -> (TokenKey, Option<Vec<u8>>) {
        (self.token_key(), self.sealing_keys().into_iter().next())
    }

    /// The same for all tokens that differ in their extras only: their requests share failures.
    pub(crate) fn scope_entry(&self) -> (TokenKey, Option<Vec<u8>>) {
        let (key, sealing) = self.entry();
        (TokenKey { extras: String::new(), ..key }, sealing)
    }

    /// The keys of the call's entries. The first one writes; all of them read.
    pub(crate) fn sealing_keys(&self) -> Vec<Vec<u8>> {
        if let Some(key) = &self.cache_key {
            return vec![key.clone()];
        }
        let secrets = self.credentials.iter().filter_map(|&credential| self.secret(credential));
        secrets.map(String::into_bytes).collect()
    }

    fn secret(&self, credential: Credential) -> Option<String> {
        match credential {
            Credential::Secret => Some(secret_of(&self.client)),
            Credential::WrongSecret => Some("a wrong secret".to_owned()),
            Credential::Provider => None,
        }
    }

    pub(crate) fn deadline_of_call(&self) -> Duration {
        self.deadline
    }

    /// The arguments in the core's types. `rejected` is the text of the rejected token.
    pub(crate) fn to_parts(
        &self,
        rejected: Option<&str>,
        has_bad_key_file: bool,
    ) -> (ApplicationParts, TokenRequestParts) {
        let mut credentials: Vec<_> = (self.credentials.iter())
            .map(|&credential| match self.secret(credential) {
                Some(secret) => CredentialParts::Secret(secret.into()),
                None => CredentialParts::Provider,
            })
            .collect();
        if has_bad_key_file {
            let file = CertificateSource::Pkcs12(b"undecryptable".to_vec().into());
            credentials[0] = CredentialParts::Certificate(CertificateParts::new(file));
        }
        let application = ApplicationParts {
            client_id: self.client.clone(),
            authority: self.tenant.clone(),
            credentials,
            cache_keys: self.cache_key.iter().map(|key| key.clone().into()).collect(),
            ..ApplicationParts::default()
        };
        let mut request = TokenRequestParts {
            scopes: vec![self.scope.clone()],
            claims: self.claims.clone(),
            force_refresh: self.is_forced,
            refresh_if_sha256: rejected.map(to_sha256),
            deadline_ms: u64::try_from(self.deadline.as_millis()).ok(),
            max_wait_ms: self.wait.and_then(|wait| u32::try_from(wait.as_millis()).ok()),
            ..TokenRequestParts::default()
        };
        match self.extra {
            Some(Extra::Attributes(role)) => {
                request.attributes = Some(format!(r#"{{"role":"{role}"}}"#));
            }
            Some(Extra::Parameter(role)) => {
                request.extra.body = vec![(ROLE.to_owned(), role.to_string())]
            }
            Some(Extra::Claims(role)) => {
                request.claims_from_client =
                    Some(format!(r#"{{"access_token":{{"role":{{"value":"{role}"}}}}}}"#));
            }
            None => {}
        }
        (application, request)
    }
}

impl Extra {
    /// The extras of a [`TokenKey`].
    pub(crate) fn to_text(self) -> String {
        format!("{self:?}")
    }
}

/// The client's secret.
pub(crate) fn secret_of(client: &str) -> String {
    format!("the secret of {client}")
}

/// The name of the form field of [`Extra::Parameter`].
pub(crate) const ROLE: &str = "role";

fn to_sha256(token: &str) -> String {
    Sha256::digest(token).iter().map(|byte| format!("{byte:02x}")).collect()
}
