//! Text, and the byte order marks that editors and shells put before it.

/// The text of UTF-8, or of UTF-16 with a byte order mark or PEM, without the mark. Returns other bytes as an error.
pub fn text(bytes: Vec<u8>) -> Result<String, Vec<u8>> {
    let Some(unit) = utf16(&bytes) else {
        return String::from_utf8(without_mark(&bytes).to_vec()).map_err(|_| bytes);
    };
    let (units, []) = bytes.as_chunks() else {
        return Err(bytes);
    };
    let units: Vec<u16> = units.iter().map(|&pair| unit(pair)).collect();
    String::from_utf16(units.strip_prefix(&[MARK]).unwrap_or(&units)).map_err(|_| bytes)
}

/// How the units of UTF-16 are read; `None` if the bytes are in another encoding.
fn utf16(bytes: &[u8]) -> Option<fn([u8; 2]) -> u16> {
    match bytes {
        [0xff, 0xfe, ..] => return Some(u16::from_le_bytes),
        [0xfe, 0xff, ..] => return Some(u16::from_be_bytes),
        _ => {}
    }
    // ASCII in UTF-16 is valid UTF-8 too, with NULs, so PEM without a mark is looked for first.
    let begin: Vec<u16> = PEM.encode_utf16().collect();
    let (pairs, _) = bytes.as_chunks();
    let has_pem = |unit: &fn([u8; 2]) -> u16| {
        pairs
            .windows(begin.len())
            .any(|pairs| pairs.iter().zip(&begin).all(|(&pair, it)| unit(pair) == *it))
    };
    [u16::from_le_bytes as fn([u8; 2]) -> u16, u16::from_be_bytes].into_iter().find(has_pem)
}

/// The bytes of UTF-8 text without its byte order mark.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// The beginning of every section of PEM.
pub(super) const PEM: &str = "-----BEGIN";
const MARK: u16 = 0xfeff;

#[cfg(test)]
mod tests {
    use super::*;

    /// What Windows tools write with the encodings `utf-16-le` and `utf-16-be`.
    #[test]
    fn pem_in_utf16_needs_no_byte_order_mark() {
        let pem = "Grüße\n-----BEGIN CERTIFICATE-----\n";
        for unit in [u16::to_le_bytes, u16::to_be_bytes] {
            for given in [pem.to_owned(), format!("\u{feff}{pem}")] {
                let bytes = given.encode_utf16().flat_map(unit).collect();
                assert_eq!(text(bytes).as_deref(), Ok(pem));
            }
        }
        assert_eq!(text(b"s\0e\0".to_vec()).as_deref(), Ok("s\0e\0"), "other text is UTF-8");
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_a_text() {
        for bytes in [
            &b"\xef\xbb\xbfs\xc3\xa9"[..],
            b"\xff\xfes\0\xe9\0",
            b"\xfe\xff\0s\0\xe9",
            b"s\xc3\xa9",
        ] {
            assert_eq!(text(bytes.to_vec()).as_deref(), Ok("sé"), "{bytes:?}");
        }
        for bytes in [&b"s\xe9"[..], b"\xff\xfes", b"\xff\xfe\0\xd8"] {
            assert_eq!(text(bytes.to_vec()), Err(bytes.to_vec()));
        }
    }
}
