use std::fmt;

use crate::AcquireError;
use crate::AuthenticationResult;
use crate::AuthorityType;
use crate::Credential;
use crate::ImportReport;
use crate::InstanceMetadata;
use crate::TokenRequest;
use crate::bindings::msal::client_credentials::client_credentials as contract;

/// An application registered in the directory, and how it authenticates.
///
/// Options are methods, and each states what happens without it. The component refuses an option that is given twice.
/// It keeps no state of an application, so make one whenever you need it. `Debug` shows the client ID and authority.
#[derive(Clone)]
pub struct Application(contract::Application);

impl Application {
    /// An application with one credential.
    ///
    /// `authority` is a tenant ID (GUID) or verified domain in Entra's public cloud, or an authority URL,
    /// `https://HOST/TENANT`, for a national cloud or another server.
    pub fn new(
        client_id: impl Into<String>,
        authority: impl Into<String>,
        credential: impl Into<Credential>,
    ) -> Self {
        Self(contract::Application {
            client_id: client_id.into(),
            authority: authority.into(),
            credentials: vec![credential.into().into_contract()],
            options: Vec::new(),
        })
    }

    /// Returns an access token: from the cache while it is valid for more than 300 seconds, otherwise from the
    /// authority.
    ///
    /// A scope alone is a request without options.
    pub fn acquire_token_for_client(
        &self,
        request: impl Into<TokenRequest>,
    ) -> Result<AuthenticationResult, AcquireError> {
        let request = request.into().into_contract();
        Ok(contract::acquire_token_for_client(&self.0, &request)?.into())
    }

    /// Removes the token that `acquire_token_for_client` would return for the same arguments from the cache.
    ///
    /// The token stays valid until it expires. Succeeds if there is no such token, or if the store fails.
    pub fn remove_token_for_client(
        &self,
        request: impl Into<TokenRequest>,
    ) -> Result<(), AcquireError> {
        Ok(contract::remove_token_for_client(&self.0, &request.into().into_contract())?)
    }

    /// Returns the cached tokens for these requests as JSON, in the unified cache schema of the MSALs.
    ///
    /// The text contains the tokens: treat it as a secret.
    pub fn export_token_cache(
        &self,
        requests: impl IntoIterator<Item = impl Into<TokenRequest>>,
    ) -> Result<String, AcquireError> {
        let requests: Vec<_> = requests.into_iter().map(|it| it.into().into_contract()).collect();
        Ok(contract::export_token_cache(&self.0, &requests)?)
    }

    /// Imports tokens from a cache in the unified schema of the MSALs, at most 1 MiB of JSON.
    pub fn import_token_cache(&self, cache: &str) -> Result<ImportReport, AcquireError> {
        Ok(contract::import_token_cache(&self.0, cache)?)
    }

    /// Adds a credential for a rotation. A request uses one credential, and the next is tried if the authority answers
    /// `invalid_client` or the credential cannot be used. At most 8 in total.
    #[must_use]
    pub fn credential(mut self, credential: impl Into<Credential>) -> Self {
        self.0.credentials.push(credential.into().into_contract());
        self
    }

    /// The kind of the authority's server. Without it, the URL determines the kind.
    #[must_use]
    pub fn authority_type(self, kind: AuthorityType) -> Self {
        self.with(contract::ApplicationOption::AuthorityType(kind))
    }

    /// Asks Microsoft's instance discovery whether an unknown host is trusted before a credential is sent to it.
    /// Without it, the configured host is trusted.
    #[must_use]
    pub fn validate_authority(self) -> Self {
        self.with(contract::ApplicationOption::ValidateAuthority)
    }

    /// At most 16 additional clouds, or additional names of one. Without it, only Microsoft's clouds are known.
    #[must_use]
    pub fn instance_metadata(self, clouds: impl IntoIterator<Item = InstanceMetadata>) -> Self {
        self.with(contract::ApplicationOption::InstanceMetadata(clouds.into_iter().collect()))
    }

    /// Allows `http://` for an authority on `127.0.0.1`, `[::1]` or `localhost`, for tests. Without it, the authority
    /// must use `https://`.
    #[must_use]
    pub fn allow_insecure_loopback(self) -> Self {
        self.with(contract::ApplicationOption::AllowInsecureLoopback)
    }

    /// An Azure region such as `westeurope`, whose host gets the token requests. Without it, the global host does.
    #[must_use]
    pub fn region(self, region: impl Into<String>) -> Self {
        self.with(contract::ApplicationOption::Region(region.into()))
    }

    /// Client capabilities such as `cp1`, sent with every token request. Without it, there are none.
    #[must_use]
    pub fn client_capabilities(
        self,
        capabilities: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let capabilities = capabilities.into_iter().map(Into::into).collect();
        self.with(contract::ApplicationOption::ClientCapabilities(capabilities))
    }

    /// Up to 8 keys of 32 to 1,024 bytes that encrypt the cache. The first encrypts, all decrypt. Without it, the key
    /// is derived from the first credential.
    #[must_use]
    pub fn cache_keys(self, keys: impl IntoIterator<Item = impl Into<Vec<u8>>>) -> Self {
        let keys = keys.into_iter().map(Into::into).collect();
        self.with(contract::ApplicationOption::CacheKeys(keys))
    }

    /// The key-value store to open. Without it, `default`.
    #[must_use]
    pub fn cache_store(self, name: impl Into<String>) -> Self {
        self.with(contract::ApplicationOption::CacheStore(name.into()))
    }

    /// Neither reads nor writes the cache. Without it, tokens are cached.
    #[must_use]
    pub fn disable_cache(self) -> Self {
        self.with(contract::ApplicationOption::DisableCache)
    }

    /// Does not repeat a token request after a 5xx answer or a failed transport. Without it, it is repeated once.
    #[must_use]
    pub fn disable_retry(self) -> Self {
        self.with(contract::ApplicationOption::DisableRetry)
    }

    /// Sent as `x-app-name` for the authority's logs. Without it, not sent.
    #[must_use]
    pub fn app_name(self, name: impl Into<String>) -> Self {
        self.with(contract::ApplicationOption::AppName(name.into()))
    }

    /// Sent as `x-app-ver` for the authority's logs. Without it, not sent.
    #[must_use]
    pub fn app_version(self, version: impl Into<String>) -> Self {
        self.with(contract::ApplicationOption::AppVersion(version.into()))
    }

    fn with(mut self, option: contract::ApplicationOption) -> Self {
        self.0.options.push(option);
        self
    }
}

impl fmt::Debug for Application {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Application")
            .field("client_id", &self.0.client_id)
            .field("authority", &self.0.authority)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let application = Application::new("id", "contoso.com", Credential::secret("hush"))
            .credential(Credential::secret("hush"))
            .cache_keys([b"hush"]);
        assert_eq!(
            format!("{application:?}"),
            r#"Application { client_id: "id", authority: "contoso.com", .. }"#
        );
    }

    #[test]
    fn options_and_credentials_keep_their_order() {
        let Application(contract::Application { credentials, options, .. }) =
            Application::new("id", "contoso.com", Credential::secret("new"))
                .credential(Credential::provider())
                .region("westeurope")
                .disable_retry();
        assert!(matches!(
            credentials[..],
            [contract::Credential::Secret(_), contract::Credential::Provider]
        ));
        assert!(matches!(
            options[..],
            [contract::ApplicationOption::Region(_), contract::ApplicationOption::DisableRetry]
        ));
    }
}
