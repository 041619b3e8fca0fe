//! The key files that were made with OpenSSL for the tests.

use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The passphrase of every encrypted key file.
pub const PASSPHRASE: &str = "test-only-passphrase";

/// The bytes of a file in `tests/keys`.
pub fn key_file(name: &str) -> Vec<u8> {
    let path = key_file_path(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The path of a file in `tests/keys`.
pub fn key_file_path(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/keys").join(name);
    path.display().to_string()
}

/// The text of a file in `tests/keys`.
pub fn key_text(name: &str) -> String {
    String::from_utf8(key_file(name)).expect("the file is text")
}

/// The text of an MSAL cache in `tests/keys/others`, with its times moved to today.
pub fn unexpired_cache(name: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let text = key_text(&format!("others/{name}"));
    [(1_795_866_141, 0), (1_795_867_641, 1_500), (1_795_869_141, 3_000)]
        .into_iter()
        .fold(text, |text, (time, later)| {
            text.replace(&time.to_string(), &(now + later).to_string())
        })
}

/// The certificate of most key files, for registration with an application.
pub fn certificate_der() -> Vec<u8> {
    key_file("rsa2048.certificate.der")
}

/// The DER of the certificate in a PEM file.
pub fn certificate_of(name: &str) -> Vec<u8> {
    STANDARD.decode(certificate_base64(name)).expect("the file is PEM")
}

/// The same in base64, as in the header `x5c`.
pub fn certificate_base64(name: &str) -> String {
    key_text(name).lines().filter(|line| !line.starts_with("-----")).collect()
}
