//! The variables of an application.

use zeroize::Zeroizing;

use crate::failure::Failure;

/// Where the host keeps variables.
pub trait Source {
    /// A variable's name in this source, from its name in lower case.
    fn name_of(&self, variable: &str) -> String;

    /// The present value of the variable with this name.
    fn get(&self, name: &str) -> Result<Option<Zeroizing<String>>, Unreadable>;
}

/// The source failed. The host's text about it is dropped, because it may contain anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

/// The variables of one application.
pub struct Variables<'a, S> {
    source: &'a S,
    /// Before each variable's name: empty for the default application.
    prefix: String,
}

impl<'a, S: Source> Variables<'a, S> {
    /// The variables of the application with this name; `None`: of the default application. It must be configured.
    pub fn of(source: &'a S, application: Option<&str>) -> Result<Self, Failure> {
        let prefix = match application {
            None => String::new(),
            Some(name) if is_application_name(name) => format!("{name}_"),
            Some(_) => {
                return Err(Failure::unknown_application(format!(
                    "the application's name cannot be that of a configured one: it must have 1 to {MAX_NAME_LENGTH} \
                     lower-case letters, digits and single underscores, and begin with a letter"
                )));
            }
        };
        let variables = Self { source, prefix };
        if application.is_some() && !variables.is_any_set()? {
            return Err(Failure::unknown_application(format!(
                "no application of this name is configured: {} is not set",
                variables.name_of(CLIENT_ID)
            )));
        }
        Ok(variables)
    }

    /// The name of a variable in the host's configuration.
    pub fn name_of(&self, variable: &str) -> String {
        self.source.name_of(&format!("{}{variable}", self.prefix))
    }

    /// An empty variable counts as unset, because some hosts cannot omit one.
    pub fn get(&self, variable: &str) -> Result<Option<Zeroizing<String>>, Failure> {
        let name = self.name_of(variable);
        match self.source.get(&name) {
            Ok(value) => Ok(value.filter(|value| !value.is_empty())),
            Err(Unreadable) => Err(Failure::not_configured(format!(
                "{name}: the host cannot read it; check where the host takes it from"
            ))),
        }
    }

    /// A variable that must be set.
    pub fn required(&self, variable: &str) -> Result<Zeroizing<String>, Failure> {
        self.get(variable)?.ok_or_else(|| {
            Failure::not_configured(format!("{} is not set", self.name_of(variable)))
        })
    }

    /// A variable that is `true` or `1`, `false` or `0`, as in the Azure SDKs. Unset: false.
    pub fn flag(&self, variable: &str) -> Result<bool, Failure> {
        let value = self.get(variable)?;
        match value.as_ref().map(|value| value.to_ascii_lowercase()).as_deref() {
            Some("1" | "true") => Ok(true),
            Some("0" | "false") | None => Ok(false),
            Some(_) => Err(Failure::not_configured(format!(
                "{} is neither true nor false",
                self.name_of(variable)
            ))),
        }
    }

    fn is_any_set(&self) -> Result<bool, Failure> {
        for variable in ALL {
            if self.get(variable)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Whether the name can be the beginning of a Spin variable: lower-case letters, digits, and underscores one at a time.
fn is_application_name(name: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty()
            && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    name.len() <= MAX_NAME_LENGTH
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.split('_').all(is_word)
}

const MAX_NAME_LENGTH: usize = 64;

/// The tenant, as in the Azure SDKs.
pub const TENANT_ID: &str = "azure_tenant_id";
/// The application (client) ID, as in the Azure SDKs.
pub const CLIENT_ID: &str = "azure_client_id";
/// The client secret, as in the Azure SDKs.
pub const CLIENT_SECRET: &str = "azure_client_secret";
/// The certificate and its key as PEM text. The Azure SDKs have a variable with a path, but there are no files here.
pub const CLIENT_CERTIFICATE: &str = "azure_client_certificate";
/// The passphrase of the key, as in the Azure SDKs.
pub const CLIENT_CERTIFICATE_PASSWORD: &str = "azure_client_certificate_password";
/// Whether to send the certificate's chain, as in the Azure SDKs.
pub const CLIENT_SEND_CERTIFICATE_CHAIN: &str = "azure_client_send_certificate_chain";
/// The authority's host for a national cloud or another server, as in the Azure SDKs.
pub const AUTHORITY_HOST: &str = "azure_authority_host";
/// The scopes that callers may ask for, with spaces between them.
pub const ALLOWED_SCOPES: &str = "msal_allowed_scopes";
/// Whether the authority may be `http://` on this machine, for tests.
pub const ALLOW_INSECURE_LOOPBACK: &str = "msal_allow_insecure_loopback";
/// The name of the key-value store.
pub const CACHE_STORE: &str = "msal_cache_store";

/// The most often set ones come first.
const ALL: [&str; 10] = [
    CLIENT_ID,
    TENANT_ID,
    CLIENT_SECRET,
    CLIENT_CERTIFICATE,
    ALLOWED_SCOPES,
    AUTHORITY_HOST,
    CLIENT_CERTIFICATE_PASSWORD,
    CLIENT_SEND_CERTIFICATE_CHAIN,
    ALLOW_INSECURE_LOOPBACK,
    CACHE_STORE,
];

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Variables in a map; a value of `!` cannot be read.
    pub(crate) struct Fixed(BTreeMap<String, String>);

    impl Fixed {
        pub(crate) fn new(variables: &[(&str, &str)]) -> Self {
            Self(variables.iter().map(|&(name, value)| (name.into(), value.into())).collect())
        }
    }

    impl Source for Fixed {
        fn name_of(&self, variable: &str) -> String {
            variable.to_owned()
        }

        fn get(&self, name: &str) -> Result<Option<Zeroizing<String>>, Unreadable> {
            match self.0.get(name) {
                Some(value) if value == "!" => Err(Unreadable),
                value => Ok(value.cloned().map(Zeroizing::new)),
            }
        }
    }

    fn value(variables: &[(&str, &str)], application: Option<&str>) -> Result<String, Failure> {
        let source = Fixed::new(variables);
        Ok(Variables::of(&source, application)?.required(CLIENT_ID)?.to_string())
    }

    #[test]
    fn each_application_has_its_own_variables() {
        let variables = [
            ("azure_client_id", "default"),
            ("reports_azure_client_id", "reports"),
            ("reports_2_azure_client_id", "reports 2"),
        ];
        assert_eq!(value(&variables, None).unwrap(), "default");
        assert_eq!(value(&variables, Some("reports")).unwrap(), "reports");
        assert_eq!(value(&variables, Some("reports_2")).unwrap(), "reports 2");
    }

    #[test]
    fn an_application_without_variables_is_unknown() {
        let failure = value(&[("azure_client_id", "default")], Some("reports")).unwrap_err();
        assert_eq!(failure.code, "unknown-application");
        assert_eq!(
            failure.message,
            "no application of this name is configured: reports_azure_client_id is not set"
        );
    }

    #[test]
    fn an_application_with_only_a_part_of_its_variables_is_known() {
        for variable in ALL.into_iter().filter(|&variable| variable != CLIENT_ID) {
            let name = format!("reports_{variable}");
            let failure = value(&[(&name, "value")], Some("reports")).unwrap_err();
            assert_eq!(failure.code, "not-configured", "{variable}");
            assert_eq!(failure.message, "reports_azure_client_id is not set");
        }
        let failure = value(&[], None).unwrap_err();
        assert_eq!(
            (failure.code.as_str(), failure.message.as_str()),
            ("not-configured", "azure_client_id is not set")
        );
    }

    #[test]
    fn a_name_that_no_variable_can_begin_with_is_unknown_and_not_quoted() {
        let long = "a".repeat(65);
        for name in
            ["", "_", "a_", "_a", "a__b", "A", "a-b", "a.b", "1a", "a b", "a\n", "é", long.as_str()]
        {
            let failure = value(&[("azure_client_id", "default")], Some(name)).unwrap_err();
            assert_eq!(failure.code, "unknown-application", "{name:?}");
            assert!(failure.message.starts_with("the application's name cannot be"), "{name:?}");
        }
        let longest = "a".repeat(64);
        let variable = format!("{longest}_azure_client_id");
        assert_eq!(value(&[(&variable, "client")], Some(&longest)).unwrap(), "client");
    }

    #[test]
    fn an_empty_variable_counts_as_unset() {
        assert_eq!(value(&[("azure_client_id", "")], None).unwrap_err().code, "not-configured");
        let failure = value(&[("reports_azure_client_id", "")], Some("reports")).unwrap_err();
        assert_eq!(failure.code, "unknown-application");
    }

    #[test]
    fn a_variable_that_cannot_be_read_is_named() {
        for application in [None, Some("reports")] {
            let variables = [("azure_client_id", "!"), ("reports_azure_client_id", "!")];
            let failure = value(&variables, application).unwrap_err();
            assert_eq!(failure.code, "not-configured");
            assert!(failure.message.contains("azure_client_id: the host cannot read it"));
        }
    }

    #[test]
    fn a_flag_is_true_or_false_as_in_the_azure_sdks() {
        let flag = |value| {
            let source = Fixed::new(&[(CLIENT_SEND_CERTIFICATE_CHAIN, value)]);
            Variables::of(&source, None)?.flag(CLIENT_SEND_CERTIFICATE_CHAIN)
        };
        for (text, expected) in
            [("1", true), ("True", true), ("0", false), ("FALSE", false), ("", false)]
        {
            assert_eq!(flag(text).unwrap(), expected, "{text}");
        }
        let failure = flag("marked").unwrap_err();
        assert_eq!(
            failure.message,
            "azure_client_send_certificate_chain is neither true nor false"
        );
    }
}
