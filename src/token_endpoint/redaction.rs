//! Redacts a call's secrets in text from servers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::credential::Proof;
use crate::sanitize::printable;
use crate::secret::Secret;

/// The secrets of a call, with every encoding in which a server might echo them.
#[derive(Debug, Default)]
pub(crate) struct Redaction {
    needles: Vec<Needle>,
}

impl Redaction {
    /// Adds the secrets of a proof.
    pub(crate) fn add(&mut self, proof: &Proof) {
        for (name, value) in proof.fields() {
            if *name != "client_assertion_type" {
                self.needles.push(Needle::new(value));
            }
        }
    }

    /// Returns the text redacted, sanitized and cut to `limit` bytes. Does not scan what follows the limit.
    pub(crate) fn clean(&self, text: &str, limit: usize) -> String {
        let mut output = String::new();
        let mut rest = text;
        while output.len() < limit {
            let found = self.needles.iter().filter_map(|needle| needle.length_at(rest)).max();
            if let Some(remaining) = found.and_then(|length| rest.get(length..)) {
                output.push_str(REDACTED);
                rest = remaining;
                continue;
            }
            let mut characters = rest.chars();
            let Some(character) = characters.next() else {
                break;
            };
            output.push(character);
            rest = characters.as_str();
        }
        printable(&output, limit)
    }
}

/// A secret and its encodings.
#[derive(Debug)]
struct Needle {
    plain: Secret<String>,
    base16: Secret<String>,
    base64: Secret<String>,
}

impl Needle {
    fn new(secret: &Secret<String>) -> Self {
        let bytes = secret.expose().as_bytes();
        Self {
            plain: secret.clone(),
            base16: Secret::from(base16ct::lower::encode_string(bytes)),
            base64: Secret::from(STANDARD_NO_PAD.encode(bytes)),
        }
    }

    /// The length of this secret at the start of the text, in any encoding.
    fn length_at(&self, text: &str) -> Option<usize> {
        let text = text.as_bytes();
        let alike = |form: &Secret<String>, fold: fn(u8) -> u8| {
            let form = form.expose().as_bytes();
            let start = text.get(..form.len())?;
            let is_alike = start.iter().zip(form).all(|(&one, &other)| fold(one) == fold(other));
            is_alike.then_some(form.len())
        };
        escaped_length(text, self.plain.expose().as_bytes())
            .or_else(|| alike(&self.base16, |byte| byte.to_ascii_lowercase()))
            .or_else(|| alike(&self.base64, fold_base64_alphabets))
    }
}

/// The length of the secret at the start of the text, with each byte plain, percent-encoded or after a backslash.
fn escaped_length(text: &[u8], secret: &[u8]) -> Option<usize> {
    let mut rest = text;
    for &wanted in secret {
        rest = match rest {
            [b'%', high, low, remaining @ ..] if hexadecimal(*high, *low) == Some(wanted) => {
                remaining
            }
            [b'\\', byte, remaining @ ..] if *byte == wanted => remaining,
            [b'+', remaining @ ..] if wanted == b' ' => remaining,
            [byte, remaining @ ..] if *byte == wanted => remaining,
            _ => return None,
        };
    }
    text.len().checked_sub(rest.len())
}

fn hexadecimal(high: u8, low: u8) -> Option<u8> {
    let mut byte = [0];
    base16ct::mixed::decode([high, low], &mut byte).ok()?;
    let [byte] = byte;
    Some(byte)
}

fn fold_base64_alphabets(byte: u8) -> u8 {
    match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => other,
    }
}

const REDACTED: &str = "[redacted]";

#[cfg(test)]
mod tests {
    use super::*;

    fn redaction(secret: &str) -> Redaction {
        Redaction { needles: vec![Needle::new(&Secret::from(secret.to_owned()))] }
    }

    #[test]
    fn every_encoding_of_a_secret_is_redacted() {
        let redaction = redaction("a~b+c/\"d é");
        for echo in [
            "a~b+c/\"d é",
            "a~b%2Bc%2F%22d%20%C3%A9",
            "a%7eb%2bc%2f%22d+%c3%a9",
            "%61%7E%62%2B%63%2F%22%64%20%C3%A9",
            "a~b+c\\/\\\"d é",
            "617e622b632f226420c3a9",
            "617E622B632F226420C3A9",
            "YX5iK2MvImQgw6k",
        ] {
            assert_eq!(redaction.clean(&format!("<{echo}>"), 100), "<[redacted]>", "{echo}");
        }
    }

    #[test]
    fn the_limit_bounds_work_and_output() {
        let text = "e".repeat(1 << 20);
        assert_eq!(redaction("e").clean(&text, 20), "[redacted][redacted]");
        assert_eq!(redaction("f").clean(&text, 20), "e".repeat(20));
    }

    #[test]
    fn a_secret_across_the_limit_is_redacted() {
        assert_eq!(redaction("secret").clean("12345secret", 8), "12345[re");
    }
}
