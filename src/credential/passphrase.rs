//! The passphrase of a key file.

use crate::secret::Secret;

/// A passphrase in the forms in which schemes use it.
pub(super) struct Passphrase {
    /// For PBES2.
    pub(super) utf8: Secret<Vec<u8>>,
    /// For PKCS#12: UTF-16, big-endian, with a terminating zero; characters beyond 16 bits as pairs, as OpenSSL does.
    pub(super) utf16: Secret<Vec<u8>>,
}

impl Passphrase {
    /// The passphrases to try. Files without one were written with a null one or an empty one, and a file does not say which.
    pub(super) fn candidates(given: Option<&Secret<String>>) -> Vec<Self> {
        let text = given.map(|text| text.expose().as_str()).unwrap_or_default();
        let mut terminated = Vec::with_capacity(text.len().saturating_add(1).saturating_mul(2));
        terminated.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
        terminated.extend([0; 2]);
        let with = |utf16| Self {
            utf8: Secret::from(text.as_bytes().to_vec()),
            utf16: Secret::from(utf16),
        };
        match text {
            "" => vec![with(Vec::new()), with(terminated)],
            _ => vec![with(terminated)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absent_passphrase_is_tried_as_null_and_as_empty() {
        let utf16 = |given: Option<&str>| {
            let given = given.map(|text| Secret::from(text.to_owned()));
            let candidates = Passphrase::candidates(given.as_ref());
            candidates.into_iter().map(|it| it.utf16.into_inner()).collect::<Vec<_>>()
        };
        assert_eq!(utf16(None), [vec![], vec![0, 0]]);
        assert_eq!(utf16(Some("")), utf16(None));
        assert_eq!(utf16(Some("é")), [vec![0, 0xe9, 0, 0]]);
        assert_eq!(utf16(Some("🔑")), [vec![0xd8, 0x3d, 0xdd, 0x11, 0, 0]]);
    }
}
