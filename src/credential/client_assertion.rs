//! The client assertion: a JWT that proves possession of the certificate's key (RFC 7523).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

use super::certificate::SigningCertificate;
use crate::authority::Endpoint;
use crate::claims::JsonObject;
use crate::correlation::random_guid;
use crate::error::Rejection;
use crate::secret::Secret;
use crate::time::UnixTime;

/// How a client assertion is signed (RFC 7518, sections 3.3 and 3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningAlgorithm {
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
}

/// What an assertion is for, and how it is made.
#[derive(Debug)]
pub struct AssertionOrder<'a> {
    /// Issuer and subject.
    pub client_id: &'a str,
    /// The exact URL that the assertion is posted to.
    pub audience: &'a Endpoint,
    /// The start of its validity, on the authority's clock.
    pub now: UnixTime,
    /// How to sign, if the certificate does not say.
    pub algorithm: SigningAlgorithm,
    /// Whether to send the chain, whatever the certificate says.
    pub send_x5c: Option<bool>,
    /// More claims to sign.
    pub extra_claims: Option<&'a JsonObject>,
}

/// Claims to sign beside the protocol's own, which they cannot replace.
pub(crate) fn parse_extra_claims(field: &'static str, text: &str) -> Result<JsonObject, Rejection> {
    let claims = JsonObject::parse(field, text)?;
    check_extra_claims(field, &claims)?;
    Ok(claims)
}

/// Whether none of the claims is the protocol's own.
pub(crate) fn check_extra_claims(
    field: &'static str,
    claims: &JsonObject,
) -> Result<(), Rejection> {
    if PROTOCOL_CLAIMS.iter().any(|name| claims.members().contains_key(*name)) {
        return Err(Rejection::not_allowed(
            field,
            "holds aud, iss, sub, jti, exp, nbf or iat, which the protocol sets; leave them out",
        ));
    }
    Ok(())
}

/// Makes and signs an assertion; `random` is used up and must be fresh for each.
pub(super) fn sign(
    certificate: &SigningCertificate,
    order: &AssertionOrder<'_>,
    random: &[u8],
) -> Result<Secret<String>, Rejection> {
    let (Some(jti), Some(seed)) = (take::<16>(random, 0), take::<32>(random, 16)) else {
        return Err(Rejection::malformed(
            FIELD,
            "cannot be used: the host gave too few random bytes",
        ));
    };
    let algorithm = certificate.algorithm.unwrap_or(order.algorithm);
    let send_x5c = order.send_x5c.unwrap_or(certificate.send_x5c);
    let header = to_part(&header(certificate, algorithm, send_x5c));
    let mut claims = certificate.extra_claims.clone().unwrap_or_default();
    if let Some(extra) = order.extra_claims {
        claims = claims.merged_with(extra);
    }
    let payload = to_part(&Payload {
        aud: order.audience.to_string(),
        iss: order.client_id,
        sub: order.client_id,
        jti: random_guid(jti),
        nbf: order.now.to_seconds(),
        iat: order.now.to_seconds(),
        exp: order.now.plus_seconds(LIFETIME_SECONDS).to_seconds(),
        extra: claims.members(),
    });
    let (Ok(header), Ok(payload)) = (header, payload) else {
        return Err(Rejection::malformed(FIELD, "cannot be written as JSON"));
    };
    let mut assertion = header;
    assertion.push('.');
    assertion.push_str(&payload);
    let signature = certificate.key.sign(algorithm, assertion.as_bytes(), seed)?;
    assertion.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut assertion);
    if assertion.len() > MAX_LENGTH {
        return Err(Rejection::too_long(
            FIELD,
            "has a chain that makes the assertion longer than 65536 bytes; leave the root out of it",
        ));
    }
    Ok(Secret::from(assertion))
}

fn header(certificate: &SigningCertificate, algorithm: SigningAlgorithm, send_x5c: bool) -> Header {
    let thumbprints = &certificate.thumbprints;
    let (alg, x5t, x5t_s256) = match algorithm {
        SigningAlgorithm::Ps256 => {
            ("PS256", None, Some(URL_SAFE_NO_PAD.encode(thumbprints.sha256)))
        }
        SigningAlgorithm::Rs256 => ("RS256", Some(URL_SAFE_NO_PAD.encode(thumbprints.sha1)), None),
    };
    let chain = if send_x5c { certificate.chain.as_slice() } else { &[] };
    let x5c = chain.iter().map(|der| STANDARD.encode(der)).collect();
    Header { alg, typ: "JWT", x5t, x5t_s256, x5c }
}

/// RFC 7515, section 4.1.
#[derive(Serialize)]
struct Header {
    alg: &'static str,
    typ: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    x5t: Option<String>,
    #[serde(rename = "x5t#S256", skip_serializing_if = "Option::is_none")]
    x5t_s256: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    x5c: Vec<String>,
}

/// RFC 7523, section 3.
#[derive(Serialize)]
struct Payload<'a> {
    aud: String,
    iss: &'a str,
    sub: &'a str,
    jti: String,
    nbf: u64,
    iat: u64,
    exp: u64,
    #[serde(flatten)]
    extra: &'a Map<String, Value>,
}

fn to_part(value: &impl Serialize) -> Result<String, serde_json::Error> {
    serde_json::to_vec(value).map(|json| URL_SAFE_NO_PAD.encode(json))
}

fn take<const N: usize>(random: &[u8], start: usize) -> Option<[u8; N]> {
    random.get(start..start.checked_add(N)?)?.try_into().ok()
}

/// A `jti` and a seed for salt and blinding.
pub(super) const RANDOM_LENGTH: usize = 48;

/// As MSAL; the directory refuses much longer ones in some setups.
const LIFETIME_SECONDS: u64 = 600;
const MAX_LENGTH: usize = 65_536;
const FIELD: &str = "application.credentials.certificate.source";
const PROTOCOL_CLAIMS: [&str; 7] = ["aud", "iss", "sub", "jti", "exp", "nbf", "iat"];
