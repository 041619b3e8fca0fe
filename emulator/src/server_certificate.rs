use std::io;
use std::sync::Arc;

use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::CertifiedIssuer;
use rcgen::DnType;
use rcgen::ExtendedKeyUsagePurpose;
use rcgen::IsCa;
use rcgen::KeyPair;
use rcgen::KeyUsagePurpose;
use rcgen::SubjectPublicKeyInfo;
use rustls::pki_types::PrivatePkcs8KeyDer;
use time::OffsetDateTime;

use crate::clouds::hosts;

/// Whether the certificate of the https port is valid, or what is wrong with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServerCertificate {
    /// Valid for loopback, the hosts of Entra's clouds and their regions, hosts below `b2clogin.com` and
    /// `ciamlogin.com`, and the builder's server names.
    #[default]
    Valid,
    /// Expired yesterday.
    Expired,
    /// Valid for another host name only.
    WrongHost,
    /// Signed by another authority than the one that the emulator returns.
    UnknownAuthority,
}

/// Host names besides those of Entra's clouds.
const HOST_NAMES: [&str; 5] =
    ["localhost", "127.0.0.1", "::1", "*.b2clogin.com", "*.ciamlogin.com"];

/// A certificate authority, generated when the emulator starts.
pub(crate) struct CertificateAuthority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl CertificateAuthority {
    pub(crate) fn new(name: &str) -> io::Result<Self> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        set_validity(&mut params, -1, 3650);
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let issuer = CertifiedIssuer::self_signed(params, key).map_err(io::Error::other)?;
        Ok(Self { issuer })
    }

    pub(crate) fn pem(&self) -> String {
        self.issuer.pem()
    }

    pub(crate) fn der(&self) -> Vec<u8> {
        self.issuer.der().to_vec()
    }

    /// Issues a certificate for a client's key (DER `SubjectPublicKeyInfo`), valid for a year.
    pub(crate) fn issue(&self, common_name: &str, spki: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let key = SubjectPublicKeyInfo::from_der(spki)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, common_name);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        set_validity(&mut params, -1, 365);
        Ok(params.signed_by(&key, &self.issuer)?.der().to_vec())
    }

    /// The TLS configuration of the https port: TLS 1.2 and 1.3, HTTP/1.1.
    pub(crate) fn server_config(
        &self,
        certificate: ServerCertificate,
        further_names: &[String],
    ) -> io::Result<Arc<rustls::ServerConfig>> {
        let names = match certificate {
            ServerCertificate::WrongHost => vec!["wronghost.invalid".to_owned()],
            _ => host_names(further_names),
        };
        let mut params = CertificateParams::new(names).map_err(io::Error::other)?;
        params.distinguished_name.push(DnType::CommonName, "msal-emulator");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        // RFC 5280 requires it, and Python 3.13 refuses a certificate without it.
        params.use_authority_key_identifier_extension = true;
        match certificate {
            ServerCertificate::Expired => set_validity(&mut params, -30, -1),
            _ => set_validity(&mut params, -1, 365),
        }
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let leaf = params.signed_by(&key, &self.issuer).map_err(io::Error::other)?;

        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(
                vec![leaf.der().clone()],
                PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            )
            .map_err(io::Error::other)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

/// The names for the certificate. The wildcards cover the regions of each cloud.
fn host_names(further: &[String]) -> Vec<String> {
    let clouds = hosts().flat_map(|host| [host.to_owned(), format!("*.{host}")]);
    let own = HOST_NAMES.into_iter().map(str::to_owned);
    own.chain(clouds).chain(further.iter().cloned()).collect()
}

fn set_validity(params: &mut CertificateParams, from_days: i64, to_days: i64) {
    let now = OffsetDateTime::now_utc();
    params.not_before = now + time::Duration::days(from_days);
    params.not_after = now + time::Duration::days(to_days);
}
