//! JSON objects from the caller, and the `claims` parameter that is built from them.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::error::Rejection;
use crate::json;

/// A JSON object from the caller, without duplicate names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JsonObject(Map<String, Value>);

impl JsonObject {
    /// Parses the object in `field`. Errors do not quote it, because a challenge may reveal what a policy checks.
    pub fn parse(field: &'static str, text: &str) -> Result<Self, Rejection> {
        if text.len() > MAX_LENGTH {
            return Err(Rejection::too_long(field, "is longer than 16384 bytes"));
        }
        match json::parse_strict(text.as_bytes()) {
            Some(Value::Object(members)) => Ok(Self(members)),
            _ => Err(Rejection::malformed(
                field,
                "is not a JSON object without duplicate names; a challenge must be base64-decoded first",
            )),
        }
    }

    /// The members.
    pub fn members(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The object in canonical form, with its names sorted.
    pub fn to_text(&self) -> String {
        // Serializing a parsed value does not fail.
        serde_json::to_string(&self.0).unwrap_or_default()
    }

    /// Merges both objects; `other` takes precedence.
    #[must_use]
    pub fn merged_with(mut self, other: &Self) -> Self {
        merge(&mut self.0, other.0.clone());
        self
    }
}

/// The `claims` parameter of a token request: the client's own claims, those of a challenge, and the capabilities.
/// `None` if there are none.
pub(crate) fn to_parameter(
    own: Option<&JsonObject>,
    challenge: Option<&JsonObject>,
    capabilities: &[String],
) -> Option<String> {
    if own.is_none() && challenge.is_none() && capabilities.is_empty() {
        return None;
    }
    let mut merged = JsonObject::default();
    for claims in [own, challenge].into_iter().flatten() {
        merged = merged.merged_with(claims);
    }
    if !capabilities.is_empty()
        && let Value::Object(declared) =
            json!({ "access_token": { "xms_cc": { "values": capabilities } } })
    {
        merge(&mut merged.0, declared);
    }
    Some(merged.to_text())
}

/// Merges objects member by member. For other values `source` takes precedence, as in MSAL.
fn merge(target: &mut Map<String, Value>, source: Map<String, Value>) {
    for (name, value) in source {
        match (target.get_mut(&name), value) {
            (Some(Value::Object(inner)), Value::Object(value)) => merge(inner, value),
            (_, value) => {
                target.insert(name, value);
            }
        }
    }
}

const MAX_LENGTH: usize = 16_384;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_json_objects_are_accepted() {
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
            assert!(JsonObject::parse("claims", text).is_err(), "{text}");
        }
        assert!(JsonObject::parse("claims", &"{\"a\":".repeat(10_000)).is_err());
        assert!(
            JsonObject::parse("claims", &format!("{{\"a\":\"{}\"}}", "x".repeat(1 << 20))).is_err()
        );
    }

    #[test]
    fn capabilities_are_merged_into_the_challenge() {
        let claims =
            JsonObject::parse("claims", r#"{"access_token":{"nbf":{"essential":true}}}"#).unwrap();
        assert_eq!(
            to_parameter(None, Some(&claims), &["cp1".to_owned()]).unwrap(),
            r#"{"access_token":{"nbf":{"essential":true},"xms_cc":{"values":["cp1"]}}}"#
        );
        assert_eq!(
            to_parameter(None, None, &["cp1".to_owned()]).unwrap(),
            r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#
        );
        assert_eq!(to_parameter(None, None, &[]), None);
    }

    #[test]
    fn a_challenge_takes_precedence_over_the_clients_own_claims() {
        let own =
            JsonObject::parse("own", r#"{"access_token":{"a":1,"b":1},"id_token":null}"#).unwrap();
        let challenge = JsonObject::parse("claims", r#"{"access_token":{"b":2,"c":[2]}}"#).unwrap();
        assert_eq!(
            to_parameter(Some(&own), Some(&challenge), &[]).unwrap(),
            r#"{"access_token":{"a":1,"b":2,"c":[2]},"id_token":null}"#
        );
    }
}
