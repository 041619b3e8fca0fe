//! Judges a response of the token endpoint, strictly by RFC 6749, section 5.1.

use super::redaction::Redaction;
use super::refusal::read_refusal;
use super::seconds;
use crate::error::Cause;
use crate::http::HttpResponse;
use crate::json;
use crate::json::Member;
use crate::json::Members;
use crate::secret::Secret;
use crate::time::UnixTime;

/// A token in the authority's response.
#[derive(Clone, Debug)]
pub(crate) struct TokenAnswer {
    /// The token.
    pub access_token: Secret<String>,
    /// The token's lifetime in seconds, if the authority stated it.
    pub lifetime_seconds: Option<u64>,
    /// The seconds until the recommended refresh.
    pub refresh_in_seconds: Option<u64>,
    /// The granted scopes, if the authority stated them.
    pub scopes: Option<Vec<String>>,
    /// Problems that do not prevent using the token.
    pub warnings: Vec<String>,
}

/// Judges a response by its status, then by its content.
pub(crate) fn judge(
    response: &HttpResponse,
    now: UnixTime,
    redaction: &Redaction,
) -> Result<TokenAnswer, Cause> {
    check_document(response, now, redaction)?;
    judge_success(response, now, redaction)
}

/// Checks that the response is a success without content encoding. An error status is a refusal.
pub(crate) fn check_document(
    response: &HttpResponse,
    now: UnixTime,
    redaction: &Redaction,
) -> Result<(), Cause> {
    let unexpected =
        |reason: &str| Err(Cause::unexpected(Some(response.status), reason.to_owned()));
    if response.headers.iter().any(is_encoding) {
        return unexpected("the body has a content encoding that was not requested");
    }
    match response.status {
        200 => Ok(()),
        300..=399 => unexpected("the answer is a redirect, and redirects are not followed"),
        400..=599 => Err(Cause::of_refusal(Box::new(read_refusal(response, now, redaction)))),
        _ => unexpected("the status is neither 200 nor an error"),
    }
}

fn judge_success(
    response: &HttpResponse,
    now: UnixTime,
    redaction: &Redaction,
) -> Result<TokenAnswer, Cause> {
    let unexpected = |reason: &str| Cause::unexpected(Some(response.status), reason.to_owned());
    let Some(mut members) = json::parse_members(response.body.expose(), &MEMBERS) else {
        if response.is_html() {
            let reason = "the body is an HTML page, not a token".to_owned();
            return Err(Cause::page(Some(response.status), reason));
        }
        return Err(unexpected("the body is not one JSON object without duplicate names"));
    };
    if members.get("error").is_some() {
        return Err(Cause::of_refusal(Box::new(read_refusal(response, now, redaction))));
    }
    match read_token(&mut members) {
        Ok(mut token) => {
            if !is_labelled_json(response) {
                token.warnings.push("the authority's answer is not labelled as JSON".to_owned());
            }
            // A server may put anything into the scopes, and they reach the caller's logs.
            for scope in token.scopes.iter_mut().flatten() {
                *scope = redaction.clean(scope, MAX_SCOPES_LENGTH);
            }
            Ok(token)
        }
        Err(reason) => Err(unexpected(reason)),
    }
}

/// Whether the header is a `content-encoding` other than `identity`.
fn is_encoding((name, value): &(String, Vec<u8>)) -> bool {
    name == "content-encoding" && !value.trim_ascii().eq_ignore_ascii_case(b"identity")
}

fn is_labelled_json(response: &HttpResponse) -> bool {
    let content_type = response.header("content-type").unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/json")
}

fn read_token(members: &mut Members) -> Result<TokenAnswer, &'static str> {
    let access_token = match members.take("access_token") {
        Some(Member::Text(token)) => Secret::from(token),
        Some(_) => return Err("access_token is not a string"),
        None => return Err("there is no access_token"),
    };
    if !is_bearer_token(access_token.expose()) {
        return Err(
            "access_token is empty, or contains characters that an Authorization header must not contain",
        );
    }
    match members.get("token_type") {
        Some(Member::Text(kind)) if kind.eq_ignore_ascii_case("Bearer") => {}
        Some(Member::Text(_)) => return Err("token_type is not Bearer"),
        _ => return Err("there is no token_type"),
    }
    let mut warnings = Vec::new();
    let lifetime_seconds = match members.get("expires_in") {
        None => {
            warnings.push(
                "the authority did not state the token's lifetime; the token is not cached"
                    .to_owned(),
            );
            None
        }
        Some(value) => {
            let seconds = read_seconds(value).ok_or("expires_in is not a number of seconds")?;
            if seconds > MAX_LIFETIME_SECONDS {
                warnings.push(
                    "the authority stated a lifetime of more than 24 hours; 24 hours are assumed"
                        .to_owned(),
                );
            }
            Some(seconds.min(MAX_LIFETIME_SECONDS))
        }
    };
    let refresh_in_seconds = members.get("refresh_in").and_then(read_seconds).filter(|&refresh| {
        refresh > 0 && lifetime_seconds.is_some_and(|lifetime| refresh < lifetime)
    });
    let scopes = match members.get("scope") {
        None | Some(Member::Null) => None,
        Some(Member::Text(text)) => read_scopes(text)?,
        Some(_) => return Err("scope is not a string"),
    };
    Ok(TokenAnswer { access_token, lifetime_seconds, refresh_in_seconds, scopes, warnings })
}

/// Parses a number of seconds, rounded down; also in a string, as Entra's older endpoint sends it. Negative is 0.
fn read_seconds(value: &Member) -> Option<u64> {
    match value {
        Member::Number(number) => number.as_u64().or_else(|| number.as_f64().map(to_seconds)),
        Member::Text(text) => seconds::whole_seconds(text),
        _ => None,
    }
}

#[allow(clippy::as_conversions, reason = "saturates, and there is no other conversion")]
fn to_seconds(number: f64) -> u64 {
    number as u64
}

fn read_scopes(text: &str) -> Result<Option<Vec<String>>, &'static str> {
    if text.len() > MAX_SCOPES_LENGTH || !text.bytes().all(|byte| (0x20..=0x7e).contains(&byte)) {
        return Err("scope is too long, or contains characters other than printable ASCII");
    }
    let scopes: Vec<String> =
        text.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
    Ok(Some(scopes).filter(|scopes| !scopes.is_empty()))
}

/// RFC 6750, section 2.1.
pub(crate) fn is_bearer_token(token: &str) -> bool {
    let body = token.trim_end_matches('=');
    !body.is_empty() && body.bytes().all(may_be_in_a_token)
}

/// Looks the byte up in a table, because a token has more than a thousand of them.
fn may_be_in_a_token(byte: u8) -> bool {
    static TABLE: [bool; 256] = table_of_token_bytes();
    TABLE.get(usize::from(byte)).is_some_and(|&is_allowed| is_allowed)
}

/// For each byte, whether a token may contain it.
const fn table_of_token_bytes() -> [bool; 256] {
    let mut table = [false; 256];
    let mut rest: &mut [bool] = &mut table;
    let mut byte = 0_u8;
    while let Some((is_allowed, others)) = rest.split_first_mut() {
        *is_allowed =
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/');
        byte = byte.wrapping_add(1);
        rest = others;
    }
    table
}

/// The members that are read. Where there is an error, its members are read separately.
const MEMBERS: [&str; 6] =
    ["access_token", "error", "expires_in", "refresh_in", "scope", "token_type"];
const MAX_SCOPES_LENGTH: usize = 16_384;

/// The longest lifetime of an Entra token. A longer one would keep a compromised token in the cache.
const MAX_LIFETIME_SECONDS: u64 = 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bearer_token_has_the_characters_of_rfc_6750() {
        for byte in 0..=u8::MAX {
            let is_allowed = byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
            assert_eq!(may_be_in_a_token(byte), is_allowed, "{byte}");
        }
    }

    fn token(json: &str) -> Result<TokenAnswer, &'static str> {
        read_token(&mut json::parse_members(json.as_bytes(), &MEMBERS).unwrap())
    }

    fn lifetime(expires_in: &str) -> Result<Option<u64>, &'static str> {
        token(&format!(r#"{{"access_token":"a","token_type":"Bearer","expires_in":{expires_in}}}"#))
            .map(|token| token.lifetime_seconds)
    }

    #[test]
    fn lifetimes_are_read_from_all_forms_of_numbers() {
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
    fn a_lifetime_must_be_a_number_or_absent() {
        for text in ["null", "true", "[]", "{}", "\"\"", "\"abc\"", "\"inf\"", "\"nan\"", "\" 5\""]
        {
            assert!(lifetime(text).is_err(), "{text}");
        }
        assert!(lifetime(&format!("\"{}\"", "9".repeat(400))).is_err());
        let token = token(r#"{"access_token":"a","token_type":"bearer"}"#).unwrap();
        assert_eq!(token.lifetime_seconds, None);
    }

    #[test]
    fn only_bearer_tokens_of_valid_characters_are_accepted() {
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
    fn a_refresh_time_outside_the_lifetime_is_ignored() {
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
    fn an_empty_scope_counts_as_absent() {
        let scopes = |text: &str| {
            token(&format!(r#"{{"access_token":"a","token_type":"Bearer","scope":{text}}}"#))
                .map(|token| token.scopes)
        };
        assert_eq!(scopes("\"a  b\""), Ok(Some(vec!["a".to_owned(), "b".to_owned()])));
        assert_eq!(scopes("\"\""), Ok(None));
        assert!(scopes("1").is_err());
    }
}
