//! The client assertion: a JWT that proves possession of a certificate's key (RFC 7523), without its signature.
//!
//! A separate crate because two components make the same assertion: `msal-wasi` signs it with a key from the caller,
//! the signing provider lets its host sign. It does not access keys, clocks or randomness.
#![forbid(unsafe_code)]
#![deny(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Map;
use serde_json::Value;

/// The signature algorithm of a client assertion (RFC 7518, sections 3.3 and 3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
}

/// The header, which identifies the key and the algorithm (RFC 7515, section 4.1).
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    /// The algorithm. It determines which thumbprint is sent, as in MSAL: SHA-256 with PS256, SHA-1 with RS256.
    pub algorithm: Algorithm,
    /// The SHA-1 thumbprint of the certificate.
    pub sha1: [u8; 20],
    /// The SHA-256 thumbprint of the certificate.
    pub sha256: [u8; 32],
    /// The certificate chain in DER, leaf first. If empty, the header has no `x5c`.
    pub x5c: &'a [Vec<u8>],
}

/// The claims of an assertion (RFC 7523, section 3).
#[derive(Clone, Copy, Debug)]
pub struct Claims<'a> {
    /// The URL that the assertion is posted to.
    pub audience: &'a str,
    /// The issuer and subject.
    pub client_id: &'a str,
    /// A unique identifier.
    pub jti: &'a str,
    /// The start of the validity, in seconds since 1970. It ends 600 seconds later.
    pub now: u64,
    /// Additional claims. They cannot override the claims above and the times.
    pub extra: Option<&'a Map<String, Value>>,
}

/// The signing input: header and payload, joined by a dot.
pub fn signing_input(header: &Header<'_>, claims: &Claims<'_>) -> Option<String> {
    let mut input = String::new();
    push_part(&mut input, header_members(header))?;
    input.push('.');
    push_part(&mut input, payload_members(claims))?;
    Some(input)
}

/// The complete assertion: the signing input with its signature.
pub fn attach(signing_input: String, signature: &[u8]) -> String {
    let mut assertion = signing_input;
    assertion.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut assertion);
    assertion
}

fn header_members(header: &Header<'_>) -> Map<String, Value> {
    let (algorithm, name, thumbprint) = match header.algorithm {
        Algorithm::Ps256 => ("PS256", "x5t#S256", URL_SAFE_NO_PAD.encode(header.sha256)),
        Algorithm::Rs256 => ("RS256", "x5t", URL_SAFE_NO_PAD.encode(header.sha1)),
    };
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
    put("alg", Value::from(algorithm));
    put("typ", Value::from("JWT"));
    put(name, Value::from(thumbprint));
    if !header.x5c.is_empty() {
        put("x5c", header.x5c.iter().map(|der| STANDARD.encode(der)).collect());
    }
    members
}

fn payload_members(claims: &Claims<'_>) -> Map<String, Value> {
    let mut members = claims.extra.cloned().unwrap_or_default();
    // Inserted last, so that they override extra claims.
    let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
    put("aud", Value::from(claims.audience));
    put("iss", Value::from(claims.client_id));
    put("sub", Value::from(claims.client_id));
    put("jti", Value::from(claims.jti));
    put("nbf", Value::from(claims.now));
    put("iat", Value::from(claims.now));
    put("exp", Value::from(claims.now.saturating_add(LIFETIME_SECONDS)));
    members
}

fn push_part(input: &mut String, members: Map<String, Value>) -> Option<()> {
    let json = serde_json::to_vec(&Value::Object(members)).ok()?;
    URL_SAFE_NO_PAD.encode_string(json, input);
    Some(())
}

/// As in MSAL. Entra rejects much longer validities in some configurations.
const LIFETIME_SECONDS: u64 = 600;

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN_ENDPOINT: &str = "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token";

    fn header(algorithm: Algorithm, x5c: &[Vec<u8>]) -> Header<'_> {
        Header { algorithm, sha1: [0xfb; 20], sha256: [0xff; 32], x5c }
    }

    fn claims(extra: Option<&Map<String, Value>>) -> Claims<'_> {
        Claims {
            audience: TOKEN_ENDPOINT,
            client_id: "11111111-aaaa-4000-8000-000000000011",
            jti: "00000000-0000-4000-8000-000000000000",
            now: 1_700_000_000,
            extra,
        }
    }

    /// Both parts as text.
    fn decoded(header: &Header<'_>, claims: &Claims<'_>) -> [String; 2] {
        let input = signing_input(header, claims).unwrap();
        let (header, payload) = input.split_once('.').unwrap();
        [header, payload]
            .map(|part| String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap())
    }

    #[test]
    fn ps256_identifies_the_certificate_by_sha256_only() {
        let [header, _] = decoded(&header(Algorithm::Ps256, &[]), &claims(None));
        assert_eq!(
            header,
            r#"{"alg":"PS256","typ":"JWT","x5t#S256":"__________________________________________8"}"#
        );
    }

    #[test]
    fn rs256_identifies_the_certificate_by_sha1_only() {
        let [header, _] = decoded(&header(Algorithm::Rs256, &[]), &claims(None));
        assert_eq!(header, r#"{"alg":"RS256","typ":"JWT","x5t":"-_v7-_v7-_v7-_v7-_v7-_v7-_s"}"#);
    }

    #[test]
    fn the_chain_is_an_ordered_array_of_padded_standard_base64() {
        let chain = [vec![0xfb, 0xff], vec![0x30]];
        let [header, _] = decoded(&header(Algorithm::Rs256, &chain), &claims(None));
        assert!(header.contains(r#""x5c":["+/8=","MA=="]"#), "{header}");
    }

    #[test]
    fn the_payload_has_issuer_subject_audience_and_integer_times() {
        let [_, payload] = decoded(&header(Algorithm::Ps256, &[]), &claims(None));
        assert_eq!(
            payload,
            concat!(
                r#"{"aud":"https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token","#,
                r#""exp":1700000600,"iat":1700000000,"iss":"11111111-aaaa-4000-8000-000000000011","#,
                r#""jti":"00000000-0000-4000-8000-000000000000","nbf":1700000000,"#,
                r#""sub":"11111111-aaaa-4000-8000-000000000011"}"#
            )
        );
    }

    #[test]
    fn extra_claims_are_members_of_the_payload() {
        let extra = extra(r#"{"ip":"192.0.2.1","nested":{"a":[1,2.5,null]}}"#);
        let [_, payload] = decoded(&header(Algorithm::Ps256, &[]), &claims(Some(&extra)));
        assert!(payload.contains(r#""ip":"192.0.2.1""#), "{payload}");
        assert!(payload.contains(r#""nested":{"a":[1,2.5,null]}"#), "{payload}");
    }

    #[test]
    fn extra_claims_do_not_override_protocol_claims() {
        let extra =
            extra(r#"{"aud":"x","iss":"x","sub":"x","jti":"x","exp":"x","nbf":"x","iat":"x"}"#);
        let header = header(Algorithm::Ps256, &[]);
        assert_eq!(decoded(&header, &claims(Some(&extra))), decoded(&header, &claims(None)));
    }

    #[test]
    fn untrusted_text_is_escaped() {
        let hostile = Claims { client_id: "a\",\"sub\":\"b\u{0}", ..claims(None) };
        let [_, payload] = decoded(&header(Algorithm::Ps256, &[]), &hostile);
        let payload: Value = serde_json::from_str(&payload).unwrap();
        assert_eq!(payload["iss"], "a\",\"sub\":\"b\u{0}");
        assert_eq!(payload["sub"], "a\",\"sub\":\"b\u{0}");
    }

    #[test]
    fn the_end_of_time_does_not_overflow() {
        let last = Claims { now: u64::MAX, ..claims(None) };
        let [_, payload] = decoded(&header(Algorithm::Ps256, &[]), &last);
        assert!(payload.contains(r#""exp":18446744073709551615"#), "{payload}");
    }

    #[test]
    fn the_signature_is_the_third_part_in_unpadded_base64url() {
        assert_eq!(attach("eyJ.e30".to_owned(), &[0xfb, 0xff]), "eyJ.e30.-_8");
    }

    fn extra(json: &str) -> Map<String, Value> {
        serde_json::from_str(json).unwrap()
    }
}
