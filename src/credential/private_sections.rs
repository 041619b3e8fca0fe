//! The secret part of a PEM text, found without parsing it.

/// Bytes from the middle of each section with a private key. There they are of the primes, or encrypted: the modulus,
/// which is public, is in the first quarter. The whole text if there is no such section: then no part of it is known to
/// be public.
pub(super) fn private_sections(text: &str) -> Vec<&[u8]> {
    let mut sections = Vec::new();
    let mut is_private = false;
    // Neither base64 nor most headers contain a hyphen, so that few pieces need a look.
    for piece in text.split('-') {
        if let Some(label) = piece.strip_prefix("BEGIN ") {
            is_private = label.ends_with("PRIVATE KEY");
        } else if piece.starts_with("END ") {
            is_private = false;
        } else if is_private && !piece.is_empty() {
            sections.push(middle(piece.as_bytes()));
        }
    }
    if sections.is_empty() {
        sections.push(text.as_bytes());
    }
    sections
}

fn middle(section: &[u8]) -> &[u8] {
    let rest = section.len().saturating_sub(ENOUGH);
    let start = rest.div_ceil(2);
    section.get(start..).and_then(|end| end.get(..ENOUGH)).unwrap_or(section)
}

/// The base64 of 384 bytes: as many as both primes of a key of 3072 bits have.
const ENOUGH: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_and_comments_are_left_out() {
        let text = "a: b-c\n-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n\
                    -----BEGIN RSA PRIVATE KEY-----\nBB==\n-----END RSA PRIVATE KEY-----\n\
                    -----BEGIN CERTIFICATE-----\nCC\n-----END CERTIFICATE-----\n";
        assert_eq!(private_sections(text), [b"\nBB==\n"]);
    }

    #[test]
    fn an_encrypted_key_is_private_with_its_headers() {
        let text = "-----BEGIN RSA PRIVATE KEY-----\nDEK-Info: AES-256-CBC,00\n\nBB\n-----END RSA PRIVATE KEY-----";
        let sections: [&[u8]; 4] = [b"\nDEK", b"Info: AES", b"256", b"CBC,00\n\nBB\n"];
        assert_eq!(private_sections(text), sections);
    }

    #[test]
    fn a_text_without_a_private_key_is_private_as_a_whole() {
        for text in ["", "key", "-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n"] {
            assert_eq!(private_sections(text), [text.as_bytes()]);
        }
    }

    #[test]
    fn a_section_without_an_end_is_private() {
        assert_eq!(private_sections("-----BEGIN PRIVATE KEY-----\nBB"), [b"\nBB"]);
    }

    #[test]
    fn of_a_long_section_the_middle_is_taken() {
        let text = |length: usize| {
            let body: String =
                (0..length).map(|index| if index / 256 % 2 == 0 { 'a' } else { 'b' }).collect();
            format!("-----BEGIN PRIVATE KEY-----{body}-----END PRIVATE KEY-----")
        };
        let of = |length| private_sections(&text(length)).concat();
        assert_eq!(of(ENOUGH).len(), ENOUGH);
        assert_eq!(of(ENOUGH + 1).len(), ENOUGH);
        assert_eq!(of(4 * 256), [[b'b'; 256], [b'a'; 256]].concat());
    }
}
