//! Gets a token from Rust: the component, a store that several processes share, and one call.

use std::error::Error;

use msal_host::Host;
use msal_host::contract::Application;
use msal_host::contract::Credential;
use msal_host::contract::TokenRequest;
use msal_host::store;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let host = Host::builder().store(store::open("sqlite:target/tokens.db")?).build()?;
    let application = Application {
        client_id: std::env::var("AZURE_CLIENT_ID")?,
        authority: std::env::var("AZURE_TENANT_ID")?,
        credentials: vec![Credential::Secret(std::env::var("AZURE_CLIENT_SECRET")?)],
        options: Vec::new(),
    };
    let request = TokenRequest::new("https://graph.microsoft.com/.default");
    match host.acquire_token_for_client(&application, &request).await? {
        Ok(result) => println!("a token from {:?}", result.metadata.token_source),
        Err(error) => eprintln!("{}; {}", error.message, error.remedy.unwrap_or_default()),
    }
    Ok(())
}
