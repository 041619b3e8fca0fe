//! The arguments of a call.

use std::time::Duration;

use msal_wasi::application::ApplicationParts;
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
    has_failing_provider: bool,
}

/// Identifies a token: tenant, client and scope.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenKey {
    /// The tenant.
    pub tenant: String,
    /// The client ID.
    pub client: String,
    /// The scope.
    pub scope: String,
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
            has_failing_provider: false,
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

    /// Uses an assertion provider that fails instead of the client secret. Needs a [`cache_key`](Self::cache_key).
    #[must_use]
    pub fn with_failing_provider(mut self) -> Self {
        self.has_failing_provider = true;
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

    /// The tenant, client and scope of the token.
    pub fn token_key(&self) -> TokenKey {
        TokenKey {
            tenant: self.tenant.clone(),
            client: self.client.clone(),
            scope: self.scope.clone(),
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

    /// Whether a refusal of this call's request also applies to other callers: it sends no claims.
    pub(crate) fn has_only_standard_parameters(&self) -> bool {
        self.claims.is_none()
    }

    /// Whether the call fails before it sends a request.
    pub(crate) fn fails_locally(&self) -> bool {
        self.has_failing_provider
    }

    /// The number of the token that the caller rejects.
    pub(crate) fn rejected(&self) -> Option<usize> {
        self.rejected
    }

    /// How long the call may wait for another caller: the core reserves a third of the deadline for the call's own request.
    pub(crate) fn longest_wait(&self) -> Duration {
        let longest = self.deadline * 2 / 3;
        self.wait.map_or(longest, |wait| wait.min(longest))
    }

    /// What identifies the entry in the store: callers that seal with different keys share nothing.
    pub(crate) fn entry(&self) -> (TokenKey, Option<&[u8]>) {
        (self.token_key(), self.cache_key.as_deref())
    }

    pub(crate) fn deadline_of_call(&self) -> Duration {
        self.deadline
    }

    /// The arguments in the core's types. `rejected` is the text of the rejected token. Each client has a different secret.
    pub(crate) fn to_parts(&self, rejected: Option<&str>) -> (ApplicationParts, TokenRequestParts) {
        let secret = format!("the secret of {}", self.client);
        let credential = if self.has_failing_provider {
            CredentialParts::Provider
        } else {
            CredentialParts::Secret(secret.into())
        };
        let application = ApplicationParts {
            client_id: self.client.clone(),
            authority: self.tenant.clone(),
            credentials: vec![credential],
            cache_keys: self.cache_key.iter().map(|key| key.clone().into()).collect(),
            ..ApplicationParts::default()
        };
        let request = TokenRequestParts {
            scopes: vec![self.scope.clone()],
            claims: self.claims.clone(),
            force_refresh: self.is_forced,
            refresh_if_sha256: rejected.map(to_sha256),
            deadline_ms: u64::try_from(self.deadline.as_millis()).ok(),
            max_wait_ms: self.wait.and_then(|wait| u32::try_from(wait.as_millis()).ok()),
            ..TokenRequestParts::default()
        };
        (application, request)
    }
}

fn to_sha256(token: &str) -> String {
    Sha256::digest(token).iter().map(|byte| format!("{byte:02x}")).collect()
}
