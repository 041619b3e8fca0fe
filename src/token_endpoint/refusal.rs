//! The authority's error responses: RFC 6749, section 5.2, and the variants that servers and proxies send.

use super::redaction::Redaction;
use super::retry_after::retry_after_seconds;
use crate::error::Refusal;
use crate::error::UNKNOWN;
use crate::http::HttpResponse;
use crate::json;
use crate::json::Member;
use crate::time::UnixTime;

/// Reads an error response leniently: any body yields at least an error with a status.
pub(super) fn read_refusal(
    response: &HttpResponse,
    now: UnixTime,
    redaction: &Redaction,
) -> Refusal {
    let retry_after = retry_after_seconds(response, now);
    let mut refusal = Refusal {
        status: response.status,
        error: UNKNOWN.to_owned(),
        retry_after_seconds: retry_after,
        is_retryable: matches!(response.status, 408 | 429 | 500..=599),
        ..Refusal::default()
    };
    let body = response.body.expose();
    match json::parse_members(body, &MEMBERS) {
        Some(members) => {
            let text = |name: &str, limit| {
                let value = members.text(name);
                value.map(|value| redaction.clean(value, limit)).filter(|value| !value.is_empty())
            };
            if let Some(error) = text("error", 128) {
                refusal.is_retryable |= error == "temporarily_unavailable";
                refusal.error = error;
            }
            refusal.suberror = text("suberror", 128);
            refusal.error_codes = members.get("error_codes").map(read_codes).unwrap_or_default();
            refusal.description = text("error_description", 4_096);
            refusal.claims = members
                .text("claims")
                .filter(|claims| claims.len() <= 16_384)
                .map(|claims| redaction.clean(claims, 16_384));
            refusal.trace_id = text("trace_id", 128);
            refusal.correlation_id = text("correlation_id", 128);
            refusal.timestamp = text("timestamp", 64);
        }
        _ => refusal.description = plain_text(response).map(|text| redaction.clean(text, 200)),
    }
    refusal
}

/// A plain text body, such as `Too Many Requests`. An HTML page does not help the reader, and damaged JSON may be an answer
/// with a token.
fn plain_text(response: &HttpResponse) -> Option<&str> {
    let content_type = response.header("content-type").unwrap_or("text/plain");
    let text = std::str::from_utf8(response.body.expose()).ok()?.trim();
    let is_damaged = text.starts_with(['{', '[']) || text.contains("access_token");
    let is_plain = content_type.to_ascii_lowercase().starts_with("text/plain");
    (is_plain && !is_damaged && !text.is_empty()).then_some(text)
}

/// Numbers, numbers in strings, or the array in a string: servers send all of them.
fn read_codes(value: &Member) -> Vec<u64> {
    match value {
        Member::List(codes) => codes.iter().filter_map(read_code).take(MAX_CODES).collect(),
        Member::Text(text) => {
            let numbers = text.split(|character: char| !character.is_ascii_digit());
            numbers.filter_map(|number| number.parse().ok()).take(MAX_CODES).collect()
        }
        _ => Vec::new(),
    }
}

fn read_code(value: &Member) -> Option<u64> {
    match value {
        Member::Number(number) => number.as_u64(),
        Member::Text(text) => text.parse().ok(),
        _ => None,
    }
}

/// RFC 6749, section 5.2, and what Entra adds.
const MEMBERS: [&str; 8] = [
    "claims",
    "correlation_id",
    "error",
    "error_codes",
    "error_description",
    "suberror",
    "timestamp",
    "trace_id",
];

const MAX_CODES: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn refusal(status: u16, content_type: &str, body: &str) -> Refusal {
        let response = HttpResponse {
            status,
            headers: vec![("content-type".to_owned(), content_type.as_bytes().to_vec())],
            body: Secret::from(body.as_bytes().to_vec()),
        };
        read_refusal(&response, UnixTime::from_seconds(1_700_000_000), &Redaction::default())
    }

    #[test]
    fn all_members_of_entras_error_are_kept() {
        let body = r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid.\r\nTrace",
            "error_codes":[7000215],"timestamp":"2023-05-06 06:03:00Z","trace_id":"t","correlation_id":"c",
            "suberror":"s","claims":"{\"a\":1}","error_uri":"https://x"}"#;
        let refusal = refusal(401, "application/json; charset=utf-8", body);
        assert_eq!(refusal.error, "invalid_client");
        assert_eq!(refusal.error_codes, [7_000_215]);
        assert_eq!(refusal.description.unwrap(), "AADSTS7000215: Invalid. Trace");
        assert_eq!(refusal.claims.unwrap(), r#"{"a":1}"#);
        assert_eq!(refusal.suberror.unwrap(), "s");
        assert!(!refusal.is_retryable);
    }

    #[test]
    fn codes_are_read_in_all_known_forms() {
        for codes in ["[500011]", "[\"500011\"]", "\"[500011]\"", "[500011,-1,\"x\",{}]"] {
            let body = format!(r#"{{"error":"e","error_codes":{codes}}}"#);
            assert_eq!(refusal(400, "application/json", &body).error_codes, [500_011], "{codes}");
        }
    }

    #[test]
    fn bodies_that_are_not_json_still_yield_an_error() {
        assert_eq!(
            refusal(429, "text/plain", "Too Many Requests").description.unwrap(),
            "Too Many Requests"
        );
        assert_eq!(refusal(502, "text/html", "<html>").description, None);
        for answer in ["{\"access_token\":\"a", "[", "a=1&access_token=b"] {
            assert_eq!(refusal(503, "text/plain", answer).description, None);
        }
        let empty = refusal(403, "text/plain", "");
        assert_eq!((empty.error.as_str(), empty.description), ("unknown", None));
        assert_eq!(refusal(400, "application/json", r#"{"error":1}"#).error, "unknown");
    }
}
