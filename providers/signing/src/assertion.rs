//! The assertion, unsigned and signed.

use std::ops::RangeInclusive;

use msal_client_assertion::Algorithm;
use msal_client_assertion::Claims;
use msal_client_assertion::Header;
use sha1::Sha1;
use sha2::Digest as _;
use sha2::Sha256;

/// What an assertion is for, and what makes it unique.
pub struct Purpose<'a> {
    /// The application.
    pub client_id: &'a str,
    /// The URL that the assertion will be posted to.
    pub token_endpoint: &'a str,
    /// The current time in Unix seconds.
    pub now: u64,
    /// [`RANDOM_LENGTH`] bytes, fresh for each assertion.
    pub random: &'a [u8],
}

/// An assertion that is not signed yet.
#[derive(Debug)]
pub struct Unsigned(String);

impl Unsigned {
    /// Builds the assertion for the signer's certificate: the leaf, followed by its chain if there is one.
    ///
    /// A chain is sent as `x5c`. A single certificate is not sent; its thumbprint identifies it.
    pub fn from_parts(
        chain: &[Vec<u8>],
        algorithm: Algorithm,
        purpose: &Purpose<'_>,
    ) -> Result<Self, String> {
        let leaf = check_chain(chain)?;
        let header = Header {
            algorithm,
            sha1: Sha1::digest(leaf).into(),
            sha256: Sha256::digest(leaf).into(),
            x5c: if chain.len() > 1 { chain } else { &[] },
        };
        let jti = random_guid(purpose.random)?;
        let claims = Claims {
            audience: purpose.token_endpoint,
            client_id: purpose.client_id,
            jti: &jti,
            now: purpose.now,
            extra: None,
        };
        msal_client_assertion::signing_input(&header, &claims)
            .map(Self)
            .ok_or_else(|| "the assertion cannot be written as JSON".to_owned())
    }

    /// The SHA-256 digest that the signer signs.
    pub fn to_digest(&self) -> Vec<u8> {
        Sha256::digest(self.0.as_bytes()).to_vec()
    }

    /// The finished assertion.
    pub fn attach(self, signature: &[u8]) -> Result<String, String> {
        if signature.is_empty() {
            return Err("the signer returned an empty signature".to_owned());
        }
        // An RSA signature is as long as the key's modulus. A signature by another kind of key is a likely mistake.
        if !SIGNATURE_LENGTHS.contains(&signature.len()) {
            return Err(format!(
                "the signer returned {} bytes, not a signature by an RSA key of 2048 to 8192 bits",
                signature.len()
            ));
        }
        let assertion = msal_client_assertion::attach(self.0, signature);
        if assertion.len() > MAX_LENGTH {
            return Err(format!(
                "the signer's certificate chain makes the assertion longer than {MAX_LENGTH} bytes; \
                 leave out the root"
            ));
        }
        Ok(assertion)
    }
}

/// Checks a certificate chain and returns its leaf.
fn check_chain(chain: &[Vec<u8>]) -> Result<&[u8], String> {
    let leaf = chain.first().ok_or("the signer returned no certificate")?;
    // Every certificate is an ASN.1 SEQUENCE. PEM text, which begins with dashes, is a likely mistake.
    match chain.iter().position(|der| der.first() != Some(&ASN1_SEQUENCE)) {
        None => Ok(leaf),
        Some(index) => Err(format!("the signer's certificate {index} is not DER")),
    }
}

/// A version 4 GUID in lower case (RFC 9562).
fn random_guid(random: &[u8]) -> Result<String, String> {
    let bytes: [u8; 16] =
        random.try_into().map_err(|_| "the host returned too few random bytes")?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid().hyphenated().to_string())
}

/// The number of random bytes that an assertion needs, in the type of `wasi:random`.
pub const RANDOM_LENGTH: u64 = 16;

const ASN1_SEQUENCE: u8 = 0x30;
const SIGNATURE_LENGTHS: RangeInclusive<usize> = 256..=1_024;
/// The longest assertion that the component accepts.
const MAX_LENGTH: usize = 65_536;

#[cfg(test)]
mod tests {
    use super::*;

    const PURPOSE: Purpose<'static> = Purpose {
        client_id: "11111111-aaaa-4000-8000-000000000011",
        token_endpoint: "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token",
        now: 1_700_000_000,
        random: &[0xff; 16],
    };

    fn unsigned(chain: &[&[u8]], algorithm: Algorithm) -> Result<Unsigned, String> {
        let chain: Vec<Vec<u8>> = chain.iter().map(|der| der.to_vec()).collect();
        Unsigned::from_parts(&chain, algorithm, &PURPOSE)
    }

    #[test]
    fn a_single_certificate_is_named_by_its_thumbprint_and_not_sent() {
        // printf '0abc' | openssl dgst -sha256, and -sha1
        let ps256 = unsigned(&[b"0abc"], Algorithm::Ps256).unwrap();
        assert!(ps256.0.starts_with("eyJhbGciOiJQUzI1NiIsInR5cCI6IkpXVCIsIng1dCNTMjU2IjoiMTE4SC1wRkNmVldvUkhibTdOSC1pSXBhZmtWRnF2bVlid1dBbzlOOTBNQSJ9."), "{}", ps256.0);
        let rs256 = unsigned(&[b"0abc"], Algorithm::Rs256).unwrap();
        assert!(rs256.0.starts_with("eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsIng1dCI6InFLM2J5Wi1MUDFIU3JienJZRjFsQzVxSlFPSSJ9."), "{}", rs256.0);
    }

    #[test]
    fn the_claims_hold_the_client_the_endpoint_and_a_random_guid() {
        let unsigned = unsigned(&[b"0abc"], Algorithm::Ps256).unwrap();
        assert!(unsigned.0.ends_with(".eyJhdWQiOiJodHRwczovL2xvZ2luLm1pY3Jvc29mdG9ubGluZS5jb20vY29udG9zby5jb20vb2F1dGgyL3YyLjAvdG9rZW4iLCJleHAiOjE3MDAwMDA2MDAsImlhdCI6MTcwMDAwMDAwMCwiaXNzIjoiMTExMTExMTEtYWFhYS00MDAwLTgwMDAtMDAwMDAwMDAwMDExIiwianRpIjoiZmZmZmZmZmYtZmZmZi00ZmZmLWJmZmYtZmZmZmZmZmZmZmZmIiwibmJmIjoxNzAwMDAwMDAwLCJzdWIiOiIxMTExMTExMS1hYWFhLTQwMDAtODAwMC0wMDAwMDAwMDAwMTEifQ"), "{}", unsigned.0);
    }

    #[test]
    fn a_chain_is_sent_whole() {
        let chain = unsigned(&[b"0abc", b"0xyz"], Algorithm::Rs256).unwrap();
        assert!(chain.0.starts_with("eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsIng1YyI6WyJNR0ZpWXc9PSIsIk1IaDVlZz09Il0sIng1dCI6InFLM2J5Wi1MUDFIU3JienJZRjFsQzVxSlFPSSJ9."), "{}", chain.0);
    }

    #[test]
    fn the_digest_is_that_of_header_and_payload() {
        // printf 'abc' | openssl dgst -sha256
        let digest = Unsigned("abc".to_owned()).to_digest();
        assert_eq!(digest.len(), 32);
        assert_eq!(digest.first_chunk(), Some(&[0xba, 0x78, 0x16, 0xbf]));
        assert_eq!(digest.last_chunk(), Some(&[0xf2, 0x00, 0x15, 0xad]));
    }

    #[test]
    fn a_signature_becomes_the_third_part() {
        let assertion = Unsigned("eyJ.e30".to_owned()).attach(&[0; 256]).unwrap();
        assert_eq!(assertion, format!("eyJ.e30.{}", "A".repeat(342)));
    }

    #[test]
    fn an_invalid_chain_is_refused() {
        let refused = |chain: &[&[u8]]| unsigned(chain, Algorithm::Ps256).unwrap_err();
        assert_eq!(refused(&[]), "the signer returned no certificate");
        assert_eq!(refused(&[b""]), "the signer's certificate 0 is not DER");
        assert_eq!(
            refused(&[b"0abc", b"-----BEGIN CERTIFICATE-----"]),
            "the signer's certificate 1 is not DER"
        );
    }

    #[test]
    fn a_signature_of_an_impossible_length_is_refused() {
        let refused =
            |length: usize| Unsigned("eyJ.e30".to_owned()).attach(&vec![0; length]).unwrap_err();
        assert_eq!(refused(0), "the signer returned an empty signature");
        for length in [64, 255, 1_025] {
            assert!(refused(length).starts_with(&format!("the signer returned {length} bytes, ")));
        }
    }

    #[test]
    fn a_chain_that_is_too_long_to_send_is_refused() {
        let long = [b"0".as_slice(), &[b'x'; 50_000]].concat();
        let unsigned = unsigned(&[b"0abc", &long], Algorithm::Ps256).unwrap();
        let error = unsigned.attach(&[0; 256]).unwrap_err();
        assert!(error.contains("longer than 65536 bytes"), "{error}");
    }

    #[test]
    fn too_few_random_bytes_are_an_error() {
        let purpose = Purpose { random: &[0; 15], ..PURPOSE };
        let chain = [b"0abc".to_vec()];
        let error = Unsigned::from_parts(&chain, Algorithm::Ps256, &purpose).unwrap_err();
        assert_eq!(error, "the host returned too few random bytes");
    }
}
