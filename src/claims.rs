//! The `claims` parameter: a challenge to answer, merged with the client's capabilities.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::error::Rejection;
use crate::json;

/// A claims challenge: a JSON object.
#[derive(Clone, Debug, PartialEq)]
pub struct Claims(Map<String, Value>);

impl Claims {
    /// Reads a claims challenge. The value is never quoted: it may tell what a policy looks for.
    pub fn parse(text: &str) -> Result<Self, Rejection> {
        if text.len() > MAX_LENGTH {
            return Err(Rejection::too_long(FIELD, "is longer than 16384 bytes"));
        }
        match json::parse_strict(text.as_bytes()) {
            Ok(Value::Object(claims)) => Ok(Self(claims)),
            _ => Err(Rejection::malformed(
                FIELD,
                "is not a JSON object without repeated names; decode the challenge's base64 first",
            )),
        }
    }
}

/// The `claims` parameter of a token request, if it needs one.
pub fn to_parameter(claims: Option<&Claims>, capabilities: &[String]) -> Option<String> {
    let mut merged = match claims {
        Some(claims) => claims.0.clone(),
        None if capabilities.is_empty() => return None,
        None => Map::new(),
    };
    if !capabilities.is_empty() {
        merge(&mut merged, json!({ "access_token": { "xms_cc": { "values": capabilities } } }));
    }
    serde_json::to_string(&merged).ok()
}

/// Objects are merged member by member; of anything else the second wins, as in MSAL.
fn merge(target: &mut Map<String, Value>, source: Value) {
    let Value::Object(source) = source else {
        return;
    };
    for (name, value) in source {
        match (target.get_mut(&name), value) {
            (Some(Value::Object(inner)), value @ Value::Object(_)) => merge(inner, value),
            (_, value) => {
                target.insert(name, value);
            }
        }
    }
}

const FIELD: &str = "request.options.claims";
const MAX_LENGTH: usize = 16_384;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_json_object_is_taken() {
        for text in [
            "",
            "x",
            "[]",
            "1",
            "null",
            "\"a\"",
            "{} {}",
            r#"{"a":1,"a":2}"#,
            r#"{"a":{"b":1,"b":1}}"#,
        ] {
            assert!(Claims::parse(text).is_err(), "{text}");
        }
        assert!(Claims::parse(&"{\"a\":".repeat(10_000)).is_err());
        assert!(Claims::parse(&format!("{{\"a\":\"{}\"}}", "x".repeat(1 << 20))).is_err());
    }

    #[test]
    fn capabilities_are_merged_into_the_challenge() {
        let claims = Claims::parse(r#"{"access_token":{"nbf":{"essential":true}}}"#).unwrap();
        assert_eq!(
            to_parameter(Some(&claims), &["cp1".to_owned()]).unwrap(),
            r#"{"access_token":{"nbf":{"essential":true},"xms_cc":{"values":["cp1"]}}}"#
        );
        assert_eq!(
            to_parameter(None, &["cp1".to_owned()]).unwrap(),
            r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#
        );
        assert_eq!(to_parameter(None, &[]), None);
    }
}
