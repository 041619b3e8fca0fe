//! An HTTP component that acquires a token for itself and responds with the token's metadata.
//!
//! It imports the contract and does not depend on the component that implements it; composition puts
//! the two into one file. A response never contains the token.

mod answer;
mod settings;

use waki::ErrorCode;
use waki::Method;
use waki::Request;
use waki::Response;

use self::bindings::msal::client_credentials::client_credentials;

#[waki::handler]
fn handle(request: Request) -> Result<Response, ErrorCode> {
    if !matches!(request.method(), Method::Get) {
        return answer::method_not_allowed();
    }
    let settings = match settings::read() {
        Ok(settings) => settings,
        Err(missing) => return answer::misconfigured(&missing),
    };
    match client_credentials::acquire_token_for_client(&settings.application, &settings.request) {
        Ok(result) => answer::acquired(&result),
        Err(error) => answer::failed(&error),
    }
}

mod bindings {
    #![allow(
        missing_docs,
        unreachable_pub,
        unsafe_code,
        unused_qualifications,
        reason = "generated code"
    )]
    #![allow(clippy::all, reason = "generated code")]

    #[cfg(not(feature = "spin"))]
    wit_bindgen::generate!({
        path: ["../../wit", "wit"],
        world: "msal:example-app/app",
        generate_all,
    });

    #[cfg(feature = "spin")]
    wit_bindgen::generate!({
        path: ["../../wit", "wit"],
        world: "msal:example-app/app-on-spin",
        generate_all,
    });
}
