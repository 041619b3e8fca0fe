//! The shell: binds the flow to WASI. It converts, calls the host, and converts back; it decides nothing about tokens.

mod bindings;
mod convert;
mod executor;
mod http;
mod store;
mod wasi;

use bindings::exports::msal::client_credentials::client_credentials as contract;
use wasi::WasiHost;

use crate::acquire;

struct Component;

impl contract::Guest for Component {
    fn acquire_token_for_client(
        application: contract::Application,
        request: contract::TokenRequest,
    ) -> Result<contract::AuthenticationResult, contract::AcquireError> {
        let mut host = WasiHost::new();
        let application = convert::to_application(application);
        let request = convert::to_request(request);
        let result =
            executor::run(acquire::acquire_token_for_client(&mut host, application, request));
        let durations = host.durations();
        match result {
            Some(Ok(result)) => Ok(convert::from_result(result, durations)),
            Some(Err(error)) => Err(convert::from_error(error, durations)),
            None => Err(convert::stalled()),
        }
    }

    fn remove_token_for_client(
        application: contract::Application,
        request: contract::TokenRequest,
    ) -> Result<(), contract::AcquireError> {
        let mut host = WasiHost::new();
        let application = convert::to_application(application);
        let request = convert::to_request(request);
        let result =
            executor::run(acquire::remove_token_for_client(&mut host, application, request));
        match result {
            Some(result) => result.map_err(|error| convert::from_error(error, host.durations())),
            None => Err(convert::stalled()),
        }
    }
}
