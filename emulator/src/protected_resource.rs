//! A resource that accepts the emulator's tokens, for tests of claims challenges.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::http::Request;
use crate::http::Response;
use crate::service::Service;

/// Answers 200 to a valid token, and 401 with a claims challenge to a revoked one.
pub(crate) fn answer(service: &Service, request: &Request) -> Response {
    let Some(token) = request.header("authorization").and_then(bearer_token) else {
        return refuse("Bearer realm=\"\"");
    };
    let now = service.clock.now().unix_timestamp();
    let Some(issued) = service.issued.iter().find(|issued| issued.token == token) else {
        return refuse("Bearer realm=\"\", error=\"invalid_token\"");
    };
    let lifetime = i64::try_from(issued.expires_in).unwrap_or(i64::MAX);
    if issued.issued_at.saturating_add(lifetime) < now {
        return refuse("Bearer realm=\"\", error=\"invalid_token\"");
    }
    if issued.revoked {
        let revoked_at = service.revocations.get(&issued.client_id.to_ascii_lowercase());
        let since = revoked_at.copied().unwrap_or(now).to_string();
        let claims = json!({"access_token": {"nbf": {"essential": true, "value": since}}});
        let claims = STANDARD.encode(claims.to_string());
        return refuse(&format!(
            "Bearer realm=\"\", \
             authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", \
             error=\"insufficient_claims\", claims=\"{claims}\""
        ));
    }
    Response::json(
        200,
        &json!({"tenant": issued.tenant, "client_id": issued.client_id, "scope": issued.scope}),
    )
}

fn bearer_token(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn refuse(challenge: &str) -> Response {
    Response::text(401, "").with("WWW-Authenticate", challenge)
}
