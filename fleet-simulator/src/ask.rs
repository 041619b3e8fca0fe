//! What an instance asks the core for.

use std::time::Duration;

use msal_wasi::application::ApplicationParts;
use msal_wasi::credential::CredentialParts;
use msal_wasi::request::TokenRequestParts;
use sha2::Digest;
use sha2::Sha256;

use crate::span::secs;

/// A call's arguments.
#[derive(Clone, Debug)]
pub struct Ask {
    tenant: String,
    client: String,
    scope: String,
    cache_key: Option<Vec<u8>>,
    is_forced: bool,
    claims: Option<String>,
    deadline: Duration,
    wait: Option<Duration>,
    rejected: Option<usize>,
    has_no_proof: bool,
}

/// Whom a token is for, and what for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenKey {
    /// The tenant.
    pub tenant: String,
    /// The client ID.
    pub client: String,
    /// The scope.
    pub scope: String,
}

impl Default for Ask {
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
            has_no_proof: false,
        }
    }
}

impl Ask {
    /// Another tenant than `contoso.com`.
    #[must_use]
    pub fn tenant(mut self, tenant: &str) -> Self {
        tenant.clone_into(&mut self.tenant);
        self
    }

    /// Another client than `client`.
    #[must_use]
    pub fn client(mut self, client: &str) -> Self {
        client.clone_into(&mut self.client);
        self
    }

    /// Another scope than `api://x/.default`.
    #[must_use]
    pub fn scope(mut self, scope: &str) -> Self {
        scope.clone_into(&mut self.scope);
        self
    }

    /// A key of its own to seal with, instead of the client's secret.
    #[must_use]
    pub fn cache_key(mut self, key: &[u8]) -> Self {
        self.cache_key = Some(key.to_vec());
        self
    }

    /// With `force-refresh`.
    #[must_use]
    pub fn forced(mut self) -> Self {
        self.is_forced = true;
        self
    }

    /// With a claims challenge.
    #[must_use]
    pub fn challenged(mut self) -> Self {
        self.claims = Some(r#"{"access_token":{"nbf":{"essential":true,"value":"1"}}}"#.to_owned());
        self
    }

    /// With `refresh-if-sha256` of this token of the run, by its number: it is known to be bad.
    #[must_use]
    pub fn rejecting(mut self, token: usize) -> Self {
        self.rejected = Some(token);
        self
    }

    /// With an assertion provider that fails, instead of the client's secret. It needs a key to seal with.
    #[must_use]
    pub fn without_proof(mut self) -> Self {
        self.has_no_proof = true;
        self
    }

    /// Another deadline than 30 seconds, in whole milliseconds.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline =
            deadline - Duration::from_nanos((deadline.subsec_nanos() % 1_000_000).into());
        self
    }

    /// Another wait for other callers' tokens than two thirds of the deadline: `max-wait-ms`. With none, the call asks at
    /// once.
    #[must_use]
    pub fn waiting(mut self, wait: Duration) -> Self {
        self.wait = Some(wait);
        self
    }

    /// Whom the token is for.
    pub fn token_key(&self) -> TokenKey {
        TokenKey {
            tenant: self.tenant.clone(),
            client: self.client.clone(),
            scope: self.scope.clone(),
        }
    }

    /// Whether it leaves the token request to another, where one makes it.
    pub(crate) fn is_elected(&self) -> bool {
        !self.is_for_a_new_token() && !self.longest_wait().is_zero()
    }

    /// Whether it takes nothing from the cache.
    pub(crate) fn is_for_a_new_token(&self) -> bool {
        self.is_forced || (self.claims.is_some() && self.rejected.is_none())
    }

    /// Whether what is refused to it may be so because of what it alone sends.
    pub(crate) fn is_plain(&self) -> bool {
        self.claims.is_none()
    }

    /// Whether it fails before it sends anything.
    pub(crate) fn fails_by_itself(&self) -> bool {
        self.has_no_proof
    }

    /// The number of the token that it does not take.
    pub(crate) fn rejected(&self) -> Option<usize> {
        self.rejected
    }

    /// How long it may wait for another: the core keeps a third of the deadline for a request of its own.
    pub(crate) fn longest_wait(&self) -> Duration {
        let longest = self.deadline * 2 / 3;
        self.wait.map_or(longest, |wait| wait.min(longest))
    }

    /// Under what its token is stored: two asks for the same token that seal with different keys share nothing.
    pub(crate) fn entry(&self) -> (TokenKey, Option<&[u8]>) {
        (self.token_key(), self.cache_key.as_deref())
    }

    pub(crate) fn deadline_of_call(&self) -> Duration {
        self.deadline
    }

    /// What the core is called with, the token that is rejected being this. Each client has a secret of its own.
    pub(crate) fn to_parts(&self, rejected: Option<&str>) -> (ApplicationParts, TokenRequestParts) {
        let secret = format!("the secret of {}", self.client);
        let credential = if self.has_no_proof {
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
