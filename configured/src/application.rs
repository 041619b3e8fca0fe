//! An application, as its variables describe it.

use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::variables::ALLOW_INSECURE_LOOPBACK;
use crate::variables::AUTHORITY_HOST;
use crate::variables::CACHE_STORE;
use crate::variables::CLIENT_CERTIFICATE;
use crate::variables::CLIENT_CERTIFICATE_PASSWORD;
use crate::variables::CLIENT_ID;
use crate::variables::CLIENT_SECRET;
use crate::variables::CLIENT_SEND_CERTIFICATE_CHAIN;
use crate::variables::Source;
use crate::variables::TENANT_ID;
use crate::variables::Variables;

/// An application. Not `Debug`, because its credential is a secret.
pub struct Application {
    /// The application (client) ID.
    pub client_id: String,
    /// A tenant, or the authority's URL.
    pub authority: String,
    /// How it authenticates.
    pub credential: Credential,
    /// Whether the authority may be `http://` on this machine.
    pub allows_insecure_loopback: bool,
    /// The key-value store; `None`: the component's default.
    pub cache_store: Option<String>,
}

/// How an application authenticates.
pub enum Credential {
    /// A client secret.
    Secret(Zeroizing<String>),
    /// A certificate with its key.
    Certificate {
        /// Both, as PEM text.
        pem: Zeroizing<String>,
        /// The passphrase of the key.
        passphrase: Option<Zeroizing<String>>,
        /// Whether to send the chain.
        sends_chain: bool,
    },
}

impl Application {
    /// Reads the variables. The component that gets the token checks their form.
    pub fn read<S: Source>(variables: &Variables<'_, S>) -> Result<Self, Failure> {
        Ok(Self {
            client_id: variables.required(CLIENT_ID)?.to_string(),
            authority: authority(variables)?,
            credential: credential(variables)?,
            allows_insecure_loopback: variables.flag(ALLOW_INSECURE_LOOPBACK)?,
            cache_store: variables.get(CACHE_STORE)?.map(|name| name.to_string()),
        })
    }
}

/// Without a host, the tenant in the public cloud. The scheme of the host is optional, as in the Azure SDKs.
fn authority<S: Source>(variables: &Variables<'_, S>) -> Result<String, Failure> {
    let tenant = variables.required(TENANT_ID)?;
    Ok(match variables.get(AUTHORITY_HOST)? {
        None => tenant.to_string(),
        Some(host) => {
            let host = host.trim_end_matches('/');
            let scheme = if host.contains("://") { "" } else { "https://" };
            format!("{scheme}{host}/{}", &*tenant)
        }
    })
}

/// The secret goes before the certificate, as in the Azure SDKs.
fn credential<S: Source>(variables: &Variables<'_, S>) -> Result<Credential, Failure> {
    if let Some(secret) = variables.get(CLIENT_SECRET)? {
        return Ok(Credential::Secret(secret));
    }
    let Some(pem) = variables.get(CLIENT_CERTIFICATE)? else {
        return Err(Failure::not_configured(format!(
            "{} is not set, nor is {}: set one of them",
            variables.name_of(CLIENT_SECRET),
            variables.name_of(CLIENT_CERTIFICATE)
        )));
    };
    Ok(Credential::Certificate {
        pem,
        passphrase: variables.get(CLIENT_CERTIFICATE_PASSWORD)?,
        sends_chain: variables.flag(CLIENT_SEND_CERTIFICATE_CHAIN)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::variables::tests::Fixed;

    const WITH_SECRET: [(&str, &str); 3] = [
        ("azure_tenant_id", "tenant"),
        ("azure_client_id", "client"),
        ("azure_client_secret", "s"),
    ];

    fn read(variables: &[(&str, &str)]) -> Result<Application, Failure> {
        let source = Fixed::new(variables);
        Application::read(&Variables::of(&source, None)?)
    }

    fn with(more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
        [&WITH_SECRET[..], more].concat()
    }

    #[test]
    fn tenant_client_and_secret_are_enough() {
        let application = read(&WITH_SECRET).unwrap();
        assert_eq!(application.client_id, "client");
        assert_eq!(application.authority, "tenant");
        assert!(matches!(application.credential, Credential::Secret(secret) if *secret == "s"));
        assert!(!application.allows_insecure_loopback);
        assert_eq!(application.cache_store, None);
    }

    #[test]
    fn the_host_makes_the_authority_a_url_and_its_scheme_is_optional() {
        for (host, authority) in [
            ("login.microsoftonline.us", "https://login.microsoftonline.us/tenant"),
            ("https://login.microsoftonline.us/", "https://login.microsoftonline.us/tenant"),
            ("http://127.0.0.1:8081", "http://127.0.0.1:8081/tenant"),
        ] {
            let application = read(&with(&[("azure_authority_host", host)])).unwrap();
            assert_eq!(application.authority, authority);
        }
    }

    #[test]
    fn the_secret_goes_before_the_certificate() {
        let both = with(&[("azure_client_certificate", "pem")]);
        assert!(matches!(read(&both).unwrap().credential, Credential::Secret(_)));
    }

    #[test]
    fn a_certificate_has_its_passphrase_and_says_whether_its_chain_is_sent() {
        let application = read(&[
            ("azure_tenant_id", "tenant"),
            ("azure_client_id", "client"),
            ("azure_client_certificate", "pem"),
            ("azure_client_certificate_password", "passphrase"),
            ("azure_client_send_certificate_chain", "true"),
        ]);
        let Credential::Certificate { pem, passphrase, sends_chain } =
            application.unwrap().credential
        else {
            panic!("it is a certificate");
        };
        assert_eq!(*pem, "pem");
        assert_eq!(passphrase.as_deref().map(String::as_str), Some("passphrase"));
        assert!(sends_chain);
    }

    #[test]
    fn the_options_are_variables() {
        let options =
            with(&[("msal_allow_insecure_loopback", "1"), ("msal_cache_store", "tokens")]);
        let application = read(&options).unwrap();
        assert!(application.allows_insecure_loopback);
        assert_eq!(application.cache_store.as_deref(), Some("tokens"));
    }

    #[test]
    fn a_missing_variable_is_named() {
        for (index, message) in [
            "azure_tenant_id is not set",
            "azure_client_id is not set",
            "azure_client_secret is not set, nor is azure_client_certificate: set one of them",
        ]
        .into_iter()
        .enumerate()
        {
            let mut variables = WITH_SECRET.to_vec();
            variables.remove(index);
            let failure = read(&variables).err().unwrap();
            assert_eq!(
                (failure.code.as_str(), failure.message.as_str()),
                ("not-configured", message)
            );
        }
    }
}
