use msal_host::contract::CacheRefreshReason;
use msal_host::contract::Metadata;
use msal_host::contract::Refusal;
use msal_host::contract::RegionOutcome;
use msal_host::contract::Rejection;
use msal_host::contract::RejectionCode;
use msal_host::contract::Throttle;
use msal_host::contract::TokenSource;
use serde_json::Value;
use serde_json::json;

use super::*;

#[test]
fn a_result_is_json_without_its_token() {
    let expected = json!({ "result": {
        "token_type": "Bearer",
        "expires_on": 1_700_000_000,
        "refresh_on": null,
        "scopes": ["scope"],
        "tenant_id": "tenant",
        "metadata": metadata_json(),
    } });
    assert_eq!(json(false, Ok(Ok(result()))), expected);
}

#[test]
fn a_result_is_json_with_its_token_when_asked() {
    let value = json(true, Ok(Ok(result())));
    assert_eq!(value["result"]["access_token"], "token-itself");
}

#[test]
fn an_error_is_json_with_the_names_of_the_contract() {
    let rejection = Rejection {
        field: "certificate.passphrase".to_owned(),
        code: RejectionCode::NotDecryptable,
        reason: "wrong".to_owned(),
    };
    let value = json(false, Ok(Err(error(ErrorCause::InvalidCredential(rejection)))));
    let expected = json!({ "error": {
        "cause": { "invalid-credential": {
            "field": "certificate.passphrase",
            "code": "not-decryptable",
            "reason": "wrong",
        } },
        "kind": "the-kind",
        "message": "no",
        "remedy": "do",
        "metadata": metadata_json(),
    } });
    assert_eq!(value, expected);
}

#[test]
fn plain_causes_are_json_strings() {
    let value = json(false, Ok(Err(error(ErrorCause::NotPermitted("why".to_owned())))));
    assert_eq!(value["error"]["cause"], json!({ "not-permitted": "why" }));
    let value = json(false, Ok(Err(error(ErrorCause::Unreachable("why".to_owned())))));
    assert_eq!(value["error"]["cause"], json!({ "unreachable": "why" }));
}

#[test]
fn a_throttle_is_json_with_the_refusal_in_it() {
    let throttle = Throttle { retry_after_seconds: 7, refusal: refusal("slow down") };
    let value = json(false, Ok(Err(error(ErrorCause::Throttled(throttle)))));
    let throttled = &value["error"]["cause"]["throttled"];
    assert_eq!(throttled["retry_after_seconds"], 7);
    assert_eq!(throttled["refusal"]["error_codes"], json!([90055]));
    assert_eq!(throttled["refusal"]["suberror"], Value::Null);
}

#[test]
fn a_failure_of_the_host_is_json_of_the_same_form() {
    let value = json(false, Err(HostError::Trap("unreachable".to_owned())));
    assert_eq!(value["error"]["cause"]["host"], "the component stopped: unreachable");
    assert_eq!(value["error"]["metadata"], Value::Null);
}

#[test]
fn the_summary_is_the_last_line() {
    let summary = crate::command::summary::Tally::default().summary();
    let mut output = Vec::new();
    report(false).summary(&summary, &mut output).unwrap();
    let value: Value = serde_json::from_slice(&output).unwrap();
    let names = ["calls", "cache", "identity_provider", "errors", "p50_us", "p95_us", "p99_us"];
    for name in names {
        assert_eq!(value["summary"][name], 0, "{name}");
    }
}

#[test]
fn a_line_of_text_has_source_time_and_expiry_but_no_token() {
    let text = line(&result(), Duration::from_micros(1_500));
    assert!(text.starts_with("cache "), "{text}");
    assert!(text.contains("1.500 ms"), "{text}");
    assert!(text.contains("expires 2023-11-14T22:13:20Z"), "{text}");
    assert!(!text.contains("token-itself"), "{text}");
}

#[test]
fn an_error_in_text_has_the_servers_description_and_the_remedy() {
    let text = error_text(&error(ErrorCause::Refused(refusal("AADSTS7000215: wrong"))));
    assert_eq!(text, "no: AADSTS7000215: wrong; do");
}

fn report(is_token_shown: bool) -> Report {
    Report { format: Format::Json, is_token_shown }
}

fn json(is_token_shown: bool, outcome: Outcome) -> Value {
    let mut output = Vec::new();
    report(is_token_shown).call(&outcome, Duration::ZERO, &mut output).unwrap();
    assert_eq!(output.iter().filter(|byte| **byte == b'\n').count(), 1);
    serde_json::from_slice(&output).unwrap()
}

fn result() -> AuthenticationResult {
    AuthenticationResult {
        access_token: "token-itself".to_owned(),
        token_type: "Bearer".to_owned(),
        expires_on: 1_700_000_000,
        refresh_on: None,
        scopes: vec!["scope".to_owned()],
        tenant_id: "tenant".to_owned(),
        metadata: metadata(),
    }
}

fn error(cause: ErrorCause) -> AcquireError {
    AcquireError {
        cause,
        kind: "the-kind".to_owned(),
        message: "no".to_owned(),
        remedy: Some("do".to_owned()),
        metadata: Some(metadata()),
    }
}

fn refusal(description: &str) -> Refusal {
    Refusal {
        status: 400,
        error: "invalid_client".to_owned(),
        suberror: None,
        error_codes: vec![90055],
        description: Some(description.to_owned()),
        claims: None,
        trace_id: None,
        correlation_id: None,
        timestamp: None,
        retry_after_seconds: None,
        retryable: false,
    }
}

fn metadata() -> Metadata {
    Metadata {
        token_source: TokenSource::Cache,
        token_source_name: "cache".to_owned(),
        cache_refresh_reason: CacheRefreshReason::NotApplicable,
        correlation_id: Some("id".to_owned()),
        token_endpoint: "https://login.example/t/oauth2/v2.0/token".to_owned(),
        region_outcome: RegionOutcome::NotRequested,
        credential_index: None,
        refresh_due: false,
        token_requests: 0,
        duration_total_us: 3,
        duration_in_cache_us: 2,
        duration_in_http_us: 1,
        warnings: Vec::new(),
    }
}

fn metadata_json() -> Value {
    json!({
        "token_source": "cache",
        "cache_refresh_reason": "not-applicable",
        "correlation_id": "id",
        "token_endpoint": "https://login.example/t/oauth2/v2.0/token",
        "region_outcome": "not-requested",
        "credential_index": null,
        "refresh_due": false,
        "token_requests": 0,
        "duration_total_us": 3,
        "duration_in_cache_us": 2,
        "duration_in_http_us": 1,
        "warnings": [],
    })
}
