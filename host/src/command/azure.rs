//! The environment variables of the Azure SDKs.

use std::collections::BTreeMap;
use std::path::Path;

use msal_host::contract::Application;
use msal_host::contract::Credential;

use super::Failure;
use super::credential::certificate;
use super::federated::FederatedToken;

/// An application from the variables, and the source of its `provider` credential, if it has one.
#[derive(Debug)]
pub(super) struct Configured {
    pub(super) application: Application,
    pub(super) federated_token: Option<FederatedToken>,
}

/// Reads the variables; `None` if all are unset. An empty variable counts as unset.
pub(super) fn application(
    variable: impl Fn(&str) -> Result<Option<String>, Failure>,
) -> Result<Option<Configured>, Failure> {
    let mut variables = BTreeMap::new();
    for name in ALL {
        if let Some(value) = variable(name)?.filter(|value| !value.is_empty()) {
            variables.insert(name, value);
        }
    }
    if variables.is_empty() {
        return Ok(None);
    }
    let required = |name: &str| {
        variables.get(name).cloned().ok_or_else(|| {
            Failure::of(
                name,
                "is not set, but other AZURE_ variables are: set or unset all of them",
            )
        })
    };
    let host = variables.get("AZURE_AUTHORITY_HOST").map_or(DEFAULT_HOST, String::as_str);
    let authority = format!("{}/{}", with_scheme(host), required("AZURE_TENANT_ID")?);
    let client_id = required("AZURE_CLIENT_ID")?;
    let credential = credential(&variables)?;
    let federated_token = match &credential {
        Credential::Provider => variables.get(FEDERATED_TOKEN_FILE),
        _ => None,
    };
    Ok(Some(Configured {
        federated_token: federated_token
            .map(|path| FederatedToken::new(FEDERATED_TOKEN_FILE, path)),
        application: Application {
            client_id,
            authority,
            credentials: vec![credential],
            options: Vec::new(),
        },
    }))
}

/// The secret takes precedence, then the certificate, then the federated token, as in the Azure SDKs.
fn credential(variables: &BTreeMap<&str, String>) -> Result<Credential, Failure> {
    if let Some(secret) = variables.get("AZURE_CLIENT_SECRET") {
        return Ok(Credential::Secret(secret.clone()));
    }
    let Some(path) = variables.get("AZURE_CLIENT_CERTIFICATE_PATH") else {
        if variables.contains_key(FEDERATED_TOKEN_FILE) {
            return Ok(Credential::Provider);
        }
        return Err(Failure::of(
            "AZURE_CLIENT_SECRET",
            "is not set, nor is AZURE_CLIENT_CERTIFICATE_PATH or AZURE_FEDERATED_TOKEN_FILE: set \
             one of them",
        ));
    };
    let passphrase = variables.get("AZURE_CLIENT_CERTIFICATE_PASSWORD").cloned();
    let certificate = certificate("AZURE_CLIENT_CERTIFICATE_PATH", Path::new(path), passphrase)?;
    Ok(Credential::Certificate(certificate))
}

fn with_scheme(host: &str) -> String {
    let host = host.trim_end_matches('/');
    if host.contains("://") { host.to_owned() } else { format!("https://{host}") }
}

const ALL: [&str; 7] = [
    "AZURE_TENANT_ID",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_CLIENT_CERTIFICATE_PATH",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    "AZURE_AUTHORITY_HOST",
    FEDERATED_TOKEN_FILE,
];

const FEDERATED_TOKEN_FILE: &str = "AZURE_FEDERATED_TOKEN_FILE";

const DEFAULT_HOST: &str = "https://login.microsoftonline.com";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_variables_there_is_no_application() {
        assert!(read(&[]).unwrap().is_none());
        assert!(read(&[("AZURE_TENANT_ID", "")]).unwrap().is_none());
    }

    #[test]
    fn a_secret_is_preferred_to_a_certificate() {
        let application = read(&[
            ("AZURE_TENANT_ID", "tenant"),
            ("AZURE_CLIENT_ID", "client"),
            ("AZURE_CLIENT_SECRET", "secret"),
            ("AZURE_CLIENT_CERTIFICATE_PATH", "no/such/file"),
        ]);
        let application = application.unwrap().unwrap().application;
        assert_eq!(application.authority, "https://login.microsoftonline.com/tenant");
        assert!(matches!(application.credentials[..], [Credential::Secret(_)]));
    }

    #[test]
    fn a_federated_token_is_the_last_choice() {
        let federated = [
            ("AZURE_TENANT_ID", "tenant"),
            ("AZURE_CLIENT_ID", "client"),
            ("AZURE_FEDERATED_TOKEN_FILE", "token"),
        ];
        let configured = read(&federated).unwrap().unwrap();
        assert!(matches!(configured.application.credentials[..], [Credential::Provider]));
        assert!(configured.federated_token.is_some());

        let with_secret = [&federated[..], &[("AZURE_CLIENT_SECRET", "secret")]].concat();
        let configured = read(&with_secret).unwrap().unwrap();
        assert!(matches!(configured.application.credentials[..], [Credential::Secret(_)]));
        assert!(configured.federated_token.is_none());
    }

    #[test]
    fn the_scheme_of_the_authority_host_is_optional() {
        for host in ["login.microsoftonline.us", "https://login.microsoftonline.us/"] {
            let application = read(&[
                ("AZURE_TENANT_ID", "tenant"),
                ("AZURE_CLIENT_ID", "client"),
                ("AZURE_CLIENT_SECRET", "secret"),
                ("AZURE_AUTHORITY_HOST", host),
            ]);
            let application = application.unwrap().unwrap().application;
            assert_eq!(application.authority, "https://login.microsoftonline.us/tenant");
        }
    }

    #[test]
    fn a_missing_variable_is_named() {
        for (given, missing) in [
            (&[("AZURE_TENANT_ID", "t"), ("AZURE_CLIENT_SECRET", "s")][..], "AZURE_CLIENT_ID"),
            (&[("AZURE_CLIENT_ID", "c"), ("AZURE_CLIENT_SECRET", "s")], "AZURE_TENANT_ID"),
            (&[("AZURE_TENANT_ID", "t"), ("AZURE_CLIENT_ID", "c")], "AZURE_CLIENT_SECRET"),
        ] {
            let text = read(given).unwrap_err().to_string();
            assert!(text.starts_with(missing), "{text}");
            assert!(!text.contains('\n'), "{text}");
        }
    }

    fn read(variables: &[(&str, &str)]) -> Result<Option<Configured>, Failure> {
        application(|name| {
            let found = variables.iter().find(|(given, _)| *given == name);
            Ok(found.map(|(_, value)| (*value).to_owned()))
        })
    }
}
