//! The shell: implements the provider interface with the environment and the filesystem.

mod bindings;

use std::env;

use bindings::exports::msal::client_credentials::assertion_provider as contract;

use crate::source::FILE_VARIABLE;
use crate::source::Source;
use crate::source::TOKEN_VARIABLE;
use crate::token;

struct Component;

impl contract::Guest for Component {
    /// The same for every request: the platform's token names the workload, not the application.
    fn get_assertion(
        _request: contract::AssertionRequest,
    ) -> Result<String, contract::ProviderError> {
        Source::from_variables(env::var_os(FILE_VARIABLE), env::var_os(TOKEN_VARIABLE))
            .and_then(|source| token::parse(source.read()?, source.variable()))
            .map_err(|message| contract::ProviderError { message })
    }
}
