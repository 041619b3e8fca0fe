//! Redacts secrets in text from servers.

use std::cell::OnceCell;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::credential::Proof;
use crate::sanitize::printable;
use crate::secret::Secret;

/// The secrets that a server may know, in every encoding in which a server might echo them.
#[derive(Debug, Default)]
pub(crate) struct Redaction {
    /// What HTTP Basic authentication puts before a secret.
    client_id: String,
    secrets: Vec<Secret<String>>,
    /// Made when the first text is cleaned: most calls clean none.
    needles: OnceCell<Vec<Needle>>,
}

impl Redaction {
    pub(crate) fn new(client_id: &str) -> Self {
        Self { client_id: client_id.to_owned(), ..Self::default() }
    }

    /// Adds the secrets of a proof, each once.
    pub(crate) fn add(&mut self, proof: &Proof) {
        for (name, value) in proof.fields() {
            if *name != "client_assertion_type" && !self.secrets.contains(value) {
                self.secrets.push(value.clone());
            }
        }
        self.needles = OnceCell::new();
    }

    /// Returns the text redacted, sanitized and cut to `limit` bytes. Does not scan what follows the limit.
    pub(crate) fn clean(&self, text: &str, limit: usize) -> String {
        let mut output = String::new();
        let mut rest = text;
        while output.len() < limit {
            let found = self.needles().iter().filter_map(|needle| needle.length_at(rest)).max();
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

    fn needles(&self) -> &[Needle] {
        self.needles.get_or_init(|| {
            let plain = self.secrets.iter().map(Needle::new);
            let basic = self.secrets.iter().map(|it| Needle::of_basic(&self.client_id, it));
            plain.chain(basic).collect()
        })
    }
}

/// A secret and its encodings. A server may cut off an echo, so a long prefix counts too.
#[derive(Debug)]
struct Needle {
    plain: Option<Secret<String>>,
    base16: Option<Secret<String>>,
    base64: Secret<String>,
    /// How much of `base64` tells enough of the secret.
    base64_prefix: usize,
}

impl Needle {
    fn new(secret: &Secret<String>) -> Self {
        let bytes = secret.expose().as_bytes();
        Self {
            plain: Some(secret.clone()),
            base16: Some(Secret::from(base16ct::lower::encode_string(bytes))),
            base64: Secret::from(STANDARD_NO_PAD.encode(bytes)),
            base64_prefix: base64_length(PREFIX),
        }
    }

    /// The credentials of HTTP Basic authentication, of which the client ID is no secret.
    fn of_basic(client_id: &str, secret: &Secret<String>) -> Self {
        let credentials = Secret::from(format!("{client_id}:{}", secret.expose()));
        let shown = client_id.len().saturating_add(1);
        Self {
            plain: None,
            base16: None,
            base64: Secret::from(STANDARD_NO_PAD.encode(credentials.expose())),
            base64_prefix: base64_length(shown.saturating_add(PREFIX)),
        }
    }

    /// The length of this secret, or of a long prefix, at the start of the text, in any encoding.
    fn length_at(&self, text: &str) -> Option<usize> {
        let text = text.as_bytes();
        let alike = |form: &Secret<String>, prefix: usize, fold: fn(u8) -> u8| {
            let form = form.expose().as_bytes();
            let pairs = text.iter().zip(form);
            let length = pairs.take_while(|&(&one, &other)| fold(one) == fold(other)).count();
            (length >= prefix.min(form.len()) && length > 0).then_some(length)
        };
        let plain = self.plain.as_ref();
        let base16 = self.base16.as_ref();
        plain
            .and_then(|secret| escaped_length(text, secret.expose().as_bytes()))
            .or_else(|| alike(base16?, PREFIX.saturating_mul(2), |byte| byte.to_ascii_lowercase()))
            .or_else(|| alike(&self.base64, self.base64_prefix, fold_base64_alphabets))
    }
}

/// The length of the secret, or of a long prefix, at the start of the text, with each byte plain or escaped.
fn escaped_length(text: &[u8], secret: &[u8]) -> Option<usize> {
    let mut rest = text;
    let mut matched = 0_usize;
    for &wanted in secret {
        let Some(remaining) = after_byte(rest, wanted) else { break };
        rest = remaining;
        matched = matched.saturating_add(1);
    }
    let is_enough = matched >= PREFIX.min(secret.len()) && matched > 0;
    is_enough.then(|| text.len().saturating_sub(rest.len()))
}

/// The text after this byte: plain, percent-encoded once or twice, or escaped as in JSON or HTML.
fn after_byte(text: &[u8], wanted: u8) -> Option<&[u8]> {
    let escaped = match text {
        [b'%', b'2', b'5', high, low, rest @ ..] | [b'%', high, low, rest @ ..]
            if hexadecimal(*high, *low) == Some(wanted) =>
        {
            Some(rest)
        }
        [b'\\', b'u', b'0', b'0', high, low, rest @ ..]
            if hexadecimal(*high, *low) == Some(wanted) =>
        {
            Some(rest)
        }
        [b'\\', byte, rest @ ..] if *byte == wanted => Some(rest),
        [b'+', rest @ ..] if wanted == b' ' => Some(rest),
        [b'&', rest @ ..] => after_entity(rest, wanted),
        _ => None,
    };
    escaped.or_else(|| text.strip_prefix(&[wanted]))
}

fn after_entity(text: &[u8], wanted: u8) -> Option<&[u8]> {
    let end = text.iter().take(MAX_ENTITY).position(|&byte| byte == b';')?;
    let (name, rest) = text.split_at_checked(end)?;
    if entity(name) == Some(wanted) { rest.get(1..) } else { None }
}

/// The byte that an HTML entity stands for.
fn entity(name: &[u8]) -> Option<u8> {
    match name {
        b"amp" => Some(b'&'),
        b"lt" => Some(b'<'),
        b"gt" => Some(b'>'),
        b"quot" => Some(b'"'),
        b"apos" => Some(b'\''),
        [b'#', b'x' | b'X', digits @ ..] => number(digits, 16),
        [b'#', digits @ ..] => number(digits, 10),
        _ => None,
    }
}

fn number(digits: &[u8], radix: u32) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()
}

/// The characters of base64 that depend on this many bytes only.
fn base64_length(bytes: usize) -> usize {
    bytes.saturating_mul(4).checked_div(3).unwrap_or_default()
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
/// So many bytes of a secret are more than a chance match.
const PREFIX: usize = 12;
/// `#x000027`
const MAX_ENTITY: usize = 9;

#[cfg(test)]
mod tests {
    use super::*;

    fn redaction(secret: &str) -> Redaction {
        Redaction { secrets: vec![Secret::from(secret.to_owned())], ..Redaction::default() }
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
            "a~b%252Bc%252F%2522d%2520%25C3%25A9",
            "a~b\\u002bc\\/\\u0022d é",
            "a~b&#43;c/&quot;d é",
            "a&#x7E;b&#x2b;c&#47;&#34;d&#32;é",
        ] {
            assert_eq!(redaction.clean(&format!("<{echo}>"), 100), "<[redacted]>", "{echo}");
        }
    }

    #[test]
    fn a_long_prefix_of_a_secret_is_redacted() {
        let redaction = redaction("0123456789abcdefghij");
        for (text, expected) in [
            ("<0123456789ab>", "<[redacted]>"),
            ("<0123456789abcdefX", "<[redacted]X"),
            ("0123456789a", "0123456789a"),
            ("303132333435363738396162", "[redacted]"),
            ("MDEyMzQ1Njc4OWFi", "[redacted]"),
        ] {
            assert_eq!(redaction.clean(text, 100), expected);
        }
    }

    #[test]
    fn the_credentials_of_basic_authentication_are_redacted() {
        let mut redaction = Redaction::new("id");
        redaction.add(&Proof::of_secret(&Secret::from("a-secret-of-some-length".to_owned())));
        let basic = STANDARD_NO_PAD.encode("id:a-secret-of-some-length");
        assert_eq!(redaction.clean(&format!("Basic {basic}=="), 100), "Basic [redacted]==");
        assert_eq!(redaction.clean("id:[a-secret-of-some-length]", 100), "id:[[redacted]]");
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
