//! Gets a token for each request and answers with what is known about it, never with the token.

use std::env;

use msal_wasi_guest::Application;
use msal_wasi_guest::Credential;
use serde_json::json;
use waki::ErrorCode;
use waki::Request;
use waki::Response;

#[waki::handler]
fn handle(_: Request) -> Result<Response, ErrorCode> {
    let variable = |name| env::var(name).unwrap_or_default();
    let secret = Credential::secret(variable("AZURE_CLIENT_SECRET"));
    let application =
        Application::new(variable("AZURE_CLIENT_ID"), variable("AZURE_AUTHORITY"), secret)
            .allow_insecure_loopback();
    let answer = application.acquire_token_for_client("https://graph.microsoft.com/.default");
    let (status, content) = match answer {
        Ok(token) => {
            let source = token.metadata.token_source_name;
            (200, json!({ "token_source": source, "expires_on": token.expires_on }))
        }
        Err(error) => (502, json!({ "kind": error.kind, "message": error.message })),
    };
    Response::builder().status_code(status).json(&content).build()
}
