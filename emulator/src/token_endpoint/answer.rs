use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::json;

use super::access_token::access_token;
use super::entra_error::EntraError;
use super::entra_error::ErrorBody;
use super::grant::Grant;
use crate::clock::to_error_timestamp;
use crate::http::Request;
use crate::http::Response;
use crate::ids::is_guid;
use crate::issued_token::IssuedToken;
use crate::service::Service;

/// Tokens with at least this lifetime come with a `refresh_in`.
const SHORTEST_WITH_REFRESH: u64 = 7200;
const CONTINUOUSLY_EVALUATED_LIFETIME: u64 = 86399;

/// The members in the order of Entra's responses.
#[derive(Serialize)]
struct TokenBody<'a> {
    token_type: &'a str,
    expires_in: u64,
    ext_expires_in: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_in: Option<u64>,
    access_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_info: Option<String>,
}

/// Issues and records a token.
pub(super) fn issue(
    service: &mut Service,
    request: &Request,
    grant: &Grant,
    expires_in: Option<u64>,
) -> Response {
    let expires_in = expires_in.or(service.token_lifetime).unwrap_or_else(|| {
        // Entra varies lifetimes between 60 and 90 minutes, so that cached tokens do not expire together.
        let spread = service.ids.number_below(1801);
        if grant.is_continuously_evaluated() {
            CONTINUOUSLY_EVALUATED_LIFETIME
        } else {
            3599 + spread
        }
    });
    let now = service.clock.now();
    let token = access_token(grant, expires_in, now, &service.signing_key, &mut service.ids);
    let client_key = grant.client_id.to_ascii_lowercase();
    let revoked_at = service.revocations.get(&client_key).copied();
    let meets_challenge = revoked_at.is_none_or(|at| grant.not_before().is_some_and(|it| it >= at));
    if meets_challenge {
        service.revocations.remove(&client_key);
    }
    service.issued.push(IssuedToken {
        token: token.clone(),
        tenant: grant.tenant.clone(),
        client_id: grant.client_id.clone(),
        scope: grant.scope.clone(),
        expires_in,
        issued_at: now.unix_timestamp(),
        revoked: !meets_challenge,
    });
    // With `1` a client asks about the user, whom an application's token does not have. MSAL Python keys its cache by the
    // answer, and would not find the token again.
    let wants_client_info = parameter(request, "client_info").is_some_and(|value| value != "1");
    let body = TokenBody {
        token_type: "Bearer",
        expires_in,
        ext_expires_in: expires_in,
        refresh_in: (expires_in >= SHORTEST_WITH_REFRESH).then_some(expires_in / 2),
        access_token: &token,
        client_info: wants_client_info.then(|| {
            let principal =
                service.ids.guid_of(&["service principal", &grant.tenant, &grant.client_id]);
            URL_SAFE_NO_PAD.encode(json!({"uid": principal, "utid": grant.tenant}).to_string())
        }),
    };
    let trace_id = service.ids.guid();
    let correlation_id = correlation_id(service, request);
    with_entra_headers(Response::json(200, &body), service, request, &trace_id, &correlation_id)
}

/// Answers with an error.
pub(crate) fn refuse(service: &mut Service, request: &Request, error: EntraError) -> Response {
    let trace_id = service.ids.guid();
    let correlation_id = correlation_id(service, request);
    let timestamp = to_error_timestamp(service.clock.now());
    let body = ErrorBody {
        error: &error.error,
        error_description: format!(
            "AADSTS{}: {}\r\nTrace ID: {trace_id}\r\nCorrelation ID: {correlation_id}\r\n\
             Timestamp: {timestamp}",
            error.code, error.text
        ),
        error_codes: [error.code],
        timestamp: &timestamp,
        trace_id: &trace_id,
        correlation_id: &correlation_id,
        error_uri: format!("https://{}/error?code={}", error_host(request), error.code),
    };
    let response = Response::json(error.status, &body);
    with_entra_headers(response, service, request, &trace_id, &correlation_id)
}

fn with_entra_headers(
    response: Response,
    service: &mut Service,
    request: &Request,
    trace_id: &str,
    correlation_id: &str,
) -> Response {
    let mut cookie = || URL_SAFE_NO_PAD.encode(service.ids.bytes(24));
    let mut response = response
        .with("Cache-Control", "no-store, no-cache")
        .with("Pragma", "no-cache")
        .with("Expires", "-1")
        .with("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        .with("X-Content-Type-Options", "nosniff")
        .with("P3P", "CP=\"DSP CUR OTPi IND OTRi ONL FIN\"")
        .with("x-ms-request-id", trace_id)
        .with("x-ms-ests-server", "2.1.15000.0 - EMULATOR ProdSlices")
        .with("x-ms-srs", "1.P")
        .with("Set-Cookie", format!("fpc={}; path=/; secure; HttpOnly; SameSite=None", cookie()))
        .with("Set-Cookie", "x-ms-gateway-slice=estsfd; path=/; secure; samesite=none; httponly")
        .with("Set-Cookie", "stsservicecookie=estsfd; path=/; secure; samesite=none; httponly");
    if parameter(request, "x-client-sku").is_some() {
        response = response.with("x-ms-clitelem", "1,0,0,,");
    }
    let echo = parameter(request, "return-client-request-id");
    if echo.is_some_and(|it| it.eq_ignore_ascii_case("true")) {
        response = response.with("client-request-id", correlation_id);
    }
    response
}

/// The client's ID if it sent a GUID, else a new one.
fn correlation_id(service: &mut Service, request: &Request) -> String {
    parameter(request, "client-request-id")
        .filter(|id| is_guid(id))
        .unwrap_or_else(|| service.ids.guid())
}

/// A parameter from a header, the body or the query; MSAL's libraries use all three. Names are
/// case-insensitive, as in headers.
fn parameter(request: &Request, name: &str) -> Option<String> {
    let pairs = request.form().unwrap_or_default().into_iter().chain(request.query());
    request.header(name).map(str::to_owned).or_else(|| {
        let mut pairs = pairs.filter(|(own, _)| own.eq_ignore_ascii_case(name));
        pairs.next().map(|(_, value)| value)
    })
}

fn error_host(request: &Request) -> &str {
    let host = request.host();
    let name = host.split(':').next().unwrap_or_default();
    if crate::clouds::aliases_of(name).is_some() { name } else { "login.microsoftonline.com" }
}
