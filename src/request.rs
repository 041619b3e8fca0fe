//! The arguments of a token request, validated.

use std::time::Duration;

use crate::authority::AuthorityKind;
use crate::authority::is_guid;
use crate::claims::JsonObject;
use crate::error::Rejection;
use crate::error::RejectionCode;
use crate::extra_parameters::ExtraParameterParts;
use crate::extra_parameters::ExtraParameters;
use crate::scope::Scopes;
use crate::sorted_set::to_sorted_set;

/// A request's arguments as the caller gave them, not yet validated.
#[derive(Clone, Debug, Default)]
pub struct TokenRequestParts {
    /// The scopes.
    pub scopes: Vec<String>,
    /// A tenant that replaces the authority's.
    pub tenant: Option<String>,
    /// A claims challenge.
    pub claims: Option<String>,
    /// Whether to bypass the cache.
    pub force_refresh: bool,
    /// The hash of a rejected token, which must not be served.
    pub refresh_if_sha256: Option<String>,
    /// The correlation ID.
    pub correlation_id: Option<String>,
    /// The deadline of the whole call.
    pub deadline_ms: Option<u64>,
    /// How long to wait for another caller's token.
    pub max_wait_ms: Option<u32>,
    /// The minimum remaining lifetime of a cached token.
    pub minimum_validity_seconds: Option<u32>,
    /// The client's own claims.
    pub claims_from_client: Option<String>,
    /// A federated managed identity path.
    pub fmi_path: Option<String>,
    /// Attributes for the token.
    pub attributes: Option<String>,
    /// Signed attribute tokens.
    pub attribute_tokens: Vec<String>,
    /// Extra parameters and headers.
    pub extra: ExtraParameterParts,
    /// Whether the caller refreshes tokens itself.
    pub defer_refresh: bool,
    /// Whether to send the chain; overrides the certificate's configuration.
    pub send_x5c: Option<bool>,
    /// Additional claims to sign.
    pub extra_assertion_claims: Option<String>,
}

/// A validated request.
#[derive(Clone, Debug)]
pub struct TokenRequest {
    pub(crate) scopes: Scopes,
    pub(crate) tenant: Option<String>,
    pub(crate) claims: Option<JsonObject>,
    pub(crate) claims_from_client: Option<JsonObject>,
    pub(crate) force_refresh: bool,
    pub(crate) rejected_token_sha256: Option<[u8; 32]>,
    pub(crate) correlation_id: Option<String>,
    pub(crate) deadline: Duration,
    /// How long to wait for another caller's token; zero turns single flight off.
    pub(crate) max_wait: Duration,
    pub(crate) minimum_validity_seconds: u64,
    pub(crate) fmi_path: Option<String>,
    pub(crate) attributes: Option<JsonObject>,
    /// Sorted and joined with spaces, as they are sent.
    pub(crate) attribute_tokens: Option<String>,
    pub(crate) extra: ExtraParameters,
    pub(crate) is_refresh_deferred: bool,
    pub(crate) send_x5c: Option<bool>,
    pub(crate) extra_assertion_claims: Option<JsonObject>,
}

impl TokenRequest {
    /// Validates a request to this kind of server.
    pub fn from_parts(parts: TokenRequestParts, kind: AuthorityKind) -> Result<Self, Rejection> {
        let object = |field, text: Option<String>| {
            text.map(|text| JsonObject::parse(field, &text)).transpose()
        };
        let scopes = Scopes::parse(parts.scopes, kind)?;
        let claims = object("request.options.claims", parts.claims)?;
        let rejected_token_sha256 =
            parts.refresh_if_sha256.as_deref().map(parse_sha256).transpose()?;
        if parts.force_refresh && rejected_token_sha256.is_some() {
            return Err(Rejection::new(
                "request.options.refresh-if-sha256",
                RejectionCode::Conflict,
                "cannot be combined with force-refresh; set only one of them",
            ));
        }
        Ok(Self {
            scopes,
            tenant: parts.tenant,
            claims,
            claims_from_client: object(
                "request.options.claims-from-client",
                parts.claims_from_client,
            )?,
            force_refresh: parts.force_refresh,
            rejected_token_sha256,
            correlation_id: parts.correlation_id.map(parse_correlation_id).transpose()?,
            deadline: parse_deadline(parts.deadline_ms)?,
            max_wait: Duration::from_millis(parts.max_wait_ms.unwrap_or(u32::MAX).into()),
            minimum_validity_seconds: parts.minimum_validity_seconds.map_or(0, u64::from),
            fmi_path: parts.fmi_path.map(parse_fmi_path).transpose()?,
            attributes: object("request.options.attributes", parts.attributes)?,
            attribute_tokens: parse_attribute_tokens(parts.attribute_tokens)?,
            extra: ExtraParameters::from_parts(parts.extra)?,
            is_refresh_deferred: parts.defer_refresh,
            send_x5c: parts.send_x5c,
            extra_assertion_claims: object(EXTRA_ASSERTION_CLAIMS, parts.extra_assertion_claims)?,
        })
    }

    /// The names and values of the arguments that make this request's token differ from a plain request's.
    pub(crate) fn to_cache_key_extras(&self) -> Vec<(&'static str, String)> {
        let mut extras = Vec::new();
        let objects = [
            ("claims-from-client", &self.claims_from_client),
            ("attributes", &self.attributes),
            ("extra-assertion-claims", &self.extra_assertion_claims),
        ];
        for (name, object) in objects {
            extras.extend(object.as_ref().map(|object| (name, object.to_text())));
        }
        for (name, text) in
            [("fmi-path", &self.fmi_path), ("attribute-tokens", &self.attribute_tokens)]
        {
            extras.extend(text.as_ref().map(|text| (name, text.clone())));
        }
        for (part, pairs) in [("body", &self.extra.body), ("query", &self.extra.query)] {
            for (name, value) in pairs {
                extras.push((part, name.clone()));
                extras.push(("value", value.clone()));
            }
        }
        extras
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

fn parse_fmi_path(path: String) -> Result<String, Rejection> {
    const FIELD: &str = "request.options.fmi-path";
    if path.len() > 1_024 {
        return Err(Rejection::too_long(FIELD, "is longer than 1024 bytes"));
    }
    if path.is_empty() || !path.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Rejection::malformed(
            FIELD,
            "is empty, or contains characters other than printable ASCII without spaces",
        ));
    }
    Ok(path)
}

/// Attribute tokens are a set, so they are sorted.
fn parse_attribute_tokens(tokens: Vec<String>) -> Result<Option<String>, Rejection> {
    const FIELD: &str = "request.options.attribute-tokens";
    if tokens.len() > 16 || tokens.iter().any(|token| token.len() > 16_384) {
        return Err(Rejection::too_long(
            FIELD,
            "contains more than 16 tokens, or one longer than 16384 bytes",
        ));
    }
    let is_token =
        |token: &String| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    if !tokens.iter().all(is_token) {
        return Err(Rejection::malformed(
            FIELD,
            "contains an empty token, or characters other than printable ASCII without spaces",
        ));
    }
    Ok(Some(to_sorted_set(tokens).join(" ")).filter(|tokens| !tokens.is_empty()))
}

pub(crate) const EXTRA_ASSERTION_CLAIMS: &str = "request.options.extra-assertion-claims";

/// 30 seconds in total, including retries.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(30);
const MAX_DEADLINE: Duration = Duration::from_secs(600);

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
    fn deadlines_are_clamped_and_zero_is_rejected() {
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
    fn a_token_hash_conflicts_with_force_refresh() {
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

    #[test]
    fn attribute_tokens_are_a_set() {
        let parse = |tokens: &[&str]| {
            parse_attribute_tokens(tokens.iter().map(|&token| token.to_owned()).collect())
        };
        assert_eq!(parse(&["b", "a", "b"]).unwrap().unwrap(), "a b");
        assert_eq!(parse(&[]).unwrap(), None);
        for tokens in [&["a b"][..], &[""], &["a\tb"], &["a\n"]] {
            assert!(parse(tokens).is_err(), "{tokens:?}");
        }
    }
}
