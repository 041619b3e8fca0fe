//! Gets a token twice, then fails with a wrong secret, and prints what is known about each call, never the token.

use std::env;

use msal_wasi_guest::Application;
use msal_wasi_guest::Credential;

fn main() {
    let secret = variable("AZURE_CLIENT_SECRET");
    for secret in [secret.as_str(), secret.as_str(), "wrong"] {
        let application = Application::new(
            variable("AZURE_CLIENT_ID"),
            variable("AZURE_AUTHORITY"),
            Credential::secret(secret),
        )
        .allow_insecure_loopback();
        match application.acquire_token_for_client("https://graph.microsoft.com/.default") {
            Ok(token) => {
                println!("{} expires {}", token.metadata.token_source_name, token.expires_on)
            }
            Err(error) => println!("{} {error}", error.kind),
        }
    }
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}
