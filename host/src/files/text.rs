//! Text, and the byte order marks that editors and shells put before it.

/// The text of UTF-8, or of UTF-16 with a byte order mark, without the mark. Returns other bytes as an error.
pub fn text(bytes: Vec<u8>) -> Result<String, Vec<u8>> {
    let utf16 = match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => Some((rest, u16::from_le_bytes as fn([u8; 2]) -> u16)),
        [0xfe, 0xff, rest @ ..] => Some((rest, u16::from_be_bytes as fn([u8; 2]) -> u16)),
        _ => None,
    };
    if let Some((rest, unit)) = utf16 {
        let (units, []) = rest.as_chunks() else {
            return Err(bytes);
        };
        let units: Vec<u16> = units.iter().map(|&pair| unit(pair)).collect();
        return String::from_utf16(&units).map_err(|_| bytes);
    }
    String::from_utf8(without_mark(&bytes).to_vec()).map_err(|_| bytes)
}

/// The bytes of UTF-8 text without its byte order mark.
pub fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

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
