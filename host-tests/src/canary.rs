//! Canary secrets, and a search for traces of them in any encoding.

use std::collections::BTreeMap;
use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use base64::engine::general_purpose::URL_SAFE;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A secret of at least 16 bytes that is found in any encoding, even if only about 8 bytes of it are left.
pub struct Canary {
    name: &'static str,
    /// The byte sequences to search for, by length.
    runs: BTreeMap<usize, HashSet<Vec<u8>>>,
}

impl Canary {
    /// A secret that is random enough for parts of it not to occur by chance.
    pub fn new(name: &'static str, secret: impl AsRef<[u8]>) -> Self {
        let secret = secret.as_ref();
        let mut canary = Self { name, runs: BTreeMap::new() };
        canary.add(secret, 8);
        for encoding in [hex(secret), hex(secret).to_uppercase()] {
            canary.add(encoding.as_bytes(), 16);
        }
        // The base64 of a text that contains the secret depends on the secret's offset modulo 3.
        for start in 0..3.min(secret.len()) {
            let aligned = &secret[start..];
            for encoding in [STANDARD_NO_PAD.encode(aligned), URL_SAFE_NO_PAD.encode(aligned)] {
                canary.add(encoding.as_bytes(), 12);
            }
        }
        for encoding in percent_encodings(secret) {
            canary.add(encoding.as_bytes(), 16);
            canary.add(encoding.replace('%', "%25").as_bytes(), 16);
        }
        for encoding in escapes(secret) {
            canary.add(encoding.as_bytes(), 24);
        }
        let numbers: Vec<String> = secret.iter().map(u8::to_string).collect();
        canary.add(numbers.join(", ").as_bytes(), 24);
        canary.add(numbers.join(",").as_bytes(), 20);
        canary
    }

    /// A secret made of words, which is searched for only in full.
    pub fn whole(name: &'static str, secret: impl AsRef<[u8]>) -> Self {
        let mut canary = Self { name, runs: BTreeMap::new() };
        for encoding in encodings(secret.as_ref()) {
            canary.add(&encoding, encoding.len());
        }
        canary
    }

    /// The first trace of the secret in the bytes.
    pub fn find(&self, bytes: &[u8]) -> Option<String> {
        let found = self.runs.iter().find_map(|(&length, runs)| {
            bytes.windows(length).find(|&window| runs.contains(window))
        });
        found.map(|run| format!("{}: {}", self.name, String::from_utf8_lossy(run)))
    }

    fn add(&mut self, encoding: &[u8], length: usize) {
        assert!(encoding.len() >= length, "{} is too short", self.name);
        self.runs.entry(length).or_default().extend(encoding.windows(length).map(<[u8]>::to_vec));
    }
}

/// Every encoding in which a secret might appear, including the plain secret.
pub fn encodings(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut encodings = vec![
        hex(secret),
        hex(secret).to_uppercase(),
        STANDARD.encode(secret),
        STANDARD_NO_PAD.encode(secret),
        URL_SAFE.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
    ];
    let percent = percent_encodings(secret);
    encodings.extend(percent.iter().map(|text| text.replace('%', "%25")));
    encodings.extend(percent);
    encodings.extend(escapes(secret));
    let mut encodings: Vec<Vec<u8>> = encodings.into_iter().map(String::into_bytes).collect();
    encodings.push(secret.to_vec());
    encodings.sort();
    encodings.dedup();
    encodings
}

/// Every byte as an escape of JSON, and as an entity of HTML.
fn escapes(secret: &[u8]) -> Vec<String> {
    let of = |escape: &dyn Fn(&u8) -> String| secret.iter().map(escape).collect();
    vec![
        of(&|byte| format!("\\u{byte:04x}")),
        of(&|byte| format!("&#{byte};")),
        of(&|byte| format!("&#x{byte:02X};")),
    ]
}

/// Percent-encoded as in forms, as in URLs, and with every byte encoded; hexadecimal digits in either case.
fn percent_encodings(secret: &[u8]) -> Vec<String> {
    let percent = |keep: &dyn Fn(u8) -> bool| -> String {
        let encode = |&byte: &u8| match keep(byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        };
        secret.iter().map(encode).collect()
    };
    let url = percent(&|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    let form = percent(&|byte| byte.is_ascii_alphanumeric() || b"-._*".contains(&byte));
    let all = percent(&|_| false);
    let mut encodings = vec![url.clone(), form.clone(), form.replace("%20", "+"), all];
    for index in 0..encodings.len() {
        encodings.push(with_lower_case_digits(&encodings[index]));
    }
    encodings
}

fn with_lower_case_digits(text: &str) -> String {
    let mut parts = text.split('%');
    let mut lower = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (digits, rest) = part.split_at(2);
        lower = format!("{lower}%{}{rest}", digits.to_lowercase());
    }
    lower
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_secret_is_found_in_any_encoding() {
        let secret = "q7VxN2kRwZ~tP4.mYb8s_Lc3Jd+hF9/gA=&%z 5eU";
        let canary = Canary::new("secret", secret);
        for encoding in encodings(secret.as_bytes()) {
            let text = String::from_utf8(encoding).unwrap();
            assert!(canary.find(format!("before {text} after").as_bytes()).is_some(), "{text}");
        }
        assert!(canary.find(STANDARD.encode(format!("id:{secret}")).as_bytes()).is_some());
        assert!(canary.find(format!("{:?}", secret.as_bytes()).as_bytes()).is_some());
        assert!(canary.find(&secret.as_bytes()[20..28]).is_some());
        assert!(canary.find(b"nothing of the kind, and 0123456789abcdef").is_none());
    }
}
