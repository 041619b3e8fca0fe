//! The thumbprints of a certificate.

use sha1::Sha1;
use sha2::Digest;
use sha2::Sha256;

use crate::error::Rejection;
use crate::error::RejectionCode;

/// The hashes of a certificate's DER.
pub(super) struct Thumbprints {
    pub(super) sha1: [u8; 20],
    pub(super) sha256: [u8; 32],
}

impl Thumbprints {
    pub(super) fn of(der: &[u8]) -> Self {
        Self { sha1: Sha1::digest(der).into(), sha256: Sha256::digest(der).into() }
    }
}

/// A thumbprint that the caller expects.
#[derive(Clone, Debug)]
pub(super) enum Thumbprint {
    Sha1([u8; 20]),
    Sha256([u8; 32]),
}

impl Thumbprint {
    pub(super) fn parse(text: &str) -> Result<Self, Rejection> {
        if text.len() > 256 {
            return Err(Rejection::too_long(THUMBPRINT, "is longer than 256 bytes"));
        }
        if !text.is_ascii() {
            return Err(Rejection::malformed(
                THUMBPRINT,
                "contains an invisible or non-ASCII character, as text copied from Windows dialogs does; retype it",
            ));
        }
        let digits: String =
            text.chars().filter(|character| !matches!(character, ':' | ' ')).collect();
        let Ok(bytes) = base16ct::mixed::decode_vec(digits) else {
            return Err(not_a_thumbprint());
        };
        if let Ok(sha1) = bytes.as_slice().try_into() {
            return Ok(Self::Sha1(sha1));
        }
        bytes.as_slice().try_into().map(Self::Sha256).map_err(|_| not_a_thumbprint())
    }

    pub(super) fn check(&self, actual: &Thumbprints) -> Result<(), Rejection> {
        let is_same = match self {
            Self::Sha1(expected) => *expected == actual.sha1,
            Self::Sha256(expected) => *expected == actual.sha256,
        };
        if is_same {
            return Ok(());
        }
        Err(Rejection::new(
            THUMBPRINT,
            RejectionCode::Conflict,
            "is not the thumbprint of this certificate; leave it unset, or give the right file",
        ))
    }
}

fn not_a_thumbprint() -> Rejection {
    Rejection::malformed(
        THUMBPRINT,
        "is not 40 (SHA-1) or 64 (SHA-256) hexadecimal digits, ignoring colons and spaces",
    )
}

const THUMBPRINT: &str = "application.credentials.certificate.options.thumbprint";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thumbprints_are_40_or_64_hexadecimal_digits() {
        assert!(Thumbprint::parse(&"a".repeat(40)).is_ok());
        assert!(Thumbprint::parse(&"AB:".repeat(32)).is_ok());
        assert!(Thumbprint::parse(&"aB ".repeat(20)).is_ok());
        for text in
            ["", "\u{200e}", &"a".repeat(41), &"a".repeat(48), &"g".repeat(40), "q83vEjRWeJA="]
        {
            assert!(Thumbprint::parse(text).is_err(), "{text:?}");
        }
    }
}
