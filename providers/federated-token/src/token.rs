//! Checks that a token can be an assertion.

/// Parses a token and drops a byte order mark before it and line ends after it. Errors name the variable that the token came from and do not quote the
/// bytes.
pub fn parse(bytes: Vec<u8>, variable: &str) -> Result<String, String> {
    if bytes.len() > MAX_LENGTH {
        return Err(format!("the token of {variable} is longer than {MAX_LENGTH} bytes"));
    }
    let malformed =
        || format!("the token of {variable} is not a signed JWT of three base64url parts");
    let token = bytes.strip_prefix(MARK).unwrap_or(&bytes);
    let mut token = String::from_utf8(token.to_vec()).map_err(|_| malformed())?;
    token.truncate(token.trim_end_matches(['\r', '\n']).len());
    if token.is_empty() {
        return Err(format!("the token of {variable} is empty"));
    }
    if !is_jws(&token) {
        return Err(malformed());
    }
    Ok(token)
}

/// Whether a token has the compact serialization of RFC 7515, section 7.1. The authority checks the content.
fn is_jws(token: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    token.split('.').count() == 3 && token.split('.').all(is_part)
}

/// The longest assertion that the component accepts.
pub const MAX_LENGTH: usize = 65_536;
/// The byte order mark in UTF-8, which editors put before a text.
const MARK: &[u8] = b"\xef\xbb\xbf";

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(bytes: &[u8]) -> Result<String, String> {
        parse(bytes.to_vec(), "VARIABLE")
    }

    #[test]
    fn line_ends_after_the_token_are_dropped() {
        for text in ["eyJ.e30.c2ln", "eyJ.e30.c2ln\n", "eyJ.e30.c2ln\r\n\n"] {
            assert_eq!(parsed(text.as_bytes()).unwrap(), "eyJ.e30.c2ln");
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_token() {
        assert_eq!(parsed(b"\xef\xbb\xbfeyJ.e30.c2ln\r\n").unwrap(), "eyJ.e30.c2ln");
        let empty = parsed(b"\xef\xbb\xbf").unwrap_err();
        assert_eq!(empty, "the token of VARIABLE is empty");
    }

    #[test]
    fn a_token_of_only_line_ends_is_empty() {
        for text in ["", "\n", "\r\n"] {
            assert_eq!(parsed(text.as_bytes()).unwrap_err(), "the token of VARIABLE is empty");
        }
    }

    #[test]
    fn anything_but_a_signed_jwt_is_refused_without_being_quoted() {
        let texts: [&[u8]; 8] = [
            b"marked",
            b"marked.e30",
            b"marked.e30.",
            b"marked.e30.c2ln.e30",
            b" marked.e30.c2ln",
            b"\"marked.e30.c2ln\"",
            b"marked.e30\n.c2ln",
            b"marked.e30.\xff",
        ];
        for text in texts {
            assert_eq!(
                parsed(text).unwrap_err(),
                "the token of VARIABLE is not a signed JWT of three base64url parts"
            );
        }
    }

    #[test]
    fn a_token_has_at_most_64_kib() {
        let token = format!("e30.e30.{}", "a".repeat(65_528));
        assert_eq!(parsed(token.as_bytes()).unwrap(), token);
        let longer = format!("{token}a");
        assert_eq!(
            parsed(longer.as_bytes()).unwrap_err(),
            "the token of VARIABLE is longer than 65536 bytes"
        );
    }
}
