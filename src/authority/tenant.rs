//! The tenant: a GUID or a domain name.

use crate::error::Rejection;

/// A tenant that is safe as a path segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// GUIDs are in lower case.
    text: String,
    is_guid: bool,
}

impl Tenant {
    /// Parses the tenant in `field`.
    pub fn parse(field: &'static str, text: &str) -> Result<Self, Rejection> {
        if text.is_empty() {
            return Err(Rejection::missing(
                field,
                "the tenant is empty; give its GUID or a verified domain",
            ));
        }
        if !is_domain_name(text) {
            return Err(Rejection::malformed(
                field,
                "the tenant is neither a GUID nor a domain name of ASCII letters, digits, dots and hyphens",
            ));
        }
        let folded = text.to_ascii_lowercase();
        if SHARED_ENDPOINTS.contains(&folded.as_str()) {
            return Err(Rejection::not_allowed(
                field,
                "common, organizations and consumers are not tenants, and this grant needs one; give the \
                 tenant's GUID or domain",
            ));
        }
        if is_guid(&folded) {
            return Ok(Self { text: folded, is_guid: true });
        }
        if is_broken_guid(&folded) {
            return Err(Rejection::malformed(
                field,
                "the tenant looks like a GUID but is not of the form \
                 00000000-0000-0000-0000-000000000000",
            ));
        }
        Ok(Self { text: text.to_owned(), is_guid: false })
    }

    /// Puts the tenant into lower case, for servers that ignore case.
    pub fn fold(&mut self) {
        if !self.is_guid {
            self.text.make_ascii_lowercase();
        }
    }

    /// The tenant as it appears in the URL.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is a GUID.
    pub fn is_guid(&self) -> bool {
        self.is_guid
    }

    /// Whether it is a domain name with at least one dot.
    pub fn is_domain(&self) -> bool {
        self.text.contains('.')
    }
}

/// Whether the text, which is no GUID, was probably meant to be one.
fn is_broken_guid(text: &str) -> bool {
    text.len() >= 30 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// Whether the text is 8-4-4-4-12 hexadecimal digits.
pub(crate) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Whether the text is a host or domain name (RFC 1123): labels of at most 63 ASCII letters, digits and inner hyphens.
pub(super) fn is_domain_name(text: &str) -> bool {
    text.len() <= 253
        && text.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}

const SHARED_ENDPOINTS: [&str; 3] = ["common", "organizations", "consumers"];

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Tenant, Rejection> {
        Tenant::parse("tenant", text)
    }

    #[test]
    fn guids_are_in_lower_case_and_domains_on_request() {
        assert_eq!(
            parse("AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE").unwrap().as_str(),
            "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
        );
        let mut domain = parse("Contoso.OnMicrosoft.com").unwrap();
        assert_eq!(domain.as_str(), "Contoso.OnMicrosoft.com");
        domain.fold();
        assert_eq!(domain.as_str(), "contoso.onmicrosoft.com");
    }

    #[test]
    fn text_that_could_change_the_url_is_rejected() {
        for text in [
            "",
            "../common",
            "a/oauth2/v2.0/token?x=",
            "a\\b",
            "a?b",
            "a#b",
            "a%2fb",
            "a;b",
            "a\r\nHost: evil",
            "a\0b",
            "a\tb",
            "a\u{7f}b",
            "contoso\u{2024}com",
            "contoso\u{ff0e}com",
            "c\u{43e}ntoso.com",
            "contoso.com\u{301}",
            "contoso\u{202e}.com",
            ".contoso.com",
            "contoso.com.",
            "contoso..com",
            "-contoso.com",
            "contoso-.com",
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
        assert!(parse(&"a".repeat(64)).is_err());
        assert!(parse(&["a".repeat(63).as_str(); 4].join(".")).is_err());
    }

    #[test]
    fn malformed_guids_are_rejected() {
        for text in [
            "{aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee}",
            "aaaaaaaabbbbccccddddeeeeeeeeeeee",
            "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeee",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn multi_tenant_endpoints_are_rejected() {
        for text in ["common", "Organizations", "CONSUMERS"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
