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
    /// Each option at most once.
    pub options: Vec<ApplicationOption>,
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
    /// A client assertion signed elsewhere.
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
#[derive(Clone, ComponentType, Debug, Lower)]
#[component(record)]
pub struct Certificate {
    /// The key and the certificate.
    pub source: CertificateSource,
    /// Each option at most once.
    pub options: Vec<CertificateOption>,
}

impl Certificate {
    /// A certificate without options.
    pub fn new(source: CertificateSource) -> Self {
        Self { source, options: Vec::new() }
    }

    /// The same certificate with one more option.
    #[must_use]
    pub fn with(mut self, option: CertificateOption) -> Self {
        self.options.push(option);
        self
    }
}

/// An option of a certificate. `Debug` shows no passphrase and no claims.
#[derive(Clone, ComponentType, Lower)]
#[component(variant)]
pub enum CertificateOption {
    /// Decrypts an encrypted key or a PKCS#12 file.
    #[component(name = "passphrase")]
    Passphrase(String),
    /// Send the certificate chain in every assertion.
    #[component(name = "send-x5c")]
    SendX5c,
    /// The signature algorithm.
    #[component(name = "algorithm")]
    Algorithm(SigningAlgorithm),
    /// The certificate's expected thumbprint in hexadecimal.
    #[component(name = "thumbprint")]
    Thumbprint(String),
    /// Further claims to sign: a JSON object.
    #[component(name = "extra-claims")]
    ExtraClaims(String),
}

impl fmt::Debug for CertificateOption {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passphrase(_) => formatter.write_str("Passphrase(..)"),
            Self::SendX5c => formatter.write_str("SendX5c"),
            Self::Algorithm(algorithm) => write!(formatter, "Algorithm({algorithm:?})"),
            Self::Thumbprint(thumbprint) => write!(formatter, "Thumbprint({thumbprint:?})"),
            Self::ExtraClaims(_) => formatter.write_str("ExtraClaims(..)"),
        }
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

/// An option of an application. `Debug` shows no key.
#[derive(Clone, ComponentType, Lower)]
#[component(variant)]
pub enum ApplicationOption {
    /// The kind of the authority's server.
    #[component(name = "authority-type")]
    AuthorityType(AuthorityType),
    /// Ask instance discovery whether an unknown host is trusted.
    #[component(name = "validate-authority")]
    ValidateAuthority,
    /// Additional clouds.
    #[component(name = "instance-metadata")]
    InstanceMetadata(Vec<InstanceMetadata>),
    /// Allow `http://` for an authority on a loopback address.
    #[component(name = "allow-insecure-loopback")]
    AllowInsecureLoopback,
    /// An Azure region.
    #[component(name = "region")]
    Region(String),
    /// Client capabilities such as `cp1`.
    #[component(name = "client-capabilities")]
    ClientCapabilities(Vec<String>),
    /// Keys of at least 32 bytes that encrypt the cache.
    #[component(name = "cache-keys")]
    CacheKeys(Vec<Vec<u8>>),
    /// The key-value store to open.
    #[component(name = "cache-store")]
    CacheStore(String),
    /// Neither read nor write the cache.
    #[component(name = "disable-cache")]
    DisableCache,
    /// Do not repeat a token request.
    #[component(name = "disable-retry")]
    DisableRetry,
    /// Sent as `x-app-name`.
    #[component(name = "app-name")]
    AppName(String),
    /// Sent as `x-app-ver`.
    #[component(name = "app-version")]
    AppVersion(String),
}

impl fmt::Debug for ApplicationOption {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AuthorityType(kind) => write!(formatter, "AuthorityType({kind:?})"),
            Self::ValidateAuthority => formatter.write_str("ValidateAuthority"),
            Self::InstanceMetadata(clouds) => write!(formatter, "InstanceMetadata({clouds:?})"),
            Self::AllowInsecureLoopback => formatter.write_str("AllowInsecureLoopback"),
            Self::Region(region) => write!(formatter, "Region({region:?})"),
            Self::ClientCapabilities(names) => write!(formatter, "ClientCapabilities({names:?})"),
            Self::CacheKeys(keys) => write!(formatter, "CacheKeys({} keys)", keys.len()),
            Self::CacheStore(name) => write!(formatter, "CacheStore({name:?})"),
            Self::DisableCache => formatter.write_str("DisableCache"),
            Self::DisableRetry => formatter.write_str("DisableRetry"),
            Self::AppName(name) => write!(formatter, "AppName({name:?})"),
            Self::AppVersion(version) => write!(formatter, "AppVersion({version:?})"),
        }
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
        let certificate = Certificate::new(CertificateSource::Pem("hidden-key".into()))
            .with(CertificateOption::Passphrase("hidden-passphrase".into()))
            .with(CertificateOption::ExtraClaims("hidden-claims".into()));
        let application = Application {
            client_id: "client".into(),
            authority: "tenant".into(),
            credentials: vec![
                Credential::Secret("hidden-secret".into()),
                Credential::Certificate(certificate),
                Credential::Assertion("hidden-assertion".into()),
            ],
            options: vec![ApplicationOption::CacheKeys(vec![b"hidden-cache-key".to_vec()])],
        };
        let text = format!("{application:?}");
        assert!(text.contains("client_id: \"client\""), "{text}");
        assert!(!text.contains("hidden"), "{text}");
        assert!(!text.contains("104"), "a byte of the key: {text}");
    }
}
