//! The application's configuration, validated.

use std::rc::Rc;

use crate::authority::Authority;
use crate::authority::AuthorityKind;
use crate::authority::AuthorityRules;
use crate::authority::InstanceMetadata;
use crate::authority::InstanceMetadataParts;
use crate::authority::Region;
use crate::credential::Credential;
use crate::credential::CredentialParts;
use crate::error::Cause;
use crate::error::Rejection;
use crate::error::RejectionCode;
use crate::secret::Secret;

/// An application's configuration as the caller gave it, not yet validated.
#[derive(Clone, Debug, Default)]
pub struct ApplicationParts {
    /// The client ID.
    pub client_id: String,
    /// A tenant, or an authority URL.
    pub authority: String,
    /// The credentials.
    pub credentials: Vec<CredentialParts>,
    /// The kind of server, if the caller named one.
    pub authority_kind: Option<AuthorityKind>,
    /// Whether to validate an unknown host by Microsoft's instance discovery.
    pub validate_authority: bool,
    /// Whether plain HTTP to a loopback address is allowed.
    pub allow_insecure_loopback: bool,
    /// Clouds in addition to Microsoft's.
    pub instance_metadata: Vec<InstanceMetadataParts>,
    /// An Azure region.
    pub region: Option<String>,
    /// Client capabilities.
    pub client_capabilities: Vec<String>,
    /// Keys that encrypt the cache; the first one writes.
    pub cache_keys: Vec<Secret<Vec<u8>>>,
    /// The name of the key-value store.
    pub cache_store: Option<String>,
    /// Whether the cache is disabled.
    pub disable_cache: bool,
    /// Whether failed requests are never retried.
    pub disable_retry: bool,
    /// `x-app-name`.
    pub app_name: Option<String>,
    /// `x-app-ver`.
    pub app_version: Option<String>,
}

/// A validated application.
#[derive(Clone, Debug)]
pub struct Application {
    pub(crate) client_id: ClientId,
    pub(crate) authority: Rc<Authority>,
    pub(crate) authority_rules: AuthorityRules,
    /// At least one.
    pub(crate) credentials: Vec<Credential>,
    pub(crate) client_capabilities: Vec<String>,
    pub(crate) cache_keys: Vec<Secret<Vec<u8>>>,
    pub(crate) cache_store: StoreName,
    pub(crate) is_cache_disabled: bool,
    pub(crate) is_retry_disabled: bool,
    pub(crate) app_name: Option<String>,
    pub(crate) app_version: Option<String>,
}

impl Application {
    /// Validates the configuration. Decodes and decrypts nothing, because a cache hit must not pay for that.
    pub fn from_parts(parts: ApplicationParts) -> Result<Self, Cause> {
        let client_id = ClientId::parse(parts.client_id).map_err(Cause::InvalidRequest)?;
        let authority_rules = AuthorityRules {
            kind: parts.authority_kind,
            allow_insecure_loopback: parts.allow_insecure_loopback,
            validate: parts.validate_authority,
            region: parts.region.as_deref().map(Region::parse).transpose().map_err(invalid)?,
            clouds: InstanceMetadata::parse_all(parts.instance_metadata).map_err(invalid)?,
        };
        let authority =
            Authority::parse("application.authority", &parts.authority, &authority_rules)
                .map_err(invalid)?;
        check_authority_options(&authority, &authority_rules).map_err(invalid)?;
        check_capabilities(&parts.client_capabilities).map_err(Cause::InvalidRequest)?;
        check_cache_keys(&parts.cache_keys).map_err(Cause::InvalidCredential)?;
        let cache_store = StoreName::parse(parts.cache_store).map_err(Cause::InvalidRequest)?;
        check_label("application.options.app-name", parts.app_name.as_deref())?;
        check_label("application.options.app-version", parts.app_version.as_deref())?;
        let credentials = check_credentials(parts.credentials, authority.kind())
            .map_err(Cause::InvalidCredential)?;
        Ok(Self {
            client_id,
            authority: Rc::new(authority),
            authority_rules,
            credentials,
            client_capabilities: parts.client_capabilities,
            cache_keys: parts.cache_keys,
            cache_store,
            is_cache_disabled: parts.disable_cache,
            is_retry_disabled: parts.disable_retry,
            app_name: parts.app_name,
            app_version: parts.app_version,
        })
    }
}

/// An application (client) ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientId(String);

impl ClientId {
    /// 1 to 256 printable ASCII characters (RFC 6749, appendix A.1).
    pub fn parse(text: String) -> Result<Self, Rejection> {
        const FIELD: &str = "application.client-id";
        if text.is_empty() {
            return Err(Rejection::missing(FIELD, "is empty; give the application (client) ID"));
        }
        if text.len() > 256 {
            return Err(Rejection::too_long(FIELD, "is longer than 256 bytes"));
        }
        if !text.bytes().all(is_visible) {
            return Err(Rejection::malformed(
                FIELD,
                "contains characters other than printable ASCII",
            ));
        }
        Ok(Self(text))
    }

    /// The ID as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of a key-value store. The host decides which names exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreName(String);

impl StoreName {
    fn parse(name: Option<String>) -> Result<Self, Rejection> {
        let name = name.unwrap_or_else(|| "default".to_owned());
        if name.len() > 256 {
            return Err(Rejection::too_long(
                "application.options.cache-store",
                "is longer than 256 bytes",
            ));
        }
        Ok(Self(name))
    }

    /// The name as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn check_authority_options(authority: &Authority, rules: &AuthorityRules) -> Result<(), Rejection> {
    if rules.region.is_some() && !rules.clouds.is_empty() {
        return Err(Rejection::new(
            "application.options.region",
            RejectionCode::Conflict,
            "cannot be combined with instance-metadata, which has no regions; set only one of them",
        ));
    }
    if rules.validate && authority.kind() != AuthorityKind::Entra {
        return Err(Rejection::not_allowed(
            "application.options.validate-authority",
            "applies to Entra authorities only; leave it unset",
        ));
    }
    Ok(())
}

fn check_credentials(
    credentials: Vec<CredentialParts>,
    kind: AuthorityKind,
) -> Result<Vec<Credential>, Rejection> {
    const FIELD: &str = "application.credentials";
    if credentials.is_empty() {
        return Err(Rejection::missing(
            FIELD,
            "contains no credential; give a secret, a certificate or an assertion",
        ));
    }
    if credentials.len() > MAX_CREDENTIALS {
        return Err(Rejection::too_long(FIELD, "contains more than 8 credentials"));
    }
    let mut checked = Vec::with_capacity(credentials.len());
    for credential in credentials {
        checked.push(Credential::from_parts(credential)?);
    }
    if kind.has_default_scopes()
        && let Some(reason) = checked.iter().find_map(Credential::mistake)
    {
        return Err(Rejection::malformed("application.credentials.secret", reason));
    }
    Ok(checked)
}

const MAX_CREDENTIALS: usize = 8;

fn check_capabilities(capabilities: &[String]) -> Result<(), Rejection> {
    const FIELD: &str = "application.options.client-capabilities";
    if capabilities.len() > 16 || capabilities.iter().any(|capability| capability.len() > 64) {
        return Err(Rejection::too_long(
            FIELD,
            "contains more than 16 capabilities, or one longer than 64 bytes",
        ));
    }
    let is_valid =
        |text: &String| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    if !capabilities.iter().all(is_valid) {
        return Err(Rejection::malformed(
            FIELD,
            "contains an empty capability, or characters other than printable ASCII without spaces; \
             give names such as cp1",
        ));
    }
    Ok(())
}

fn check_cache_keys(keys: &[Secret<Vec<u8>>]) -> Result<(), Rejection> {
    const FIELD: &str = "application.options.cache-keys";
    if keys.len() > 8 || keys.iter().any(|key| key.expose().len() > 1_024) {
        return Err(Rejection::too_long(
            FIELD,
            "contains more than 8 keys, or one longer than 1024 bytes",
        ));
    }
    if keys.iter().any(|key| key.expose().len() < 32) {
        return Err(Rejection::new(
            FIELD,
            RejectionCode::TooWeak,
            "contains a key shorter than 32 bytes; create one with `openssl rand 32`",
        ));
    }
    Ok(())
}

fn check_label(field: &'static str, text: Option<&str>) -> Result<(), Cause> {
    let Some(text) = text else {
        return Ok(());
    };
    if text.is_empty() || text.len() > 128 || !text.bytes().all(is_visible) {
        return Err(invalid(Rejection::malformed(
            field,
            "is not 1 to 128 printable ASCII characters",
        )));
    }
    Ok(())
}

fn is_visible(byte: u8) -> bool {
    (0x20..=0x7e).contains(&byte)
}

fn invalid(rejection: Rejection) -> Cause {
    Cause::InvalidRequest(rejection)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts() -> ApplicationParts {
        ApplicationParts {
            client_id: "client".to_owned(),
            authority: "contoso.com".to_owned(),
            credentials: vec![CredentialParts::Secret("secret".to_owned().into())],
            ..Default::default()
        }
    }

    fn rejection(parts: ApplicationParts) -> Rejection {
        match Application::from_parts(parts) {
            Err(Cause::InvalidRequest(rejection) | Cause::InvalidCredential(rejection)) => {
                rejection
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn client_ids_outside_printable_ascii_are_rejected() {
        for id in ["", "a\r\nb", "a\0b", "é", &"a".repeat(257)] {
            assert!(ClientId::parse(id.to_owned()).is_err(), "{id:?}");
        }
        assert!(ClientId::parse("x&client_secret=y".to_owned()).is_ok());
    }

    #[test]
    fn one_to_eight_credentials_are_accepted() {
        let none = rejection(ApplicationParts { credentials: vec![], ..parts() });
        assert_eq!(none.code, RejectionCode::Missing);
        let secret = || CredentialParts::Secret("a".to_owned().into());
        let some = |count| ApplicationParts {
            credentials: std::iter::repeat_with(secret).take(count).collect(),
            ..parts()
        };
        assert!(Application::from_parts(some(8)).is_ok());
        assert_eq!(rejection(some(9)).code, RejectionCode::TooLong);
    }

    #[test]
    fn entra_authorities_reject_what_people_give_in_place_of_a_secret() {
        for (value, part) in [
            ("c0970500-0000-4000-8000-000000000001", "secret's ID"),
            ("@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/s)", "Key Vault"),
            ("\"aB8~secret\"", "quotes"),
            ("'aB8~secret'", "quotes"),
        ] {
            let with = |authority: &str| ApplicationParts {
                authority: authority.to_owned(),
                credentials: vec![CredentialParts::Secret(value.to_owned().into())],
                ..parts()
            };
            let rejection = rejection(with("contoso.com"));
            assert_eq!(rejection.code, RejectionCode::Malformed);
            assert!(rejection.reason.contains(part), "{rejection}");
            assert!(Application::from_parts(with("https://sts.example/contoso")).is_ok());
        }
    }

    #[test]
    fn short_cache_keys_are_too_weak() {
        let rejection =
            rejection(ApplicationParts { cache_keys: vec![vec![0; 31].into()], ..parts() });
        assert_eq!(rejection.code, RejectionCode::TooWeak);
    }

    #[test]
    fn a_region_conflicts_with_the_callers_own_clouds() {
        let cloud = InstanceMetadataParts {
            preferred_network: "login.cloud.example".to_owned(),
            preferred_cache: "login.cloud.example".to_owned(),
            aliases: vec!["login.cloud.example".to_owned()],
        };
        let application = ApplicationParts {
            region: Some("westeurope".to_owned()),
            instance_metadata: vec![cloud],
            ..parts()
        };
        assert_eq!(rejection(application).code, RejectionCode::Conflict);
    }

    #[test]
    fn only_entra_authorities_are_validated() {
        let with = |kind| ApplicationParts {
            authority: "https://sts.example/contoso.com".to_owned(),
            authority_kind: kind,
            validate_authority: true,
            ..parts()
        };
        assert!(Application::from_parts(with(None)).is_ok());
        assert_eq!(rejection(with(Some(AuthorityKind::Generic))).code, RejectionCode::NotAllowed);
    }
}
