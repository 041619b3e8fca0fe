//! A client assertion that the component did not sign.

use crate::byte_order_mark::without_mark;
use crate::error::Rejection;
use crate::secret::Secret;

/// An assertion in JWS compact form. Its content is not inspected.
#[derive(Clone, Debug)]
pub struct CallerAssertion(Secret<String>);

impl CallerAssertion {
    /// Validates the form: three non-empty parts in base64url.
    pub(super) fn parse(field: &'static str, assertion: Secret<String>) -> Result<Self, Rejection> {
        let assertion = without_mark(assertion);
        let text = assertion.expose();
        if text.is_empty() {
            return Err(Rejection::missing(field, "is empty; give a signed JWT"));
        }
        if text.len() > MAX_LENGTH {
            return Err(Rejection::too_long(field, "is longer than 65536 bytes"));
        }
        let is_part = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        };
        if text.split('.').count() != 3 || !text.split('.').all(is_part) {
            return Err(Rejection::malformed(
                field,
                "is not a signed JWT with three base64url parts; remove line ends and quotes",
            ));
        }
        Ok(Self(assertion))
    }

    pub(super) fn to_secret(&self) -> Secret<String> {
        self.0.clone()
    }
}

const MAX_LENGTH: usize = 65_536;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_three_base64url_parts_are_accepted() {
        for text in ["", "a.b", "a.b.c.d", "a..c", "a.b.c\r\n", "a b.c.d", &"a".repeat(1 << 20)] {
            assert!(CallerAssertion::parse("assertion", Secret::from(text.to_owned())).is_err());
        }
        assert!(
            CallerAssertion::parse("assertion", Secret::from("eyJ.e30.c2ln".to_owned())).is_ok()
        );
    }
}
