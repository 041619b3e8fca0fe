//! What is asked for: one token request's arguments, checked.

use std::time::Duration;

use crate::authority::AuthorityKind;
use crate::authority::is_guid;
use crate::claims::Claims;
use crate::error::Rejection;
use crate::error::RejectionCode;
use crate::scope::Scopes;

/// A request as the caller described it, unchecked.
#[derive(Clone, Debug, Default)]
pub struct TokenRequestParts {
    /// The scopes.
    pub scopes: Vec<String>,
    /// Another tenant.
    pub tenant: Option<String>,
    /// A claims challenge.
    pub claims: Option<String>,
    /// Whether to skip the cache.
    pub force_refresh: bool,
    /// The hash of a token not to serve.
    pub refresh_if_sha256: Option<String>,
    /// The correlation ID.
    pub correlation_id: Option<String>,
    /// The deadline of the whole call.
    pub deadline_ms: Option<u64>,
    /// How long a cached token must live.
    pub minimum_validity_seconds: Option<u32>,
    /// Names of options that were set but are not yet served.
    pub not_served: Vec<&'static str>,
    /// Extra parameters and headers: (field, name, value).
    pub extra_parameters: Vec<(&'static str, String, String)>,
}

/// A request that can be made.
#[derive(Clone, Debug)]
pub struct TokenRequest {
    pub(crate) scopes: Scopes,
    pub(crate) tenant: Option<String>,
    pub(crate) claims: Option<Claims>,
    pub(crate) force_refresh: bool,
    pub(crate) rejected_token_sha256: Option<[u8; 32]>,
    pub(crate) correlation_id: Option<String>,
    pub(crate) deadline: Duration,
    pub(crate) minimum_validity_seconds: u64,
}

impl TokenRequest {
    /// Checks a request to a server of that kind.
    pub fn from_parts(parts: TokenRequestParts, kind: AuthorityKind) -> Result<Self, Rejection> {
        let scopes = Scopes::parse(parts.scopes, kind)?;
        let claims = parts.claims.as_deref().map(Claims::parse).transpose()?;
        let rejected_token_sha256 =
            parts.refresh_if_sha256.as_deref().map(parse_sha256).transpose()?;
        if parts.force_refresh && rejected_token_sha256.is_some() {
            return Err(Rejection::new(
                "request.options.refresh-if-sha256",
                RejectionCode::Conflict,
                "cannot be combined with force-refresh; give one of them",
            ));
        }
        let correlation_id = parts.correlation_id.map(parse_correlation_id).transpose()?;
        let deadline = parse_deadline(parts.deadline_ms)?;
        for (field, name, value) in &parts.extra_parameters {
            check_extra_parameter(field, name, value)?;
        }
        if let Some(field) = parts.not_served.first() {
            return Err(Rejection::not_supported(field));
        }
        Ok(Self {
            scopes,
            tenant: parts.tenant,
            claims,
            force_refresh: parts.force_refresh,
            rejected_token_sha256,
            correlation_id,
            deadline,
            minimum_validity_seconds: parts.minimum_validity_seconds.map_or(0, u64::from),
        })
    }
}

fn parse_sha256(text: &str) -> Result<[u8; 32], Rejection> {
    let digits = Some(text).filter(|text| text.len() == 64);
    let hash = digits.and_then(|digits| base16ct::mixed::decode_vec(digits).ok());
    hash.and_then(|hash| hash.try_into().ok()).ok_or_else(|| {
        Rejection::malformed(
            "request.options.refresh-if-sha256",
            "is not the SHA-256 of a token in 64 hexadecimal digits",
        )
    })
}

fn parse_correlation_id(text: String) -> Result<String, Rejection> {
    if is_guid(&text) {
        return Ok(text.to_ascii_lowercase());
    }
    Err(Rejection::malformed(
        "request.options.correlation-id",
        "is not a GUID of the form 00000000-0000-0000-0000-000000000000",
    ))
}

fn parse_deadline(milliseconds: Option<u64>) -> Result<Duration, Rejection> {
    match milliseconds {
        None => Ok(DEFAULT_DEADLINE),
        Some(0) => Err(Rejection::malformed(
            "request.options.deadline-ms",
            "is 0; give 1 to 600000 milliseconds, or leave it unset for 30000",
        )),
        Some(milliseconds) => Ok(Duration::from_millis(milliseconds).min(MAX_DEADLINE)),
    }
}

/// An extra parameter must be able neither to override the protocol nor to break out of its header or form field.
fn check_extra_parameter(field: &'static str, name: &str, value: &str) -> Result<(), Rejection> {
    if name.len() > 256 || value.len() > 4_096 {
        return Err(Rejection::too_long(
            field,
            "holds a name of over 256 or a value of over 4096 bytes",
        ));
    }
    if name.is_empty() || name.chars().chain(value.chars()).any(char::is_control) {
        return Err(Rejection::malformed(field, "holds an empty name, or a control character"));
    }
    let folded = name.to_ascii_lowercase();
    if PROTOCOL_NAMES.contains(&folded.as_str()) {
        return Err(Rejection::not_allowed(
            field,
            "holds a parameter or header that the protocol itself sets",
        ));
    }
    let is_token =
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~!#$&'*+^`|%".contains(&byte));
    if field == EXTRA_HEADERS && !is_token {
        return Err(Rejection::malformed(field, "holds a name that is not an HTTP header name"));
    }
    Ok(())
}

/// The field of extra headers, whose names have a syntax of their own.
pub const EXTRA_HEADERS: &str = "request.options.extra-headers";

/// 30 seconds in all, retry included.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(30);
const MAX_DEADLINE: Duration = Duration::from_secs(600);

const PROTOCOL_NAMES: [&str; 29] = [
    "accept",
    "accept-encoding",
    "authorization",
    "claims",
    "client-request-id",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_info",
    "client_secret",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "fmi_path",
    "grant_type",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "scope",
    "te",
    "token_type",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn parts() -> TokenRequestParts {
        TokenRequestParts { scopes: vec!["api://x/.default".to_owned()], ..Default::default() }
    }

    fn code(parts: TokenRequestParts) -> RejectionCode {
        TokenRequest::from_parts(parts, AuthorityKind::Entra).unwrap_err().code
    }

    #[test]
    fn deadlines_are_clamped_and_zero_is_refused() {
        let deadline = |ms| {
            let parts = TokenRequestParts { deadline_ms: Some(ms), ..parts() };
            TokenRequest::from_parts(parts, AuthorityKind::Entra).map(|request| request.deadline)
        };
        assert!(deadline(0).is_err());
        assert_eq!(deadline(1).unwrap(), Duration::from_millis(1));
        assert_eq!(deadline(u64::MAX).unwrap(), MAX_DEADLINE);
    }

    #[test]
    fn a_correlation_id_is_a_guid() {
        let with = |id: &str| TokenRequestParts { correlation_id: Some(id.to_owned()), ..parts() };
        assert_eq!(code(with("x\r\ny")), RejectionCode::Malformed);
        let id = "AAAAAAAA-bbbb-cccc-dddd-eeeeeeeeeeee";
        let request = TokenRequest::from_parts(with(id), AuthorityKind::Entra).unwrap();
        assert_eq!(request.correlation_id.unwrap(), id.to_lowercase());
    }

    #[test]
    fn extra_parameters_cannot_override_the_protocol() {
        let with = |field, name: &str, value: &str| TokenRequestParts {
            extra_parameters: vec![(field, name.to_owned(), value.to_owned())],
            not_served: vec![field],
            ..parts()
        };
        let body = "request.options.extra-body-parameters";
        for name in ["client_secret", "Grant_Type", "client_assertion", "scope"] {
            assert_eq!(code(with(body, name, "x")), RejectionCode::NotAllowed, "{name}");
        }
        assert_eq!(code(with(body, "a\r\nb", "x")), RejectionCode::Malformed);
        assert_eq!(code(with(body, "a", "x\r\ny")), RejectionCode::Malformed);
        assert_eq!(code(with(EXTRA_HEADERS, "a:b", "x")), RejectionCode::Malformed);
        assert_eq!(code(with(EXTRA_HEADERS, "Host", "x")), RejectionCode::NotAllowed);
        assert_eq!(code(with(body, "harmless", "x")), RejectionCode::NotSupported);
    }

    #[test]
    fn a_token_hash_excludes_force_refresh() {
        let hash = Some("0".repeat(64));
        assert_eq!(
            code(TokenRequestParts { force_refresh: true, refresh_if_sha256: hash, ..parts() }),
            RejectionCode::Conflict
        );
        let short = Some("0".repeat(63));
        assert_eq!(
            code(TokenRequestParts { refresh_if_sha256: short, ..parts() }),
            RejectionCode::Malformed
        );
    }
}
