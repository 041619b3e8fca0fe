//! The MAC of a PKCS#12 file.

use der::AnyRef;
use pkcs12::kdf::Pkcs12KeyType;

use super::damaged;
use super::malformed;
use super::not_decryptable;
use crate::credential::asn1;
use crate::credential::budget::Budget;
use crate::credential::budget::TOO_EXPENSIVE;
use crate::credential::hash::Hash;
use crate::credential::hash::KeyDerivation;
use crate::credential::passphrase::Passphrase;
use crate::error::Rejection;

/// `MacData`: digest, salt, iterations.
pub(super) struct MacData<'a> {
    digest: &'a [u8],
    derivation: KeyDerivation<'a>,
}

impl<'a> MacData<'a> {
    pub(super) fn read(element: &AnyRef<'a>) -> Result<Self, Rejection> {
        let fields = asn1::elements(element).ok_or_else(damaged)?;
        let (digest, salt, iterations) = match fields.as_slice() {
            [digest, salt] => (digest, salt, Some(1)),
            [digest, salt, iterations] => (digest, salt, asn1::integer(iterations)),
            _ => return Err(damaged()),
        };
        let digest = asn1::elements(digest).ok_or_else(damaged)?;
        let [algorithm, digest] = digest.as_slice() else {
            return Err(damaged());
        };
        let algorithm = asn1::algorithm(algorithm).ok_or_else(damaged)?.0;
        let Some(hash) = Hash::of_digest(algorithm) else {
            return Err(malformed(
                "has a MAC other than HMAC-SHA-1, -256, -384 or -512; export it again with one of these",
            ));
        };
        let iterations = iterations.ok_or_else(|| malformed(TOO_EXPENSIVE))?;
        let salt = asn1::octets(salt).ok_or_else(damaged)?;
        Ok(Self {
            digest: asn1::octets(digest).ok_or_else(damaged)?,
            derivation: KeyDerivation { hash, salt, iterations },
        })
    }

    pub(super) fn check(
        &self,
        safe: &[u8],
        passphrase: &Passphrase,
        budget: &Budget,
    ) -> Result<(), Rejection> {
        budget.take(self.derivation.iterations, 1).ok_or_else(|| malformed(TOO_EXPENSIVE))?;
        let hash = self.derivation.hash;
        let passphrase = passphrase.utf16.expose();
        let key = self.derivation.pkcs12(passphrase, Pkcs12KeyType::Mac, hash.length());
        let key = key.ok_or_else(damaged)?;
        if hash.verifies_hmac(key.expose(), safe, self.digest) {
            Ok(())
        } else {
            Err(not_decryptable())
        }
    }
}
