//! The parts of a certificate (RFC 5280, section 4.1) that signing needs: its public key and its validity.

use std::time::Duration;

use der::AnyRef;
use der::DateTime;
use der::Tag;
use der::Tagged;
use der::asn1::BitStringRef;
use der::asn1::GeneralizedTime;
use der::asn1::UtcTime;
use rsa::PublicKey;
use rsa::traits::PublicKeyParts;

use super::asn1;
use crate::time::UnixTime;

/// A certificate in DER, without trailing bytes.
pub(super) struct X509<'a> {
    issuer: AnyRef<'a>,
    subject: AnyRef<'a>,
    public_key: &'a [u8],
    not_before: DateTime,
    not_after: DateTime,
}

impl<'a> X509<'a> {
    /// Parses a certificate; `None` if it is damaged.
    pub(super) fn from_der(der: &'a [u8]) -> Option<Self> {
        let certificate = asn1::elements(&asn1::read(der)?)?;
        let [tbs_certificate, _signature_algorithm, _signature] = certificate.as_slice() else {
            return None;
        };
        let fields = asn1::elements(tbs_certificate)?;
        // Version 1 certificates omit the version.
        let fields = match fields.as_slice() {
            [version, rest @ ..] if version.tag().is_context_specific() => rest,
            fields => fields,
        };
        let [_serial, _signature, issuer, validity, subject, key_info, ..] = fields else {
            return None;
        };
        let validity = asn1::elements(validity)?;
        let key_info = asn1::elements(key_info)?;
        let ([not_before, not_after], [_algorithm, key]) =
            (validity.as_slice(), key_info.as_slice())
        else {
            return None;
        };
        Some(Self {
            issuer: *issuer,
            subject: *subject,
            public_key: key.decode_as::<BitStringRef<'a>>().ok()?.as_bytes()?,
            not_before: time(not_before)?,
            not_after: time(not_after)?,
        })
    }

    /// Whether this is the certificate of this key.
    pub(super) fn holds(&self, key: &PublicKey) -> bool {
        let numbers = asn1::read(self.public_key).as_ref().and_then(asn1::elements);
        let Some([modulus, exponent]) = numbers.as_deref() else {
            return false;
        };
        asn1::digits(modulus) == Some(&*key.n().to_be_bytes_trimmed_vartime())
            && asn1::digits(exponent) == Some(&*key.e().to_be_bytes_trimmed_vartime())
    }

    /// Whether this certificate's subject is the issuer of `other`, which is not self-issued.
    pub(super) fn issued(&self, other: &Self) -> bool {
        self.subject == other.issuer && other.issuer != other.subject
    }

    /// When the certificate becomes valid.
    pub(super) fn not_before(&self) -> DateTime {
        self.not_before
    }

    /// When the certificate expires.
    pub(super) fn ends(&self) -> UnixTime {
        UnixTime::from_seconds(self.not_after.unix_duration().as_secs())
    }

    /// A warning if the certificate is not valid at this time.
    pub(super) fn validity_warning(&self, now: UnixTime) -> Option<String> {
        let now = Duration::from_secs(now.to_seconds());
        if now < self.not_before.unix_duration() {
            return Some(format!("the certificate is not valid before {}", self.not_before));
        }
        if now > self.not_after.unix_duration() {
            return Some(format!("the certificate expired at {}", self.not_after));
        }
        None
    }
}

fn time(element: &AnyRef<'_>) -> Option<DateTime> {
    match element.tag() {
        Tag::UtcTime => element.decode_as::<UtcTime>().ok().map(|time| time.to_date_time()),
        Tag::GeneralizedTime => {
            element.decode_as::<GeneralizedTime>().ok().map(|time| time.to_date_time())
        }
        _ => None,
    }
}
