//! The client assertion: a JWT that proves possession of the certificate's key (RFC 7523).

use msal_client_assertion::Claims;
use msal_client_assertion::Header;
use msal_client_assertion::attach;
use msal_client_assertion::signing_input;

pub use msal_client_assertion::Algorithm as SigningAlgorithm;

use super::certificate::SigningCertificate;
use crate::authority::Endpoint;
use crate::claims::JsonObject;
use crate::correlation::random_guid;
use crate::error::Rejection;
use crate::secret::Secret;
use crate::time::UnixTime;

/// The parameters of an assertion.
#[derive(Debug)]
pub struct AssertionParams<'a> {
    /// The issuer and subject.
    pub client_id: &'a str,
    /// The URL that the assertion is posted to.
    pub audience: &'a Endpoint,
    /// The start of its validity, by the authority's clock.
    pub now: UnixTime,
    /// The signature algorithm, unless the certificate's configuration sets one.
    pub algorithm: SigningAlgorithm,
    /// Whether to send the chain; overrides the certificate's configuration.
    pub send_x5c: Option<bool>,
    /// Additional claims to sign.
    pub extra_claims: Option<&'a JsonObject>,
}

/// Makes and signs an assertion; `random` must be fresh for each assertion.
pub(super) fn sign(
    certificate: &SigningCertificate,
    params: &AssertionParams<'_>,
    random: &[u8],
) -> Result<Secret<String>, Rejection> {
    let (Some(jti), Some(seed)) = (take::<16>(random, 0), take::<32>(random, 16)) else {
        return Err(Rejection::malformed(
            FIELD,
            "cannot be used: the host provided too few random bytes",
        ));
    };
    let algorithm = certificate.algorithm.unwrap_or(params.algorithm);
    let send_x5c = params.send_x5c.unwrap_or(certificate.send_x5c);
    let header = Header {
        algorithm,
        sha1: certificate.thumbprints.sha1,
        sha256: certificate.thumbprints.sha256,
        x5c: if send_x5c { &certificate.chain } else { &[] },
    };
    let mut extra = certificate.extra_claims.clone().unwrap_or_default();
    if let Some(claims) = params.extra_claims {
        extra = extra.merged_with(claims);
    }
    let claims = Claims {
        audience: &params.audience.to_string(),
        client_id: params.client_id,
        jti: &random_guid(jti),
        now: params.now.to_seconds(),
        extra: Some(extra.members()),
    };
    let Some(input) = signing_input(&header, &claims) else {
        return Err(Rejection::malformed(FIELD, "cannot be serialized as JSON"));
    };
    let signature = certificate.key.sign(algorithm, input.as_bytes(), seed)?;
    let assertion = attach(input, &signature);
    if assertion.len() > MAX_LENGTH {
        return Err(Rejection::too_long(
            FIELD,
            "has a chain that makes the assertion longer than 65536 bytes; remove the root certificate",
        ));
    }
    Ok(Secret::from(assertion))
}

fn take<const N: usize>(random: &[u8], start: usize) -> Option<[u8; N]> {
    random.get(start..start.checked_add(N)?)?.try_into().ok()
}

/// A `jti` and a seed for salt and blinding.
pub(super) const RANDOM_LENGTH: usize = 48;

const MAX_LENGTH: usize = 65_536;
const FIELD: &str = "application.credentials.certificate.source";
