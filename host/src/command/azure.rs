//! The environment variables of the Azure SDKs.

use std::collections::BTreeMap;
use std::path::Path;

use msal_host::TokenProxy;
use msal_host::TokenProxyTrust;
use msal_host::contract::AcquireError;
use msal_host::contract::Application;
use msal_host::contract::ApplicationOption;
use msal_host::contract::Certificate;
use msal_host::contract::CertificateOption;
use msal_host::contract::Credential;
use msal_host::contract::ErrorCause;
use msal_wasi::authority::Authority;
use msal_wasi::authority::AuthorityRules;

use super::Failure;
use super::credential::certificate;
use super::federated::FederatedToken;
use super::report;

/// An application from the variables.
#[derive(Debug)]
pub(super) struct Configured {
    pub(super) application: Application,
    /// The source of its `provider` credential, if it has one.
    pub(super) federated_token: Option<FederatedToken>,
    /// The server that takes its requests, if it is a pod with an identity binding of AKS.
    pub(super) token_proxy: Option<TokenProxy>,
    /// Variables that are set and not used.
    pub(super) warnings: Vec<String>,
}

/// Reads the variables; `None` if none of those that name an application is set. An empty variable counts as unset.
pub(super) fn application(
    variable: impl Fn(&str) -> Result<Option<String>, Failure>,
) -> Result<Option<Configured>, Failure> {
    let mut variables = Variables::default();
    for name in OF_ALL.into_iter().chain(OF_CREDENTIALS).chain(UNUSED) {
        if let Some(value) = variable(name)?.filter(|value| !value.is_empty()) {
            variables.0.insert(name, value);
        }
    }
    if !APPLICATION.iter().any(|name| variables.get(name).is_some()) {
        return Ok(None);
    }
    let host = variables.get(AUTHORITY_HOST).unwrap_or(DEFAULT_HOST);
    let authority = format!("{}/{}", with_scheme(host), variables.required(TENANT_ID)?);
    let client_id = variables.required(CLIENT_ID)?.to_owned();
    let credential = variables.credential()?;
    let (federated_token, token_proxy) = match &credential {
        Credential::Provider => (variables.get(FEDERATED_TOKEN_FILE), variables.token_proxy()?),
        _ => (None, None),
    };
    let region = variables.get(REGION).map(|name| ApplicationOption::Region(name.to_owned()));
    Ok(Some(Configured {
        federated_token: federated_token
            .map(|path| FederatedToken::new(FEDERATED_TOKEN_FILE, path)),
        token_proxy,
        warnings: variables.warnings(&credential),
        application: Application {
            client_id,
            authority,
            credentials: vec![credential],
            options: region.into_iter().collect(),
        },
    }))
}

/// An error of the application's call in one line, which names the variable at fault instead of the contract's field.
pub(super) fn error_text(application: &Application, error: &AcquireError) -> String {
    let text = report::error_text(error);
    let (ErrorCause::InvalidRequest(rejection) | ErrorCause::InvalidCredential(rejection)) =
        &error.cause
    else {
        return text;
    };
    let variable = match rejection.field.strip_prefix("application.").unwrap_or_default() {
        "authority" if has_valid_host(application) => TENANT_ID,
        "authority" => AUTHORITY_HOST,
        "client-id" => CLIENT_ID,
        "options.region" => REGION,
        "credentials.secret" => CLIENT_SECRET,
        "credentials.certificate.options.passphrase" => CERTIFICATE_PASSWORD,
        field if field.starts_with("credentials.certificate") => CERTIFICATE_PATH,
        field if field.starts_with("credentials.provider") => FEDERATED_TOKEN_FILE,
        _ => return text,
    };
    text.replacen(&rejection.field, variable, 1)
}

/// Whether a tenant that is certainly valid makes the authority valid.
fn has_valid_host(application: &Application) -> bool {
    let host = application.authority.rsplit_once('/').map_or("", |(host, _)| host);
    let rules = AuthorityRules::default();
    Authority::parse("authority", &format!("{host}/contoso.com"), &rules).is_ok()
}

/// The variables that are set.
#[derive(Default)]
struct Variables(BTreeMap<&'static str, String>);

impl Variables {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn required(&self, name: &str) -> Result<&str, Failure> {
        self.get(name).ok_or_else(|| {
            let reason = "is not set, but other AZURE_ variables are: set or unset all of them";
            Failure::of(name, reason)
        })
    }

    /// The secret takes precedence, then the certificate, then the federated token, as in the Azure SDKs.
    fn credential(&self) -> Result<Credential, Failure> {
        if let Some(secret) = self.get(CLIENT_SECRET) {
            return Ok(Credential::Secret(secret.to_owned()));
        }
        if let Some(path) = self.get(CERTIFICATE_PATH) {
            return Ok(Credential::Certificate(self.certificate(Path::new(path))?));
        }
        if self.get(FEDERATED_TOKEN_FILE).is_some() {
            return Ok(Credential::Provider);
        }
        Err(Failure::of(
            CLIENT_SECRET,
            "is not set, nor is AZURE_CLIENT_CERTIFICATE_PATH or AZURE_FEDERATED_TOKEN_FILE: set one of them",
        ))
    }

    fn certificate(&self, path: &Path) -> Result<Certificate, Failure> {
        let passphrase = self.get(CERTIFICATE_PASSWORD).map(str::to_owned);
        let certificate = certificate(CERTIFICATE_PATH, path, passphrase)?;
        match self.get(SEND_CERTIFICATE_CHAIN).map(str::to_ascii_lowercase).as_deref() {
            Some("1" | "true") => Ok(certificate.with(CertificateOption::SendX5c)),
            Some("0" | "false") | None => Ok(certificate),
            Some(_) => Err(Failure::of(SEND_CERTIFICATE_CHAIN, "is neither true nor false")),
        }
    }

    /// As `azure_identity` reads it.
    fn token_proxy(&self) -> Result<Option<TokenProxy>, Failure> {
        let (file, data) = (self.get(CA_FILE), self.get(CA_DATA));
        let server_name = self.get(SNI_NAME).map(str::to_owned);
        let trust = match (file, data) {
            (Some(_), Some(_)) => {
                let reason = "is set, and AZURE_KUBERNETES_CA_DATA too: set only one of them";
                return Err(Failure::of(CA_FILE, reason));
            }
            (Some(path), None) => TokenProxyTrust::File(path.into()),
            (None, Some(pem)) => TokenProxyTrust::Pem(pem.to_owned()),
            (None, None) => TokenProxyTrust::Default,
        };
        match self.get(TOKEN_PROXY) {
            Some(url) => Ok(Some(TokenProxy { url: url.to_owned(), server_name, trust })),
            None if server_name.is_some() || file.is_some() || data.is_some() => {
                let reason = "is not set, but other AZURE_KUBERNETES_ variables are";
                Err(Failure::of(TOKEN_PROXY, reason))
            }
            None => Ok(None),
        }
    }

    /// One line for each variable that is set and does nothing.
    fn warnings(&self, credential: &Credential) -> Vec<String> {
        let (used, preferred): (&[&str], _) = match credential {
            Credential::Secret(_) => (&[CLIENT_SECRET], CLIENT_SECRET),
            Credential::Certificate(_) => (
                &[CERTIFICATE_PATH, CERTIFICATE_PASSWORD, SEND_CERTIFICATE_CHAIN],
                CERTIFICATE_PATH,
            ),
            Credential::Provider | Credential::Assertion(_) => (
                &[FEDERATED_TOKEN_FILE, TOKEN_PROXY, SNI_NAME, CA_FILE, CA_DATA],
                FEDERATED_TOKEN_FILE,
            ),
        };
        let mut warnings = Vec::new();
        for name in self.0.keys() {
            if OF_CREDENTIALS.contains(name) && !used.contains(name) {
                warnings.push(format!("{name} is not used, because {preferred} is set"));
            } else if UNUSED.contains(name) {
                warnings.push(format!("{name} is set, but msal-host does not use it"));
            }
        }
        warnings
    }
}

fn with_scheme(host: &str) -> String {
    let host = host.trim_end_matches('/');
    if host.contains("://") { host.to_owned() } else { format!("https://{host}") }
}

const TENANT_ID: &str = "AZURE_TENANT_ID";
const CLIENT_ID: &str = "AZURE_CLIENT_ID";
const CLIENT_SECRET: &str = "AZURE_CLIENT_SECRET";
const CERTIFICATE_PATH: &str = "AZURE_CLIENT_CERTIFICATE_PATH";
const CERTIFICATE_PASSWORD: &str = "AZURE_CLIENT_CERTIFICATE_PASSWORD";
const SEND_CERTIFICATE_CHAIN: &str = "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN";
const FEDERATED_TOKEN_FILE: &str = "AZURE_FEDERATED_TOKEN_FILE";
const AUTHORITY_HOST: &str = "AZURE_AUTHORITY_HOST";
const REGION: &str = "AZURE_REGIONAL_AUTHORITY_NAME";
/// The variable with the URL of the token proxy.
pub(super) const TOKEN_PROXY: &str = "AZURE_KUBERNETES_TOKEN_PROXY";
const SNI_NAME: &str = "AZURE_KUBERNETES_SNI_NAME";
const CA_FILE: &str = "AZURE_KUBERNETES_CA_FILE";
const CA_DATA: &str = "AZURE_KUBERNETES_CA_DATA";

/// Those that belong to one kind of credential.
const OF_CREDENTIALS: [&str; 9] = [
    CLIENT_SECRET,
    CERTIFICATE_PATH,
    CERTIFICATE_PASSWORD,
    SEND_CERTIFICATE_CHAIN,
    FEDERATED_TOKEN_FILE,
    TOKEN_PROXY,
    SNI_NAME,
    CA_FILE,
    CA_DATA,
];

/// Each of them says that an application is meant.
const APPLICATION: [&str; 7] = [
    TENANT_ID,
    CLIENT_ID,
    CLIENT_SECRET,
    CERTIFICATE_PATH,
    CERTIFICATE_PASSWORD,
    FEDERATED_TOKEN_FILE,
    AUTHORITY_HOST,
];

/// Those that belong to any credential.
const OF_ALL: [&str; 4] = [TENANT_ID, CLIENT_ID, AUTHORITY_HOST, REGION];

/// Those that change in the Azure SDKs who asks for a token, or where.
const UNUSED: [&str; 9] = [
    "AZURE_ADDITIONALLY_ALLOWED_TENANTS",
    "AZURE_CLOUD",
    "AZURE_IDENTITY_DISABLE_MULTITENANTAUTH",
    "AZURE_PASSWORD",
    "AZURE_POD_IDENTITY_AUTHORITY_HOST",
    "AZURE_TOKEN_CREDENTIALS",
    "AZURE_USERNAME",
    "IDENTITY_ENDPOINT",
    "MSI_ENDPOINT",
];

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
    fn the_region_and_the_chain_are_options() {
        let key = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/keys/rsa2048.pem");
        let with_chain = |value| {
            read(&[
                ("AZURE_TENANT_ID", "tenant"),
                ("AZURE_CLIENT_ID", "client"),
                ("AZURE_CLIENT_CERTIFICATE_PATH", key),
                ("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", value),
                ("AZURE_REGIONAL_AUTHORITY_NAME", "westeurope"),
            ])
        };
        for (value, is_sent) in [("1", true), ("True", true), ("0", false), ("", false)] {
            let application = with_chain(value).unwrap().unwrap().application;
            let [Credential::Certificate(certificate)] = &application.credentials[..] else {
                panic!("it is a certificate");
            };
            let is_option = matches!(certificate.options[..], [CertificateOption::SendX5c]);
            assert_eq!(is_option, is_sent, "{value}");
            assert!(matches!(application.options[..], [ApplicationOption::Region(_)]));
        }
        let text = with_chain("maybe").unwrap_err().to_string();
        assert!(text.starts_with("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN: "), "{text}");
    }

    #[test]
    fn an_identity_binding_is_read_as_azure_identity_reads_it() {
        let with = |more: &[(&str, &str)]| {
            let mut all = vec![
                ("AZURE_TENANT_ID", "tenant"),
                ("AZURE_CLIENT_ID", "client"),
                ("AZURE_FEDERATED_TOKEN_FILE", "token"),
            ];
            all.extend(more);
            read(&all).map(|configured| configured.unwrap().token_proxy)
        };
        let (proxy, name) =
            (("AZURE_KUBERNETES_TOKEN_PROXY", "https://p"), ("AZURE_KUBERNETES_SNI_NAME", "n"));
        let (file, data) = (("AZURE_KUBERNETES_CA_FILE", "f"), ("AZURE_KUBERNETES_CA_DATA", "d"));
        assert!(with(&[]).unwrap().is_none());
        let read = with(&[proxy, name, file]).unwrap().unwrap();
        assert_eq!((read.url.as_str(), read.server_name.as_deref()), ("https://p", Some("n")));
        assert!(matches!(read.trust, TokenProxyTrust::File(_)));
        assert!(matches!(with(&[proxy, data]).unwrap().unwrap().trust, TokenProxyTrust::Pem(_)));
        for wrong in [&[name][..], &[file], &[data], &[proxy, file, data]] {
            assert!(with(wrong).unwrap_err().to_string().starts_with("AZURE_KUBERNETES_"));
        }
    }

    #[test]
    fn a_variable_without_effect_is_named() {
        let configured = read(&[
            ("AZURE_TENANT_ID", "tenant"),
            ("AZURE_CLIENT_ID", "client"),
            ("AZURE_CLIENT_SECRET", "secret"),
            ("AZURE_CLIENT_CERTIFICATE_PATH", "no/such/file"),
            ("AZURE_PASSWORD", "password"),
        ]);
        let warnings = configured.unwrap().unwrap().warnings;
        let expected = [
            "AZURE_CLIENT_CERTIFICATE_PATH is not used, because AZURE_CLIENT_SECRET is set",
            "AZURE_PASSWORD is set, but msal-host does not use it",
        ];
        assert_eq!(warnings, expected);
        // A machine with a managed identity has such variables, and no application.
        assert!(read(&[("IDENTITY_ENDPOINT", "http://127.0.0.1")]).unwrap().is_none());
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
