//! Who asks: the application and its credential.

use std::fmt;

use serde::Deserialize;
use wasmtime::component::ComponentType;
use wasmtime::component::Lower;

/// An application registered in the directory, and how it proves that.
#[derive(Clone, ComponentType, Debug, Lower)]
#[component(record)]
pub struct Application {
    /// The application (client) ID.
    #[component(name = "client-id")]
    pub client_id: String,
    /// A tenant ID, a verified domain, or an authority URL.
    pub authority: String,
    /// 1 to 8 credentials, tried in order when the authority refuses one.
    pub credentials: Vec<Credential>,
    /// The rare settings.
    pub options: Option<ApplicationOptions>,
}

/// How the application proves who it is. `Debug` shows the kind only.
#[derive(Clone, ComponentType, Lower)]
#[component(variant)]
pub enum Credential {
    /// A client secret's value.
    #[component(name = "secret")]
    Secret(String),
    /// A certificate with its RSA private key.
    #[component(name = "certificate")]
    Certificate(Certificate),
    /// A client assertion that somebody else signed.
    #[component(name = "assertion")]
    Assertion(String),
    /// Assertions from the imported provider.
    #[component(name = "provider")]
    Provider,
}

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret(_) => formatter.write_str("Secret(..)"),
            Self::Certificate(certificate) => certificate.fmt(formatter),
            Self::Assertion(_) => formatter.write_str("Assertion(..)"),
            Self::Provider => formatter.write_str("Provider"),
        }
    }
}

/// A certificate registered with the application, and its private key.
#[derive(Clone, ComponentType, Lower)]
#[component(record)]
pub struct Certificate {
    /// The key and the certificate.
    pub source: CertificateSource,
    /// Opens an encrypted key or a PKCS#12 file.
    pub passphrase: Option<String>,
    /// Send the certificate chain in every assertion.
    #[component(name = "send-x5c")]
    pub send_x5c: bool,
    /// How the assertion is signed, if not by the default for the kind of authority.
    pub algorithm: Option<SigningAlgorithm>,
    /// The certificate's thumbprint in hexadecimal, if it is to be checked.
    pub thumbprint: Option<String>,
    /// More claims to sign: a JSON object.
    #[component(name = "extra-claims")]
    pub extra_claims: Option<String>,
}

impl Certificate {
    /// A certificate with no option set.
    pub fn new(source: CertificateSource) -> Self {
        Self {
            source,
            passphrase: None,
            send_x5c: false,
            algorithm: None,
            thumbprint: None,
            extra_claims: None,
        }
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Certificate")
            .field("source", &self.source)
            .field("send_x5c", &self.send_x5c)
            .field("algorithm", &self.algorithm)
            .field("thumbprint", &self.thumbprint)
            .finish_non_exhaustive()
    }
}

/// The bytes of a certificate and its key, as files hold them. `Debug` shows the form only.
#[derive(Clone, ComponentType, Lower)]
#[component(variant)]
pub enum CertificateSource {
    /// PEM text.
    #[component(name = "pem")]
    Pem(String),
    /// A PKCS#12 (PFX) file.
    #[component(name = "pkcs12")]
    Pkcs12(Vec<u8>),
}

impl fmt::Debug for CertificateSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Pem(_) => "Pem(..)",
            Self::Pkcs12(_) => "Pkcs12(..)",
        })
    }
}

/// How a client assertion is signed.
#[derive(Clone, ComponentType, Copy, Debug, Eq, Lower, PartialEq)]
#[component(enum)]
#[repr(u8)]
pub enum SigningAlgorithm {
    /// RSASSA-PSS with SHA-256.
    #[component(name = "ps256")]
    Ps256,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    #[component(name = "rs256")]
    Rs256,
}

/// The rare settings of an application.
#[derive(Clone, ComponentType, Default, Lower)]
#[component(record)]
pub struct ApplicationOptions {
    /// What kind of server the authority is.
    #[component(name = "authority-type")]
    pub authority_type: Option<AuthorityType>,
    /// Ask instance discovery about an unknown host.
    #[component(name = "validate-authority")]
    pub validate_authority: Option<bool>,
    /// Clouds beside Microsoft's.
    #[component(name = "instance-metadata")]
    pub instance_metadata: Vec<InstanceMetadata>,
    /// Allow `http://` for an authority on a loopback address.
    #[component(name = "allow-insecure-loopback")]
    pub allow_insecure_loopback: bool,
    /// An Azure region.
    pub region: Option<String>,
    /// Client capabilities such as `cp1`.
    #[component(name = "client-capabilities")]
    pub client_capabilities: Vec<String>,
    /// Keys of at least 32 bytes to seal the cache with.
    #[component(name = "cache-keys")]
    pub cache_keys: Vec<Vec<u8>>,
    /// The key-value store to open.
    #[component(name = "cache-store")]
    pub cache_store: Option<String>,
    /// Neither read nor write the cache.
    #[component(name = "disable-cache")]
    pub disable_cache: bool,
    /// Do not repeat a token request.
    #[component(name = "disable-retry")]
    pub disable_retry: bool,
    /// Sent as `x-app-name`.
    #[component(name = "app-name")]
    pub app_name: Option<String>,
    /// Sent as `x-app-ver`.
    #[component(name = "app-version")]
    pub app_version: Option<String>,
}

impl fmt::Debug for ApplicationOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ApplicationOptions")
            .field("authority_type", &self.authority_type)
            .field("validate_authority", &self.validate_authority)
            .field("instance_metadata", &self.instance_metadata)
            .field("allow_insecure_loopback", &self.allow_insecure_loopback)
            .field("region", &self.region)
            .field("client_capabilities", &self.client_capabilities)
            .field("cache_keys", &format_args!("[{} of them]", self.cache_keys.len()))
            .field("cache_store", &self.cache_store)
            .field("disable_cache", &self.disable_cache)
            .field("disable_retry", &self.disable_retry)
            .field("app_name", &self.app_name)
            .field("app_version", &self.app_version)
            .finish()
    }
}

/// One cloud's token service, under all its names. Its JSON form is an element of `metadata` in
/// MSAL's custom instance discovery metadata.
#[derive(Clone, ComponentType, Debug, Default, Deserialize, Lower)]
#[component(record)]
pub struct InstanceMetadata {
    /// The host that requests are sent to.
    #[component(name = "preferred-network")]
    pub preferred_network: String,
    /// The name under which tokens are cached.
    #[component(name = "preferred-cache")]
    pub preferred_cache: String,
    /// Every host name of the service.
    pub aliases: Vec<String>,
}

/// The kind of server behind an authority.
#[derive(Clone, ComponentType, Copy, Debug, Eq, Lower, PartialEq)]
#[component(enum)]
#[repr(u8)]
pub enum AuthorityType {
    /// Microsoft Entra ID.
    #[component(name = "entra")]
    Entra,
    /// Any OAuth 2.0 server.
    #[component(name = "generic")]
    Generic,
    /// Active Directory Federation Services.
    #[component(name = "adfs")]
    Adfs,
    /// dSTS.
    #[component(name = "dsts")]
    Dsts,
    /// Azure AD B2C.
    #[component(name = "b2c")]
    B2c,
    /// Microsoft Entra External ID.
    #[component(name = "ciam")]
    Ciam,
    /// An OpenID Connect issuer.
    #[component(name = "oidc")]
    Oidc,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let mut certificate = Certificate::new(CertificateSource::Pem("hidden-key".into()));
        certificate.passphrase = Some("hidden-passphrase".into());
        certificate.extra_claims = Some("hidden-claims".into());
        let application = Application {
            client_id: "client".into(),
            authority: "tenant".into(),
            credentials: vec![
                Credential::Secret("hidden-secret".into()),
                Credential::Certificate(certificate),
                Credential::Assertion("hidden-assertion".into()),
            ],
            options: Some(ApplicationOptions {
                cache_keys: vec![b"hidden-cache-key".to_vec()],
                ..ApplicationOptions::default()
            }),
        };
        let text = format!("{application:?}");
        assert!(text.contains("client_id: \"client\""), "{text}");
        assert!(!text.contains("hidden"), "{text}");
        assert!(!text.contains("104"), "a byte of the key: {text}");
    }
}
