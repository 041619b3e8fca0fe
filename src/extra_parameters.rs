//! Extra parameters and headers that the caller adds to the token request.

use crate::error::Rejection;

/// Extra parameters and headers, not yet validated.
#[derive(Clone, Debug, Default)]
pub struct ExtraParameterParts {
    /// Form fields.
    pub body: Vec<(String, String)>,
    /// Query parameters.
    pub query: Vec<(String, String)>,
    /// Headers.
    pub headers: Vec<(String, String)>,
}

/// Extra parameters and headers that neither override the protocol nor allow injection.
#[derive(Clone, Debug, Default)]
pub struct ExtraParameters {
    pub(crate) body: Vec<(String, String)>,
    pub(crate) query: Vec<(String, String)>,
    /// Unique names in lower case.
    pub(crate) headers: Vec<(String, String)>,
}

impl ExtraParameters {
    /// Validates all of them.
    pub fn from_parts(parts: ExtraParameterParts) -> Result<Self, Rejection> {
        for (field, pairs) in
            [(BODY, &parts.body), (QUERY, &parts.query), (HEADERS, &parts.headers)]
        {
            if pairs.len() > MAX_COUNT {
                return Err(Rejection::too_long(field, "contains more than 32 parameters"));
            }
            let length: usize = pairs.iter().map(|(name, value)| name.len() + value.len()).sum();
            if length > MAX_LENGTH {
                return Err(Rejection::too_long(field, "is longer than 16 KiB in total"));
            }
            for (index, (name, value)) in pairs.iter().enumerate() {
                check(field, name, value)?;
                let is_repeated = pairs.iter().take(index).any(|(earlier, _)| earlier == name);
                if is_repeated && field != HEADERS {
                    return Err(Rejection::not_allowed(
                        field,
                        "contains a parameter twice, which OAuth 2.0 does not allow (RFC 6749, section 3.2)",
                    ));
                }
            }
        }
        let mut headers: Vec<(String, String)> = Vec::with_capacity(parts.headers.len());
        for (name, value) in parts.headers {
            let name = name.to_ascii_lowercase();
            headers.retain(|(earlier, _)| *earlier != name);
            headers.push((name, value));
        }
        Ok(Self { body: parts.body, query: parts.query, headers })
    }
}

fn check(field: &'static str, name: &str, value: &str) -> Result<(), Rejection> {
    if name.len() > 256 || value.len() > 4_096 {
        return Err(Rejection::too_long(
            field,
            "contains a name longer than 256 bytes or a value longer than 4096 bytes",
        ));
    }
    if name.is_empty() || name.chars().chain(value.chars()).any(char::is_control) {
        return Err(Rejection::malformed(field, "contains an empty name or a control character"));
    }
    let folded = name.to_ascii_lowercase();
    let is_header = field == HEADERS;
    if is_header && !name.bytes().all(is_token_character) {
        return Err(Rejection::malformed(
            field,
            "contains a name that is not a valid HTTP header name",
        ));
    }
    let is_taken = if is_header {
        HEADER_NAMES.contains(&folded.as_str()) || folded.starts_with("x-client-")
    } else {
        PARAMETER_NAMES.contains(&folded.as_str())
    };
    if is_taken {
        return Err(Rejection::not_allowed(
            field,
            "contains a parameter or header that the protocol sets, or that has a separate option",
        ));
    }
    if is_header && !value.is_ascii() {
        return Err(Rejection::malformed(field, "contains a value that is not ASCII"));
    }
    Ok(())
}

/// RFC 9110, section 5.6.2.
fn is_token_character(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.~!#$&'*+^`|%".contains(&byte)
}

const BODY: &str = "request.options.extra-body-parameters";
const QUERY: &str = "request.options.extra-query-parameters";
const HEADERS: &str = "request.options.extra-headers";
const MAX_COUNT: usize = 32;
/// Hosts terminate an instance whose headers or URL exceed their limits. Percent-encoding can triple the length of a
/// URL.
const MAX_LENGTH: usize = 16 << 10;

/// Form fields that the token request sets, or that this grant must not have.
const PARAMETER_NAMES: [&str; 18] = [
    "assertion",
    "attribute_tokens",
    "attributes",
    "claims",
    "client-request-id",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_info",
    "client_secret",
    "fmi_path",
    "grant_type",
    "password",
    "refresh_token",
    "req_cnf",
    "resource",
    "scope",
    "token_type",
];

/// Headers that the component or the connection sets.
const HEADER_NAMES: [&str; 26] = [
    "accept",
    "accept-encoding",
    "authorization",
    "client-request-id",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "dpop",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "return-client-request-id",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "x-app-name",
    "x-app-ver",
    "x-ms-lib-capability",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::RejectionCode;

    fn code(parts: ExtraParameterParts) -> RejectionCode {
        ExtraParameters::from_parts(parts).unwrap_err().code
    }

    fn pair(name: &str, value: &str) -> Vec<(String, String)> {
        vec![(name.to_owned(), value.to_owned())]
    }

    #[test]
    fn the_protocol_cannot_be_overridden() {
        for name in
            ["client_secret", "Grant_Type", "client_assertion", "scope", "claims", "fmi_path"]
        {
            let body = ExtraParameterParts { body: pair(name, "x"), ..Default::default() };
            assert_eq!(code(body), RejectionCode::NotAllowed, "{name}");
            let query = ExtraParameterParts { query: pair(name, "x"), ..Default::default() };
            assert_eq!(code(query), RejectionCode::NotAllowed, "{name}");
        }
        for name in ["Host", "Authorization", "X-Client-SKU", "content-length"] {
            let headers = ExtraParameterParts { headers: pair(name, "x"), ..Default::default() };
            assert_eq!(code(headers), RejectionCode::NotAllowed, "{name}");
        }
    }

    #[test]
    fn names_and_values_cannot_inject() {
        for (name, value) in [("a\r\nb", "x"), ("a", "x\r\ny"), ("", "x"), ("a\0", "x")] {
            let body = ExtraParameterParts { body: pair(name, value), ..Default::default() };
            assert_eq!(code(body), RejectionCode::Malformed, "{name:?}");
            let headers = ExtraParameterParts { headers: pair(name, value), ..Default::default() };
            assert_eq!(code(headers), RejectionCode::Malformed, "{name:?}");
        }
        for (name, value) in [("a:b", "x"), ("a b", "x"), ("a", "é")] {
            let headers = ExtraParameterParts { headers: pair(name, value), ..Default::default() };
            assert_eq!(code(headers), RejectionCode::Malformed, "{name:?}");
        }
    }

    #[test]
    fn the_last_of_repeated_headers_wins() {
        let headers = [pair("X-A", "1"), pair("x-b", "2"), pair("x-a", "3")].concat();
        let parts = ExtraParameterParts { headers, ..Default::default() };
        let headers = ExtraParameters::from_parts(parts).unwrap().headers;
        assert_eq!(headers, [pair("x-b", "2"), pair("x-a", "3")].concat());
    }
}
