//! An Azure region, whose name is put in front of a trusted host.

use crate::error::Rejection;

/// The name of a region that cannot change the host it is put in front of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region(String);

impl Region {
    /// 1 to 32 ASCII letters and digits.
    pub fn parse(text: &str) -> Result<Self, Rejection> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_could_change_the_host_is_refused() {
        for text in
            ["attacker.com/x", "eastus.evil", "eastus\n", "ｅａｓｔｕｓ", "", &"a".repeat(33)]
        {
            assert!(Region::parse(text).is_err(), "{text:?}");
        }
        assert_eq!(Region::parse("WestEurope").unwrap().as_str(), "westeurope");
    }
}
