//! Who asks: the application's configuration, checked.

use crate::authority::Authority;
use crate::authority::AuthorityKind;
use crate::authority::AuthorityRules;
use crate::credential::Credential;
use crate::credential::CredentialParts;
use crate::error::Cause;
use crate::error::Rejection;
use crate::error::RejectionCode;
use crate::secret::Secret;

/// An application as the caller described it, unchecked.
#[derive(Clone, Debug, Default)]
pub struct ApplicationParts {
    /// The client ID.
    pub client_id: String,
    /// A tenant, or an authority URL.
    pub authority: String,
    /// The credentials.
    pub credentials: Vec<CredentialParts>,
    /// The kind of server, if named.
    pub authority_kind: Option<AuthorityKindPart>,
    /// Whether to ask Microsoft about an unknown host.
    pub validate_authority: Option<bool>,
    /// Whether plain http to this machine is allowed.
    pub allow_insecure_loopback: bool,
    /// An Azure region.
    pub region: Option<String>,
    /// Client capabilities.
    pub client_capabilities: Vec<String>,
    /// Keys to seal the cache with.
    pub cache_keys: Vec<Secret<Vec<u8>>>,
    /// The store to open.
    pub cache_store: Option<String>,
    /// Whether the cache is off.
    pub disable_cache: bool,
    /// Whether a failed request is left at that.
    pub disable_retry: bool,
    /// `x-app-name`.
    pub app_name: Option<String>,
    /// `x-app-ver`.
    pub app_version: Option<String>,
}

/// The kinds of server that the contract names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorityKindPart {
    /// Served.
    Served(AuthorityKind),
    /// Named, but not yet served.
    NotServed,
}

/// An application that can be used.
#[derive(Clone, Debug)]
pub struct Application {
    pub(crate) client_id: ClientId,
    pub(crate) authority: Authority,
    pub(crate) credential: Credential,
    pub(crate) client_capabilities: Vec<String>,
    pub(crate) cache_keys: Vec<Secret<Vec<u8>>>,
    pub(crate) cache_store: StoreName,
    pub(crate) is_cache_disabled: bool,
    pub(crate) is_retry_disabled: bool,
    pub(crate) app_name: Option<String>,
    pub(crate) app_version: Option<String>,
}

impl Application {
    /// Checks an application. Nothing is decoded or decrypted here: a call that the cache serves must not pay for it.
    pub fn from_parts(parts: ApplicationParts) -> Result<Self, Cause> {
        let client_id = ClientId::parse(parts.client_id).map_err(Cause::InvalidRequest)?;
        let kind = match parts.authority_kind {
            None => None,
            Some(AuthorityKindPart::Served(kind)) => Some(kind),
            Some(AuthorityKindPart::NotServed) => {
                return Err(invalid(Rejection::not_supported(
                    "application.options.authority-type",
                )));
            }
        };
        let rules = AuthorityRules { kind, allow_insecure_loopback: parts.allow_insecure_loopback };
        let authority = Authority::parse(&parts.authority, rules).map_err(Cause::InvalidRequest)?;
        if parts.validate_authority == Some(true) && !authority.is_known() {
            return Err(invalid(Rejection::not_supported(
                "application.options.validate-authority",
            )));
        }
        check_region(parts.region.as_deref()).map_err(Cause::InvalidRequest)?;
        check_capabilities(&parts.client_capabilities).map_err(Cause::InvalidRequest)?;
        check_cache_keys(&parts.cache_keys).map_err(Cause::InvalidCredential)?;
        let cache_store = StoreName::parse(parts.cache_store).map_err(Cause::InvalidRequest)?;
        check_label("application.options.app-name", parts.app_name.as_deref())?;
        check_label("application.options.app-version", parts.app_version.as_deref())?;
        let credential = single_credential(parts.credentials)?;
        Ok(Self {
            client_id,
            authority,
            credential,
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
                "holds something else than printable ASCII characters",
            ));
        }
        Ok(Self(text))
    }

    /// The ID as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of a key-value store. Which names exist is the host's matter.
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

fn single_credential(credentials: Vec<CredentialParts>) -> Result<Credential, Cause> {
    const FIELD: &str = "application.credentials";
    let mut credentials = credentials.into_iter();
    match (credentials.next(), credentials.next()) {
        (Some(parts), None) => Credential::from_parts(parts).map_err(Cause::InvalidCredential),
        (None, _) => Err(Cause::InvalidCredential(Rejection::missing(
            FIELD,
            "holds no credential; give a secret, a certificate or an assertion",
        ))),
        (Some(_), Some(_)) => Err(Cause::InvalidCredential(Rejection::new(
            FIELD,
            RejectionCode::NotSupported,
            "holds more than one credential, and one request may use only one (RFC 6749, section 2.3); \
             falling over to the next is not yet served by this version; give exactly one",
        ))),
    }
}

fn check_region(region: Option<&str>) -> Result<(), Rejection> {
    const FIELD: &str = "application.options.region";
    let Some(region) = region else {
        return Ok(());
    };
    // It would be put in front of a trusted host name.
    let is_valid =
        (1..=32).contains(&region.len()) && region.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_valid {
        return Err(Rejection::malformed(
            FIELD,
            "is not 1 to 32 ASCII letters and digits, such as westeurope",
        ));
    }
    Err(Rejection::not_supported(FIELD))
}

fn check_capabilities(capabilities: &[String]) -> Result<(), Rejection> {
    const FIELD: &str = "application.options.client-capabilities";
    if capabilities.len() > 16 || capabilities.iter().any(|capability| capability.len() > 64) {
        return Err(Rejection::too_long(
            FIELD,
            "holds more than 16 capabilities, or one of over 64 bytes",
        ));
    }
    let is_valid =
        |text: &String| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    if !capabilities.iter().all(is_valid) {
        return Err(Rejection::malformed(FIELD, "holds something else than names such as cp1"));
    }
    Ok(())
}

fn check_cache_keys(keys: &[Secret<Vec<u8>>]) -> Result<(), Rejection> {
    const FIELD: &str = "application.options.cache-keys";
    if keys.len() > 8 || keys.iter().any(|key| key.expose().len() > 1_024) {
        return Err(Rejection::too_long(
            FIELD,
            "holds more than 8 keys, or one of over 1024 bytes",
        ));
    }
    if keys.iter().any(|key| key.expose().len() < 32) {
        return Err(Rejection::new(
            FIELD,
            RejectionCode::TooWeak,
            "holds a key of less than 32 bytes; make one with `openssl rand 32`",
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
    fn client_ids_outside_printable_ascii_are_refused() {
        for id in ["", "a\r\nb", "a\0b", "é", &"a".repeat(257)] {
            assert!(ClientId::parse(id.to_owned()).is_err(), "{id:?}");
        }
        assert!(ClientId::parse("x&client_secret=y".to_owned()).is_ok());
    }

    #[test]
    fn a_region_that_could_change_the_host_is_malformed_and_any_other_not_yet_served() {
        for region in
            ["attacker.com/x", "eastus.evil", "eastus\n", "ｅａｓｔｕｓ", "", &"a".repeat(64)]
        {
            let rejection =
                rejection(ApplicationParts { region: Some(region.to_owned()), ..parts() });
            assert_eq!(rejection.code, RejectionCode::Malformed, "{region:?}");
        }
        let rejection =
            rejection(ApplicationParts { region: Some("westeurope".to_owned()), ..parts() });
        assert_eq!(rejection.code, RejectionCode::NotSupported);
    }

    #[test]
    fn exactly_one_credential_is_taken() {
        let none = rejection(ApplicationParts { credentials: vec![], ..parts() });
        assert_eq!(none.code, RejectionCode::Missing);
        let secret = CredentialParts::Secret("a".to_owned().into());
        let assertion = CredentialParts::Assertion("a.b.c".to_owned().into());
        let two = rejection(ApplicationParts { credentials: vec![secret, assertion], ..parts() });
        assert_eq!(two.code, RejectionCode::NotSupported);
    }

    #[test]
    fn short_cache_keys_are_too_weak() {
        let rejection =
            rejection(ApplicationParts { cache_keys: vec![vec![0; 31].into()], ..parts() });
        assert_eq!(rejection.code, RejectionCode::TooWeak);
    }

    #[test]
    fn discovery_of_an_unknown_host_is_refused_before_anything_is_sent() {
        let application = ApplicationParts {
            authority: "https://sts.example/contoso".to_owned(),
            validate_authority: Some(true),
            ..parts()
        };
        assert_eq!(rejection(application).code, RejectionCode::NotSupported);
        let known = ApplicationParts { validate_authority: Some(true), ..parts() };
        assert!(Application::from_parts(known).is_ok());
    }
}
