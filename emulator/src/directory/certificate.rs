use ring::digest;
use time::OffsetDateTime;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;

/// A parsed certificate.
pub(crate) struct RegisteredCertificate<'a> {
    der: &'a [u8],
    x509: X509Certificate<'a>,
}

impl<'a> RegisteredCertificate<'a> {
    pub(crate) fn parse(der: &'a [u8]) -> Result<Self, &'static str> {
        match X509Certificate::from_der(der) {
            Ok(([], x509)) => Ok(Self { der, x509 }),
            Ok(_) => Err("has bytes after its end"),
            Err(_) => Err("is not a DER certificate"),
        }
    }

    /// The RSA public key (PKCS#1 DER), if it has one.
    pub(crate) fn rsa_public_key(&self) -> Option<&[u8]> {
        const RSA_ENCRYPTION: &str = "1.2.840.113549.1.1.1";
        let key = self.x509.public_key();
        (key.algorithm.algorithm.to_id_string() == RSA_ENCRYPTION)
            .then_some(&*key.subject_public_key.data)
    }

    pub(crate) fn has_thumbprint(&self, thumbprint: &Thumbprint) -> bool {
        match thumbprint {
            Thumbprint::Sha1(bytes) => *bytes == self.sha1(),
            Thumbprint::Sha256(bytes) => {
                *bytes == digest::digest(&digest::SHA256, self.der).as_ref()
            }
        }
    }

    pub(crate) fn sha1(&self) -> Vec<u8> {
        digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, self.der).as_ref().to_vec()
    }

    pub(crate) fn not_before(&self) -> OffsetDateTime {
        self.x509.validity().not_before.to_datetime()
    }

    pub(crate) fn not_after(&self) -> OffsetDateTime {
        self.x509.validity().not_after.to_datetime()
    }

    pub(crate) fn is_valid_at(&self, at: OffsetDateTime) -> bool {
        self.not_before() <= at && at <= self.not_after()
    }

    pub(crate) fn is_named(&self, name: &str) -> bool {
        let subject = self.x509.subject();
        let dns_names = self.x509.subject_alternative_name().ok().flatten();
        subject.to_string() == name
            || subject.iter_common_name().any(|common| common.as_str() == Ok(name))
            || dns_names.is_some_and(|names| {
                names.value.general_names.contains(&GeneralName::DNSName(name))
            })
    }

    pub(crate) fn is_issued_by_name(&self, name: &str) -> bool {
        let issuer = self.x509.issuer();
        issuer.to_string() == name
            || issuer.iter_common_name().any(|common| common.as_str() == Ok(name))
    }

    pub(crate) fn is_signed_by(&self, issuer: &RegisteredCertificate<'_>) -> bool {
        self.x509.issuer().as_raw() == issuer.x509.subject().as_raw()
            && issuer.x509.is_ca()
            && self.x509.verify_signature(Some(issuer.x509.public_key())).is_ok()
    }

    pub(crate) fn is_same_as(&self, other: &RegisteredCertificate<'_>) -> bool {
        self.der == other.der
    }
}

/// The thumbprint in an assertion's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Thumbprint {
    Sha1(Vec<u8>),
    Sha256(Vec<u8>),
}

impl Thumbprint {
    pub(crate) fn to_hex(&self) -> String {
        let (Self::Sha1(bytes) | Self::Sha256(bytes)) = self;
        bytes.iter().map(|byte| format!("{byte:02X}")).collect()
    }
}
