//! Additional claims in the assertions that the component signs.

use crate::claims::JsonObject;
use crate::error::Rejection;

/// Parses additional claims to sign. They cannot replace the protocol's own.
pub(super) fn parse_extra_claims(field: &'static str, text: &str) -> Result<JsonObject, Rejection> {
    let claims = JsonObject::parse(field, text)?;
    check_extra_claims(field, &claims)?;
    Ok(claims)
}

/// Rejects claims that the protocol sets itself.
pub(crate) fn check_extra_claims(
    field: &'static str,
    claims: &JsonObject,
) -> Result<(), Rejection> {
    if PROTOCOL_CLAIMS.iter().any(|name| claims.members().contains_key(*name)) {
        return Err(Rejection::not_allowed(
            field,
            "contains aud, iss, sub, jti, exp, nbf or iat, which the protocol sets; remove them",
        ));
    }
    Ok(())
}

const PROTOCOL_CLAIMS: [&str; 7] = ["aud", "iss", "sub", "jti", "exp", "nbf", "iat"];
