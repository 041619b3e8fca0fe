//! Gets a token without a credential for each request, and answers with when it expires, never with the token.

use serde_json::json;
use waki::ErrorCode;
use waki::Request;
use waki::Response;

use self::bindings::msal::client_credentials::token_provider;

mod bindings {
    wit_bindgen::generate!({ path: "../../wit", world: "token-consumer" });
}

#[waki::handler]
fn handle(_: Request) -> Result<Response, ErrorCode> {
    let answer = token_provider::get_token("https://graph.microsoft.com/.default", None);
    let (status, content) = match answer {
        Ok(token) => (200, json!({ "expires_on": token.expires_on })),
        Err(failure) => (502, json!({ "code": failure.code, "message": failure.message })),
    };
    Response::builder().status_code(status).json(&content).build()
}
