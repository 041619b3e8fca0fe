use spin_sdk::http::{IntoResponse, Request, Response};
use spin_sdk::http_service;
use spin_sdk::variables;

spin_sdk::dependencies!();

use msal::client_credentials::client_credentials as entra;

#[http_service]
async fn handle(_: Request) -> anyhow::Result<impl IntoResponse> {
    let secret = variables::get("azure_client_secret").await?;
    let application = entra::Application {
        client_id: variables::get("azure_client_id").await?,
        authority: variables::get("azure_tenant_id").await?,
        credentials: vec![entra::Credential::Secret(secret)],
        options: vec![],
    };
    let scopes = vec!["https://graph.microsoft.com/.default".to_string()];
    let request = entra::TokenRequest { scopes, options: vec![] };
    let (status, text) = match entra::acquire_token_for_client(&application, &request) {
        Ok(token) => {
            // Such as a store that cannot be opened, so that nothing is cached.
            token.metadata.warnings.iter().for_each(|warning| eprintln!("warning: {warning}"));
            (200, token.metadata.token_source_name)
        }
        Err(failure) => (502, failure.message),
    };
    Ok(Response::builder().status(status).body(text))
}
