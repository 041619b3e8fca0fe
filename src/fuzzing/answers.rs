//! Answers of the token endpoint.

use crate::http::HttpResponse;
use crate::secret::Secret;
use crate::token_endpoint::TokenAnswer;
use crate::token_endpoint::is_bearer_token;
use crate::token_endpoint::judge;

use super::NOW;
use super::planted::check_cause;
use super::planted::check_debug;
use super::planted::redaction;
use super::planted::with_secret;
use super::response::to_response;

/// The body of an answer with status 200.
pub fn token_answer(body: &[u8]) {
    let media_type = ("content-type".to_owned(), b"application/json".to_vec());
    let body = Secret::from(with_secret(body));
    judge_answer(&HttpResponse { status: 200, headers: vec![media_type], body });
}

/// An answer with any status and headers.
pub fn error_answer(response: &[u8]) {
    let response = to_response(&with_secret(response));
    let is_token = judge_answer(&response);
    assert!(!is_token || response.status == 200, "a token with status {}", response.status);
}

fn judge_answer(response: &HttpResponse) -> bool {
    match judge(response, NOW, &redaction()) {
        Ok(token) => {
            check_token(&token);
            true
        }
        Err(cause) => {
            check_cause(&cause);
            false
        }
    }
}

fn check_token(token: &TokenAnswer) {
    check_debug(token);
    assert!(is_bearer_token(token.access_token.expose()), "not a token");
    assert!(token.lifetime_seconds.is_none_or(|seconds| seconds <= 86_400), "{token:?}");
    if let Some(refresh) = token.refresh_in_seconds {
        assert!(refresh > 0 && Some(refresh) < token.lifetime_seconds, "{token:?}");
    }
    for scope in token.scopes.iter().flatten() {
        assert!(
            !scope.is_empty() && scope.bytes().all(|byte| byte.is_ascii_graphic()),
            "{token:?}"
        );
    }
}
