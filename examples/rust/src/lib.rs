//! Gets a token for each request and answers with what is known about it, never with the token.

use std::env;

use serde_json::json;
use waki::ErrorCode;
use waki::Request;
use waki::Response;

use self::bindings::msal::client_credentials::client_credentials as msal;

mod bindings {
    wit_bindgen::generate!({ path: "../../wit", world: "consumer" });
}

#[waki::handler]
fn handle(_: Request) -> Result<Response, ErrorCode> {
    let scopes = vec!["https://graph.microsoft.com/.default".to_owned()];
    let request = msal::TokenRequest { scopes, options: vec![] };
    let (status, content) = match msal::acquire_token_for_client(&application(), &request) {
        Ok(token) => {
            let source = token.metadata.token_source_name;
            (200, json!({ "token_source": source, "expires_on": token.expires_on }))
        }
        Err(failure) => (502, json!({ "kind": failure.kind, "message": failure.message })),
    };
    Response::builder().status_code(status).json(&content).build()
}

fn application() -> msal::Application {
    let variable = |name| env::var(name).unwrap_or_default();
    msal::Application {
        client_id: variable("AZURE_CLIENT_ID"),
        authority: variable("AZURE_AUTHORITY"),
        credentials: vec![msal::Credential::Secret(variable("AZURE_CLIENT_SECRET"))],
        options: vec![msal::ApplicationOption::AllowInsecureLoopback],
    }
}
