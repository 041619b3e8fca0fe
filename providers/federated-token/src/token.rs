//! What can be an assertion.

/// The token in these bytes, without the line ends that may follow it. The errors name the variable that it came by and
/// hold nothing of the bytes.
pub fn parse(bytes: Vec<u8>, variable: &str) -> Result<String, String> {
    if bytes.len() > MAX_LENGTH {
        return Err(format!("the token of {variable} is longer than {MAX_LENGTH} bytes"));
    }
    let malformed =
        || format!("the token of {variable} is not a signed JWT of three base64url parts");
    let mut token = String::from_utf8(bytes).map_err(|_| malformed())?;
    token.truncate(token.trim_end_matches(['\r', '\n']).len());
    if token.is_empty() {
        return Err(format!("the token of {variable} is empty"));
    }
    if !is_jws(&token) {
        return Err(malformed());
    }
    Ok(token)
}

/// Whether this is of the compact form of RFC 7515, section 7.1. What the parts say is between signer and authority.
fn is_jws(token: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    token.split('.').count() == 3 && token.split('.').all(is_part)
}

/// The longest assertion that the component takes.
pub const MAX_LENGTH: usize = 65_536;

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(bytes: &[u8]) -> Result<String, String> {
        parse(bytes.to_vec(), "VARIABLE")
    }

    #[test]
    fn line_ends_behind_the_token_are_left_out() {
        for text in ["eyJ.e30.c2ln", "eyJ.e30.c2ln\n", "eyJ.e30.c2ln\r\n\n"] {
            assert_eq!(parsed(text.as_bytes()).unwrap(), "eyJ.e30.c2ln");
        }
    }

    #[test]
    fn nothing_but_line_ends_is_nothing() {
        for text in ["", "\n", "\r\n"] {
            assert_eq!(parsed(text.as_bytes()).unwrap_err(), "the token of VARIABLE is empty");
        }
    }

    #[test]
    fn what_is_not_a_signed_jwt_is_refused_and_not_quoted() {
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
