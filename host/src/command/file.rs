//! Files that flags name. Errors name the flag and not the path: people have given the secret itself as one.

use std::fs::File;
use std::io;
use std::io::Read;
use std::path::Path;

use msal_host::files;

use super::Failure;

/// Reads a file of at most [`MAX_SIZE`] bytes.
pub(super) fn read(flag: &str, path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = read_to(MAX_SIZE + 1, flag, path)?;
    if bytes.len() as u64 > MAX_SIZE {
        return Err(Failure::of(flag, "cannot read the file: it is larger than 64 MiB"));
    }
    Ok(bytes)
}

/// Reads a file of any size.
pub(super) fn read_whole(flag: &str, path: &Path) -> Result<Vec<u8>, Failure> {
    read_to(u64::MAX, flag, path)
}

fn read_to(limit: u64, flag: &str, path: &Path) -> Result<Vec<u8>, Failure> {
    let file = File::open(path).map_err(|error| cannot_open(flag, &error))?;
    let mut bytes = Vec::new();
    file.take(limit)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::of(flag, format_args!("cannot read the file: {error}")))?;
    Ok(bytes)
}

/// The text of a file's bytes. A byte order mark is no part of it.
pub(super) fn text(flag: &str, bytes: Vec<u8>) -> Result<String, Failure> {
    files::text(bytes).map_err(|_| Failure::of(flag, "the file is not UTF-8 text"))
}

fn cannot_open(flag: &str, error: &io::Error) -> Failure {
    let advice = match error.kind() {
        io::ErrorKind::PermissionDenied => "",
        _ => "; give a file's path, not its content",
    };
    Failure::of(flag, format_args!("cannot read the file: {error}{advice}"))
}

/// Reads a file that contains one secret. A byte order mark and one final line end, which editors add, are no part of it.
pub(super) fn read_secret(flag: &str, path: &Path) -> Result<String, Failure> {
    let secret = read_passphrase(flag, path)?;
    if secret.is_empty() {
        return Err(Failure::of(flag, "the file is empty"));
    }
    Ok(secret)
}

/// Reads a file that contains a passphrase, which may be empty.
pub(super) fn read_passphrase(flag: &str, path: &Path) -> Result<String, Failure> {
    let text = text(flag, read(flag, path)?)?;
    Ok(without_line_end(&text).to_owned())
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
    fn a_path_that_may_be_a_secret_is_not_printed() {
        let failure = read_secret("--client-secret-file", Path::new("a secret")).unwrap_err();
        let text = failure.to_string();
        assert!(text.starts_with("--client-secret-file: cannot read the file: "), "{text}");
        assert!(!text.contains("a secret"), "{text}");
    }
}
