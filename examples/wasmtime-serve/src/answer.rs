//! The app's responses. They contain no credential and no token.

use serde::Serialize;
use waki::ErrorCode;
use waki::Response;
use waki::ResponseBuilder;

use crate::client_credentials::AcquireError;
use crate::client_credentials::AuthenticationResult;
use crate::client_credentials::ErrorCause;

/// 200, with the token's metadata and its warnings, which it also prints. A real app would call its API with the token here.
pub(crate) fn acquired(result: &AuthenticationResult) -> Result<Response, ErrorCode> {
    let metadata = &result.metadata;
    for warning in &metadata.warnings {
        eprintln!("warning: {warning}");
    }
    response(200)
        .json(&Acquired {
            token_source: &metadata.token_source_name,
            expires_on: result.expires_on,
            tenant_id: &result.tenant_id,
            scopes: &result.scopes,
            duration_total_us: metadata.duration_total_us,
            correlation_id: metadata.correlation_id.as_deref(),
            refresh_due: metadata.refresh_due,
            warnings: &metadata.warnings,
        })
        .build()
}

/// 503 if the authority throttles the app, else 502, with the reason.
pub(crate) fn failed(error: &AcquireError) -> Result<Response, ErrorCode> {
    let response = match &error.cause {
        ErrorCause::Throttled(throttle) => {
            response(503).header("retry-after", throttle.retry_after_seconds)
        }
        _ => response(502),
    };
    response
        .json(&Failed {
            kind: &error.kind,
            message: &error.message,
            remedy: error.remedy.as_deref(),
        })
        .build()
}

/// 500, with the name of the setting.
pub(crate) fn misconfigured(missing: &str) -> Result<Response, ErrorCode> {
    response(500)
        .header("content-type", "text/plain; charset=utf-8")
        .body(format!("{missing} is not set\n"))
        .build()
}

/// 405.
pub(crate) fn method_not_allowed() -> Result<Response, ErrorCode> {
    response(405).header("allow", "GET").build()
}

#[derive(Serialize)]
struct Acquired<'a> {
    token_source: &'a str,
    expires_on: u64,
    tenant_id: &'a str,
    scopes: &'a [String],
    duration_total_us: u32,
    correlation_id: Option<&'a str>,
    refresh_due: bool,
    warnings: &'a [String],
}

#[derive(Serialize)]
struct Failed<'a> {
    kind: &'a str,
    message: &'a str,
    remedy: Option<&'a str>,
}

/// A response that must not be cached.
fn response(status: u16) -> ResponseBuilder {
    Response::builder().status_code(status).header("cache-control", "no-store")
}
