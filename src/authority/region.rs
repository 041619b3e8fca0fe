//! An Azure region, whose name becomes the first label of a trusted host name.

use crate::error::Rejection;

/// A region's name that cannot change the domain it is prefixed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region(String);

impl Region {
    /// Accepts 1 to 32 ASCII letters and digits.
    pub fn parse(text: &str) -> Result<Self, Rejection> {
        if DETECTION.iter().any(|name| text.eq_ignore_ascii_case(name)) {
            return Err(Rejection::not_allowed(
                "application.options.region",
                "cannot be detected: a component reaches no metadata service of its host; give the region's name, \
                 such as westeurope",
            ));
        }
        let is_valid =
            (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_valid {
            return Err(Rejection::malformed(
                "application.options.region",
                "is not 1 to 32 ASCII letters and digits, such as westeurope",
            ));
        }
        Ok(Self(text.to_ascii_lowercase()))
    }

    /// The name in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What stands for the detection of the region in MSAL.NET and in the Azure SDKs.
const DETECTION: [&str; 2] = ["TryAutoDetect", "AutoDiscoverRegion"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_change_the_host_are_rejected() {
        for text in
            ["attacker.com/x", "eastus.evil", "eastus\n", "ｅａｓｔｕｓ", "", &"a".repeat(33)]
        {
            assert!(Region::parse(text).is_err(), "{text:?}");
        }
        for text in ["TryAutoDetect", "AutoDiscoverRegion"] {
            assert!(Region::parse(text).unwrap_err().reason.contains("detected"), "{text}");
        }
        assert_eq!(Region::parse("WestEurope").unwrap().as_str(), "westeurope");
    }
}
