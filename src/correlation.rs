//! Random identifiers for calls and assertions.

/// A version 4 GUID in lower case (RFC 9562) from 16 random bytes.
pub(crate) fn random_guid(bytes: [u8; 16]) -> String {
    uuid::Builder::from_random_bytes(bytes).into_uuid().hyphenated().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_and_variant_are_set() {
        assert_eq!(random_guid([0xff; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(random_guid([0; 16]), "00000000-0000-4000-8000-000000000000");
    }
}
