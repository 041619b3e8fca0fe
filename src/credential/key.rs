//! The RSA private key.

use chacha20::ChaCha20Rng;
use der::asn1::ObjectIdentifier;
use msal_client_assertion::Algorithm as SigningAlgorithm;
use rand_core::SeedableRng;
use rsa::BoxedUint;
use rsa::Pkcs1v15Sign;
use rsa::PrivateKey;
use rsa::Pss;
use rsa::PublicKey;
use rsa::traits::PublicKeyParts;
use rsa::traits::SignatureScheme;
use sha2::Digest;
use sha2::Sha256;

use super::asn1;
use super::material::KeyDer;
use crate::error::Rejection;
use crate::error::RejectionCode;

/// A consistent RSA private key of at least 2048 bits.
pub(super) struct SigningKey(PrivateKey);

impl SigningKey {
    /// Parses and validates a key.
    pub(super) fn from_der(der: &KeyDer) -> Result<Self, Rejection> {
        let key = read_pkcs1(pkcs1_of(der)?).ok_or_else(damaged)?;
        let bits = key.n().bit_width();
        if bits < MIN_BITS {
            return Err(Rejection::new(
                FIELD,
                RejectionCode::TooWeak,
                format!(
                    "has an RSA key of {bits} bits; at least 2048 are required (RFC 7518, section 3.3)"
                ),
            ));
        }
        Ok(Self(key))
    }

    /// The public key.
    pub(super) fn to_public(&self) -> PublicKey {
        self.0.to_public_key()
    }

    /// Signs a message with blinding, and verifies the signature before returning it: a fault in one half of the CRT
    /// would reveal the key.
    pub(super) fn sign(
        &self,
        algorithm: SigningAlgorithm,
        message: &[u8],
        seed: [u8; 32],
    ) -> Result<Vec<u8>, Rejection> {
        let rng = ChaCha20Rng::from_seed(seed);
        match algorithm {
            SigningAlgorithm::Ps256 => self.sign_in(Pss::<Sha256>::new, message, rng),
            SigningAlgorithm::Rs256 => self.sign_in(Pkcs1v15Sign::new::<Sha256>, message, rng),
        }
    }

    fn sign_in<S: SignatureScheme>(
        &self,
        scheme: fn() -> S,
        message: &[u8],
        mut rng: ChaCha20Rng,
    ) -> Result<Vec<u8>, Rejection> {
        let digest = Sha256::digest(message);
        let signature =
            self.0.sign_with_rng(&mut rng, scheme(), &digest).map_err(|_| inconsistent())?;
        let public = self.0.as_public_key();
        public.verify(scheme(), &digest, &signature).map_err(|_| inconsistent())?;
        Ok(signature)
    }
}

/// Parses an `RSAPrivateKey` (RFC 8017, appendix A.1.2) with two primes. The CRT values are recomputed.
fn read_pkcs1(der: &[u8]) -> Option<PrivateKey> {
    let numbers = asn1::elements(&asn1::read(der)?)?;
    let numbers: Option<Vec<&[u8]>> = numbers.iter().map(asn1::digits).collect();
    let numbers = numbers?;
    let [[VERSION_OF_TWO_PRIMES], modulus, exponent, private_exponent, p, q, _, _, _] =
        numbers.as_slice()
    else {
        return None;
    };
    // Arithmetic with longer numbers would overflow the stack.
    if modulus.len() > MAX_BYTES
        || exponent.len() > MAX_EXPONENT_BYTES
        || [private_exponent, p, q].iter().any(|number| number.len() > modulus.len())
    {
        return None;
    }
    let bits = bits_of(modulus)?;
    let number = |digits: &[u8]| BoxedUint::from_be_slice(digits, bits).ok();
    PrivateKey::from_components(
        number(modulus)?,
        BoxedUint::from_be_slice(exponent, bits_of(exponent)?).ok()?,
        number(private_exponent)?,
        vec![number(p)?, number(q)?],
    )
    .ok()
}

fn bits_of(digits: &[u8]) -> Option<u32> {
    u32::try_from(digits.len()).ok()?.checked_mul(8)
}

/// Whether two files contain the same key. A file may have it twice, in two forms.
pub(super) fn is_same_key(one: &KeyDer, other: &KeyDer) -> bool {
    matches!((pkcs1_of(one), pkcs1_of(other)), (Ok(one), Ok(other)) if one == other)
}

/// Whether the bytes are a PKCS#8 or PKCS#1 key.
pub(super) fn is_key(der: &[u8]) -> bool {
    const NUMBERS_OF_PKCS1: usize = 9;
    let elements = asn1::read(der).as_ref().and_then(asn1::elements);
    unwrap_pkcs8(der).is_ok() || elements.is_some_and(|it| it.len() == NUMBERS_OF_PKCS1)
}

/// The key as PKCS#1.
pub(super) fn pkcs1_of(der: &KeyDer) -> Result<&[u8], Rejection> {
    match der {
        KeyDer::Pkcs1(der) => Ok(der.expose()),
        KeyDer::Pkcs8(der) => unwrap_pkcs8(der.expose()),
    }
}

/// The PKCS#1 key inside a PKCS#8 `PrivateKeyInfo` (RFC 5958, section 2).
fn unwrap_pkcs8(der: &[u8]) -> Result<&[u8], Rejection> {
    let info = asn1::read(der).as_ref().and_then(asn1::elements).ok_or_else(damaged)?;
    let [_version, algorithm, key, ..] = info.as_slice() else {
        return Err(damaged());
    };
    match asn1::algorithm(algorithm).ok_or_else(damaged)?.0 {
        RSA_ENCRYPTION => asn1::octets(key).ok_or_else(damaged),
        RSASSA_PSS => Err(Rejection::not_allowed(
            FIELD,
            "has a key restricted to RSASSA-PSS; give an unrestricted RSA key",
        )),
        _ => Err(Rejection::not_allowed(
            FIELD,
            "has a key that is not RSA; Entra accepts RSA keys only",
        )),
    }
}

fn damaged() -> Rejection {
    Rejection::malformed(
        FIELD,
        "has a private key that is damaged, inconsistent or longer than 8192 bits",
    )
}

fn inconsistent() -> Rejection {
    Rejection::malformed(FIELD, "has a private key that produces no valid signature")
}

const FIELD: &str = "application.credentials.certificate.source";
#[cfg(not(fuzzing))]
const MIN_BITS: u32 = 2_048;
/// The smallest that `rsa` accepts: a fuzzer that spends its time in signatures finds nothing.
#[cfg(fuzzing)]
const MIN_BITS: u32 = 1_024;
/// 8192 bits.
const MAX_BYTES: usize = 1_024;
/// `rsa` accepts public exponents of up to 33 bits.
const MAX_EXPONENT_BYTES: usize = 5;
const VERSION_OF_TWO_PRIMES: u8 = 0;

const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSASSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
