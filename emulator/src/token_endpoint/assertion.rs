use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::GeneralPurpose;
use base64::engine::GeneralPurposeConfig;
use base64::engine::general_purpose::STANDARD;
use serde_json::Map;
use serde_json::Value;

use super::entra_error::EntraError;

const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// A parsed client assertion. Nothing in it is verified.
pub(super) struct Assertion {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    message: String,
    signature: Vec<u8>,
}

impl Assertion {
    pub(super) fn parse(assertion: &str) -> Result<Self, EntraError> {
        Self::split(assertion).ok_or_else(EntraError::malformed_assertion)
    }

    fn split(assertion: &str) -> Option<Self> {
        let (message, signature) = assertion.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        let object = |part: &str| serde_json::from_slice(&BASE64URL.decode(part).ok()?).ok();
        let header: Map<String, Value> = object(header)?;
        // No critical extension is supported (RFC 7515, section 4.1.11).
        if header.contains_key("crit") {
            return None;
        }
        Some(Self {
            header,
            claims: object(claims)?,
            message: message.to_owned(),
            signature: BASE64URL.decode(signature).ok()?,
        })
    }

    pub(super) fn message(&self) -> &[u8] {
        self.message.as_bytes()
    }

    pub(super) fn signature(&self) -> &[u8] {
        &self.signature
    }

    pub(super) fn algorithm(&self) -> &str {
        self.header_text("alg").unwrap_or_default()
    }

    pub(super) fn key_id(&self) -> Option<&str> {
        self.header_text("kid")
    }

    pub(super) fn x5t(&self) -> Option<&str> {
        self.header_text("x5t")
    }

    pub(super) fn x5t_s256(&self) -> Option<&str> {
        self.header_text("x5t#S256")
    }

    /// The certificate chain in DER, leaf first. MSAL .NET sends a single certificate as a string.
    pub(super) fn x5c(&self) -> Result<Vec<Vec<u8>>, EntraError> {
        let encoded: Vec<&Value> = match self.header.get("x5c") {
            None => return Ok(Vec::new()),
            Some(Value::Array(chain)) => chain.iter().collect(),
            Some(single) => vec![single],
        };
        let decode = |value: &Value| STANDARD.decode(value.as_str()?).ok();
        let chain: Option<Vec<_>> = encoded.into_iter().map(decode).collect();
        chain.ok_or_else(EntraError::malformed_assertion)
    }

    /// A claim that is a string.
    pub(super) fn claim(&self, name: &str) -> Option<&str> {
        self.claims.get(name).and_then(Value::as_str)
    }

    pub(super) fn claim_value(&self, name: &str) -> Option<&Value> {
        self.claims.get(name).filter(|value| !value.is_null())
    }

    fn header_text(&self, name: &str) -> Option<&str> {
        self.header.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwt(header: &str, claims: &str) -> String {
        format!("{}.{}.AA", BASE64URL.encode(header), BASE64URL.encode(claims))
    }

    #[test]
    fn an_assertion_is_three_parts_of_base64url() {
        let assertion = Assertion::parse(&jwt(r#"{"alg":"RS256"}"#, r#"{"sub":"me"}"#)).unwrap();
        assert_eq!(assertion.algorithm(), "RS256");
        assert_eq!(assertion.claim("sub"), Some("me"));
    }

    #[test]
    fn anything_else_is_malformed() {
        let critical = jwt(r#"{"crit":["b64"]}"#, "{}");
        for text in ["", "a.b", "a.b.c.d", "!.!.!", &jwt("[]", "{}"), &jwt("{}", "1"), &critical] {
            assert_eq!(Assertion::parse(text).err().map(|it| it.code), Some(50_027), "{text}");
        }
    }

    #[test]
    fn a_single_certificate_may_be_a_string() {
        let assertion = Assertion::parse(&jwt(r#"{"x5c":"AQI="}"#, "{}")).unwrap();
        assert_eq!(assertion.x5c().unwrap(), [vec![1, 2]]);
    }
}
