//! The app's settings, from its environment.

use crate::client_credentials::Application;
use crate::client_credentials::ApplicationOption;
use crate::client_credentials::Certificate;
use crate::client_credentials::CertificateSource;
use crate::client_credentials::Credential;
use crate::client_credentials::TokenRequest;

/// The arguments of a call. Not `Debug`, because the credential is among them.
pub(crate) struct Settings {
    pub(crate) application: Application,
    pub(crate) request: TokenRequest,
}

/// The settings, or the name of a required one that is not set.
pub(crate) fn read() -> Result<Settings, String> {
    let authority = match setting("AZURE_AUTHORITY") {
        Some(authority) => authority,
        None => required("AZURE_TENANT_ID")?,
    };
    let mut options = Vec::new();
    if setting("ALLOW_INSECURE_LOOPBACK").is_some() {
        options.push(ApplicationOption::AllowInsecureLoopback);
    }
    let application = Application {
        client_id: required("AZURE_CLIENT_ID")?,
        authority,
        credentials: vec![credential()?],
        options,
    };
    let scope = setting("TOKEN_SCOPE").unwrap_or_else(|| DEFAULT_SCOPE.to_owned());
    Ok(Settings { application, request: TokenRequest { scopes: vec![scope], options: Vec::new() } })
}

/// A certificate, or else a secret.
fn credential() -> Result<Credential, String> {
    match setting("AZURE_CLIENT_CERTIFICATE_PEM") {
        Some(pem) => Ok(Credential::Certificate(Certificate {
            source: CertificateSource::Pem(pem),
            options: Vec::new(),
        })),
        None => required("AZURE_CLIENT_SECRET").map(Credential::Secret),
    }
}

const DEFAULT_SCOPE: &str = "https://graph.microsoft.com/.default";

fn required(name: &str) -> Result<String, String> {
    setting(name).ok_or_else(|| host_name(name))
}

/// An empty setting counts as not set, since some hosts cannot leave one out.
fn setting(name: &str) -> Option<String> {
    look_up(&host_name(name)).filter(|value| !value.is_empty())
}

#[cfg(not(feature = "spin"))]
fn host_name(name: &str) -> String {
    name.to_owned()
}

#[cfg(not(feature = "spin"))]
fn look_up(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Spin refuses upper case in the name of a variable.
#[cfg(feature = "spin")]
fn host_name(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// `None` also for a variable that the manifest does not declare.
#[cfg(feature = "spin")]
fn look_up(name: &str) -> Option<String> {
    crate::bindings::wasi::config::store::get(name).ok().flatten()
}
