//! Files that flags name.

use std::fs::File;
use std::io;
use std::io::Read;
use std::path::Path;

use super::Failure;

/// Reads a file of at most [`MAX_SIZE`] bytes.
pub(super) fn read(flag: &str, path: &Path) -> Result<Vec<u8>, Failure> {
    let file = File::open(path).map_err(|error| cannot_open(flag, path, &error))?;
    let cannot = |reason: &dyn std::fmt::Display| {
        Failure::of(flag, format_args!("cannot read {}: {reason}", path.display()))
    };
    let mut bytes = Vec::new();
    file.take(MAX_SIZE + 1).read_to_end(&mut bytes).map_err(|error| cannot(&error))?;
    if bytes.len() as u64 > MAX_SIZE {
        return Err(cannot(&"it is larger than 64 MiB"));
    }
    Ok(bytes)
}

/// Does not name a file that may not exist: people have given the secret itself.
fn cannot_open(flag: &str, path: &Path, error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::PermissionDenied {
        return Failure::of(flag, format_args!("cannot read {}: {error}", path.display()));
    }
    Failure::of(
        flag,
        format_args!("cannot read the file: {error}; give a file's path, not its content"),
    )
}

/// Reads a file that contains one secret. A byte order mark and one final line end, which editors add, are no part of it.
pub(super) fn read_secret(flag: &str, path: &Path) -> Result<String, Failure> {
    let secret = read_passphrase(flag, path)?;
    if secret.is_empty() {
        return Err(Failure::of(flag, format_args!("{} is empty", path.display())));
    }
    Ok(secret)
}

/// Reads a file that contains a passphrase, which may be empty.
pub(super) fn read_passphrase(flag: &str, path: &Path) -> Result<String, Failure> {
    let text = to_text(read(flag, path)?)
        .map_err(|_| Failure::of(flag, format_args!("{} is not UTF-8 text", path.display())))?;
    Ok(without_line_end(&text).to_owned())
}

/// The text of UTF-8, or of UTF-16 with a byte order mark, without the mark. Returns other bytes as an error.
pub(super) fn to_text(bytes: Vec<u8>) -> Result<String, Vec<u8>> {
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
pub(super) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes)
}

fn without_line_end(text: &str) -> &str {
    let line = text.strip_suffix('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    line.unwrap_or(text)
}

const MAX_SIZE: u64 = 64 << 20;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_final_line_end_is_not_part_of_a_secret() {
        assert_eq!(without_line_end("secret"), "secret");
        assert_eq!(without_line_end("secret\n"), "secret");
        assert_eq!(without_line_end("secret\r\n"), "secret");
        assert_eq!(without_line_end("secret\n\n"), "secret\n");
        assert_eq!(without_line_end("secret\r"), "secret\r");
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_a_text() {
        for bytes in [
            &b"\xef\xbb\xbfs\xc3\xa9"[..],
            b"\xff\xfes\0\xe9\0",
            b"\xfe\xff\0s\0\xe9",
            b"s\xc3\xa9",
        ] {
            assert_eq!(to_text(bytes.to_vec()).as_deref(), Ok("sé"), "{bytes:?}");
        }
        for bytes in [&b"s\xe9"[..], b"\xff\xfes", b"\xff\xfe\0\xd8"] {
            assert_eq!(to_text(bytes.to_vec()), Err(bytes.to_vec()));
        }
    }

    #[test]
    fn a_path_that_may_be_a_secret_is_not_printed() {
        let failure = read_secret("--client-secret-file", Path::new("a secret")).unwrap_err();
        let text = failure.to_string();
        assert!(text.starts_with("--client-secret-file: cannot read the file: "), "{text}");
        assert!(!text.contains("a secret"), "{text}");
    }
}
