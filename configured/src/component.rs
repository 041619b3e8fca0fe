//! The shell: reads the host's variables and calls the component that gets the token.

mod bindings;
mod convert;
mod source;

use msal_allocator as _;

use bindings::exports::msal::client_credentials::token_provider as contract;
use bindings::msal::client_credentials::client_credentials;

use crate::application::Application;
use crate::failure::Failure;
use crate::scopes;
use crate::variables::Variables;
use source::HostVariables;

struct Component;

impl contract::Guest for Component {
    fn get_token(
        scope: String,
        application: Option<String>,
    ) -> Result<contract::Token, contract::Failure> {
        get_token(scope, application.as_deref()).map_err(convert::from_failure)
    }
}

/// The variables are read anew, so that a change of the configuration needs no restart.
fn get_token(scope: String, application: Option<&str>) -> Result<contract::Token, Failure> {
    let source = HostVariables::default();
    let variables = Variables::of(&source, application)?;
    scopes::check(&variables, &scope)?;
    let mut application = convert::from_application(Application::read(&variables)?);
    let request = client_credentials::TokenRequest { scopes: vec![scope], options: Vec::new() };
    let result = client_credentials::acquire_token_for_client(&application, &request);
    convert::zeroize(&mut application);
    match result {
        Ok(result) => {
            Ok(contract::Token { access_token: result.access_token, expires_on: result.expires_on })
        }
        Err(error) => Err(Failure::of_call(convert::to_failed_call(error), &variables)),
    }
}
