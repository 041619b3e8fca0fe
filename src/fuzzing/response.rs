//! Reads an answer of a server from an input.

use crate::http::HttpResponse;
use crate::secret::Secret;

/// A response in the form of HTTP: a line with the status, headers, an empty line, the body.
pub(super) fn to_response(input: &[u8]) -> HttpResponse {
    let mut rest = input;
    let mut line = || {
        let end = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
        let (line, behind) = rest.split_at(end);
        rest = behind.get(1..).unwrap_or_default();
        line.to_vec()
    };
    let status = String::from_utf8_lossy(&line()).trim().parse().unwrap_or(200);
    let mut headers = Vec::new();
    loop {
        let line = line();
        let mut parts = line.splitn(2, |&byte| byte == b':');
        let (Some(name), Some(value)) = (parts.next(), parts.next()) else {
            break;
        };
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        headers.push((name, value.trim_ascii().to_vec()));
    }
    HttpResponse { status, headers, body: Secret::from(rest.to_vec()) }
}
