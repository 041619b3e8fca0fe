//! Why entries are not imported, which the contract does not tell.

use std::time::Duration;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use msal_host::contract::Application;
use msal_host::contract::ApplicationOption;
use msal_host::contract::AuthorityType;
use msal_wasi::application::ApplicationParts;
use msal_wasi::authority::AuthorityKind;
use msal_wasi::authority::InstanceMetadataParts;
use msal_wasi::credential::CredentialParts;
use msal_wasi::migrate::SkipReason;
use msal_wasi::migrate::skip_reasons;
use msal_wasi::time::Moment;
use msal_wasi::time::UnixTime;

/// The reasons for the entries of a cache that the component skips.
pub(super) fn reasons(application: &Application, cache: &str) -> Vec<SkipReason> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now =
        Moment { wall: UnixTime::from_seconds(now.as_secs()), monotonic: Duration::default() };
    // The component has accepted both, so there is no error.
    skip_reasons(parts(application), cache, now).unwrap_or_default()
}

/// What decides to whom an entry belongs.
fn parts(application: &Application) -> ApplicationParts {
    let mut parts = ApplicationParts {
        client_id: application.client_id.clone(),
        authority: application.authority.clone(),
        // Which one does not matter here.
        credentials: vec![CredentialParts::Provider],
        ..ApplicationParts::default()
    };
    for option in &application.options {
        match option {
            ApplicationOption::AuthorityType(kind) => parts.authority_kind = Some(to_kind(*kind)),
            ApplicationOption::AllowInsecureLoopback => parts.allow_insecure_loopback = true,
            ApplicationOption::InstanceMetadata(clouds) => {
                let clouds = clouds.iter().cloned();
                parts.instance_metadata = clouds
                    .map(|cloud| InstanceMetadataParts {
                        preferred_network: cloud.preferred_network,
                        preferred_cache: cloud.preferred_cache,
                        aliases: cloud.aliases,
                    })
                    .collect();
            }
            _ => {}
        }
    }
    parts
}

fn to_kind(kind: AuthorityType) -> AuthorityKind {
    match kind {
        AuthorityType::Entra => AuthorityKind::Entra,
        AuthorityType::Generic => AuthorityKind::Generic,
        AuthorityType::Adfs => AuthorityKind::Adfs,
        AuthorityType::Dsts => AuthorityKind::Dsts,
        AuthorityType::B2c => AuthorityKind::B2c,
        AuthorityType::Ciam => AuthorityKind::Ciam,
        AuthorityType::Oidc => AuthorityKind::Oidc,
    }
}
