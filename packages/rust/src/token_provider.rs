use std::error::Error;
use std::fmt;

use crate::AccessToken;
use crate::bindings::msal::client_credentials::token_provider as contract;

/// Returns an access token for one scope, for code that holds no credential: the applications, their credentials and
/// the scopes that callers may ask for are configured by the host's operator.
///
/// `application` is the name of a configured application. `None`: the default application.
pub fn get_token(scope: &str, application: Option<&str>) -> Result<Token, Failure> {
    match contract::get_token(scope, application) {
        Ok(contract::Token { access_token, expires_on }) => {
            Ok(Token { access_token: AccessToken::new(access_token), expires_on })
        }
        Err(contract::Failure { code, message, retry_after_seconds }) => {
            Err(Failure { code, message, retry_after_seconds })
        }
    }
}

/// A token from [`get_token`]. `Debug` does not show it.
#[derive(Clone, Debug)]
pub struct Token {
    /// The token.
    pub access_token: AccessToken,
    /// When the token expires, in Unix seconds.
    pub expires_on: u64,
}

/// Why [`get_token`] returned no token. No text has a secret.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The kind of failure: a `kind` of [`AcquireError`](crate::AcquireError), or `unknown-application`,
    /// `scope-not-allowed` or `not-configured`. Stable. Later versions may add codes: treat an unknown one as
    /// permanent.
    pub code: String,
    /// One line for people, with the remedy if one is known. May change in any release.
    pub message: String,
    /// Seconds to wait before the same call may succeed. `None`: waiting is not known to help.
    pub retry_after_seconds: Option<u32>,
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl Error for Failure {}
