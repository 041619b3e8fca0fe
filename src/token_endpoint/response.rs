//! Judging an answer of the token endpoint: RFC 6749, section 5.1, strictly.

use serde_json::Map;
use serde_json::Value;

use super::redaction::Redaction;
use super::refusal::read_refusal;
use super::seconds;
use crate::error::Cause;
use crate::http::HttpResponse;
use crate::json;
use crate::secret::Secret;
use crate::time::UnixTime;

/// A token as the authority described it.
#[derive(Clone, Debug)]
pub struct TokenAnswer {
    /// The token.
    pub access_token: Secret<String>,
    /// Seconds it lives, if the authority said so.
    pub lifetime_seconds: Option<u64>,
    /// Seconds until it should be refreshed.
    pub refresh_in_seconds: Option<u64>,
    /// The scopes granted, if they were named.
    pub scopes: Option<Vec<String>>,
    /// What somebody should look at.
    pub warnings: Vec<String>,
}

/// Judges an answer by its status, then by its content.
pub fn judge(
    response: &HttpResponse,
    now: UnixTime,
    redaction: &Redaction,
) -> Result<TokenAnswer, Cause> {
    check_document(response, now, redaction)?;
    judge_success(response, now, redaction)
}

/// Whether there is a document at all, or a refusal, or something that is not to be.
pub fn check_document(
    response: &HttpResponse,
    now: UnixTime,
    redaction: &Redaction,
) -> Result<(), Cause> {
    let unexpected =
        |reason: &str| Err(Cause::unexpected(Some(response.status), reason.to_owned()));
    if response.headers.iter().any(is_encoding) {
        return unexpected("the body has a content encoding, and none was asked for");
    }
    match response.status {
        200 => Ok(()),
        300..=399 => unexpected("a redirect, which is never followed with a credential"),
        400..=599 => Err(Cause::of_refusal(Box::new(read_refusal(response, now, redaction)))),
        _ => unexpected("only status 200 is a success"),
    }
}

fn judge_success(
    response: &HttpResponse,
    now: UnixTime,
    redaction: &Redaction,
) -> Result<TokenAnswer, Cause> {
    let unexpected = |reason: &str| Cause::unexpected(Some(response.status), reason.to_owned());
    let Some(Value::Object(mut members)) = json::parse_strict(response.body.expose()) else {
        return Err(unexpected("the body is not one JSON object without repeated names"));
    };
    if members.contains_key("error") {
        return Err(Cause::of_refusal(Box::new(read_refusal(response, now, redaction))));
    }
    match read_token(&mut members) {
        Ok(mut token) => {
            if !is_labelled_json(response) {
                token.warnings.push("the authority did not label its answer as JSON".to_owned());
            }
            // They reach the caller's logs, and a server may put anything in them.
            for scope in token.scopes.iter_mut().flatten() {
                *scope = redaction.clean(scope, MAX_SCOPES_LENGTH);
            }
            Ok(token)
        }
        Err(reason) => Err(unexpected(reason)),
    }
}

/// Anything but a plain `identity`, in however many headers it is said.
fn is_encoding((name, value): &(String, Vec<u8>)) -> bool {
    name == "content-encoding" && !value.trim_ascii().eq_ignore_ascii_case(b"identity")
}

fn is_labelled_json(response: &HttpResponse) -> bool {
    let content_type = response.header("content-type").unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/json")
}

fn read_token(members: &mut Map<String, Value>) -> Result<TokenAnswer, &'static str> {
    let access_token = match members.get_mut("access_token").map(Value::take) {
        Some(Value::String(token)) => Secret::from(token),
        Some(_) => return Err("access_token is not a string"),
        None => return Err("there is no access_token"),
    };
    if !is_bearer_token(access_token.expose()) {
        return Err("access_token is empty, or has characters that a header may not carry");
    }
    match members.get("token_type") {
        Some(Value::String(kind)) if kind.eq_ignore_ascii_case("Bearer") => {}
        Some(Value::String(_)) => return Err("token_type is not Bearer"),
        _ => return Err("there is no token_type"),
    }
    let mut warnings = Vec::new();
    let lifetime_seconds = match members.get("expires_in") {
        None => {
            warnings.push(
                "the authority did not say how long the token lives; it is not cached".to_owned(),
            );
            None
        }
        Some(value) => {
            let seconds = read_seconds(value).ok_or("expires_in is not a number of seconds")?;
            if seconds > MAX_LIFETIME_SECONDS {
                warnings
                    .push("the authority promised more than 24 hours; 24 are believed".to_owned());
            }
            Some(seconds.min(MAX_LIFETIME_SECONDS))
        }
    };
    let refresh_in_seconds = members.get("refresh_in").and_then(read_seconds).filter(|&refresh| {
        refresh > 0 && lifetime_seconds.is_some_and(|lifetime| refresh < lifetime)
    });
    let scopes = match members.get("scope") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => read_scopes(text)?,
        Some(_) => return Err("scope is not a string"),
    };
    Ok(TokenAnswer { access_token, lifetime_seconds, refresh_in_seconds, scopes, warnings })
}

/// A number of seconds, rounded down, also in quotes as Entra's older endpoint sends it. Negative ones count as none.
fn read_seconds(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64().or_else(|| number.as_f64().map(to_seconds)),
        Value::String(text) => seconds::whole_seconds(text),
        _ => None,
    }
}

#[allow(clippy::as_conversions, reason = "saturates, and there is no other conversion")]
fn to_seconds(number: f64) -> u64 {
    number as u64
}

fn read_scopes(text: &str) -> Result<Option<Vec<String>>, &'static str> {
    if text.len() > MAX_SCOPES_LENGTH || !text.bytes().all(|byte| (0x20..=0x7e).contains(&byte)) {
        return Err("scope holds something else than printable ASCII");
    }
    let scopes: Vec<String> =
        text.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
    Ok(Some(scopes).filter(|scopes| !scopes.is_empty()))
}

/// RFC 6750, section 2.1.
pub(crate) fn is_bearer_token(token: &str) -> bool {
    let body = token.trim_end_matches('=');
    !body.is_empty()
        && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte))
}

const MAX_SCOPES_LENGTH: usize = 16_384;

/// No Entra token lives longer, and a longer promise would keep a stolen one in the cache.
const MAX_LIFETIME_SECONDS: u64 = 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    fn token(json: &str) -> Result<TokenAnswer, &'static str> {
        let Some(Value::Object(mut members)) = json::parse_strict(json.as_bytes()) else {
            panic!("{json}");
        };
        read_token(&mut members)
    }

    fn lifetime(expires_in: &str) -> Result<Option<u64>, &'static str> {
        token(&format!(r#"{{"access_token":"a","token_type":"Bearer","expires_in":{expires_in}}}"#))
            .map(|token| token.lifetime_seconds)
    }

    #[test]
    fn lifetimes_are_read_from_every_spelling_of_a_number() {
        for text in ["3599", "\"3599\"", "3599.0", "3599.9", "3.5999e3"] {
            assert_eq!(lifetime(text), Ok(Some(3_599)), "{text}");
        }
        for text in ["0", "-1", "-0", "\"-1\""] {
            assert_eq!(lifetime(text), Ok(Some(0)), "{text}");
        }
        for text in ["1e18", "9223372036854775808", "18446744073709551616"] {
            assert_eq!(lifetime(text), Ok(Some(MAX_LIFETIME_SECONDS)), "{text}");
        }
    }

    #[test]
    fn a_lifetime_that_is_no_number_is_an_error_and_none_is_legal() {
        for text in ["null", "true", "[]", "{}", "\"\"", "\"abc\"", "\"inf\"", "\"nan\"", "\" 5\""]
        {
            assert!(lifetime(text).is_err(), "{text}");
        }
        assert!(lifetime(&format!("\"{}\"", "9".repeat(400))).is_err());
        let token = token(r#"{"access_token":"a","token_type":"bearer"}"#).unwrap();
        assert_eq!(token.lifetime_seconds, None);
    }

    #[test]
    fn only_bearer_tokens_of_safe_characters_are_taken() {
        for json in [
            r#"{"token_type":"Bearer"}"#,
            r#"{"access_token":null,"token_type":"Bearer"}"#,
            r#"{"access_token":1,"token_type":"Bearer"}"#,
            r#"{"access_token":"","token_type":"Bearer"}"#,
            r#"{"access_token":"=","token_type":"Bearer"}"#,
            r#"{"access_token":"a b","token_type":"Bearer"}"#,
            r#"{"access_token":"a\r\nb","token_type":"Bearer"}"#,
            r#"{"access_token":"é","token_type":"Bearer"}"#,
            r#"{"access_token":"a=b","token_type":"Bearer"}"#,
            r#"{"access_token":"a"}"#,
            r#"{"access_token":"a","token_type":"Bearer "}"#,
            r#"{"access_token":"a","token_type":"DPoP"}"#,
            r#"{"access_token":"a","token_type":1}"#,
        ] {
            assert!(token(json).is_err(), "{json}");
        }
        assert!(token(r#"{"access_token":"aA0-._~+/==","token_type":"BEARER"}"#).is_ok());
    }

    #[test]
    fn a_refresh_time_outside_the_life_is_ignored() {
        let refresh = |text: &str| {
            token(&format!(
                r#"{{"access_token":"a","token_type":"Bearer","expires_in":7200,"refresh_in":{text}}}"#
            ))
            .unwrap()
            .refresh_in_seconds
        };
        assert_eq!(refresh("3600"), Some(3_600));
        for text in ["7200", "0", "-1", "null", "\"x\""] {
            assert_eq!(refresh(text), None, "{text}");
        }
    }

    #[test]
    fn an_empty_scope_counts_as_none() {
        let scopes = |text: &str| {
            token(&format!(r#"{{"access_token":"a","token_type":"Bearer","scope":{text}}}"#))
                .map(|token| token.scopes)
        };
        assert_eq!(scopes("\"a  b\""), Ok(Some(vec!["a".to_owned(), "b".to_owned()])));
        assert_eq!(scopes("\"\""), Ok(None));
        assert!(scopes("1").is_err());
    }
}
