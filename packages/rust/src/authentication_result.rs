use crate::AccessToken;
use crate::Metadata;
use crate::bindings::msal::client_credentials::client_credentials as contract;

/// A token and its properties. `Debug` does not show the token.
#[derive(Clone, Debug)]
pub struct AuthenticationResult {
    /// The token.
    pub access_token: AccessToken,
    /// `Bearer`, always in this spelling.
    pub token_type: String,
    /// When the token expires, in Unix seconds.
    pub expires_on: u64,
    /// When the authority recommends to refresh the token, in Unix seconds, if it said so.
    pub refresh_on: Option<u64>,
    /// The granted scopes.
    pub scopes: Vec<String>,
    /// The token's tenant as requested; in lower case for Entra. Empty for AD FS and OIDC authorities.
    pub tenant_id: String,
    /// How the token was obtained.
    pub metadata: Metadata,
}

impl From<contract::AuthenticationResult> for AuthenticationResult {
    fn from(result: contract::AuthenticationResult) -> Self {
        let contract::AuthenticationResult {
            access_token,
            token_type,
            expires_on,
            refresh_on,
            scopes,
            tenant_id,
            metadata,
        } = result;
        let access_token = AccessToken::new(access_token);
        Self { access_token, token_type, expires_on, refresh_on, scopes, tenant_id, metadata }
    }
}
