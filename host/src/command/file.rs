//! Files that flags name.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::Failure;

/// Reads a file of at most [`MAX_SIZE`] bytes.
pub(super) fn read(flag: &str, path: &Path) -> Result<Vec<u8>, Failure> {
    let cannot = |error: &dyn std::fmt::Display| {
        Failure::of(flag, format_args!("cannot read {}: {error}", path.display()))
    };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| cannot(&error))?;
    file.take(MAX_SIZE + 1).read_to_end(&mut bytes).map_err(|error| cannot(&error))?;
    if bytes.len() as u64 > MAX_SIZE {
        return Err(cannot(&"it is larger than 64 MiB"));
    }
    Ok(bytes)
}

/// Reads a file that contains one secret. One final line end is not part of the secret, because most
/// editors add one.
pub(super) fn read_secret(flag: &str, path: &Path) -> Result<String, Failure> {
    let text = String::from_utf8(read(flag, path)?)
        .map_err(|_| Failure::of(flag, format_args!("{} is not UTF-8 text", path.display())))?;
    let secret = without_line_end(&text);
    if secret.is_empty() {
        return Err(Failure::of(flag, format_args!("{} is empty", path.display())));
    }
    Ok(secret.to_owned())
}

fn without_line_end(text: &str) -> &str {
    let line = text.strip_suffix('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    line.unwrap_or(text)
}

const MAX_SIZE: u64 = 64 << 20;

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
    fn a_file_that_cannot_be_read_is_named_with_its_flag() {
        let failure = read_secret("--client-secret-file", Path::new("no/such/file")).unwrap_err();
        let text = failure.to_string();
        assert!(text.starts_with("--client-secret-file: cannot read no/such/file: "), "{text}");
    }
}
