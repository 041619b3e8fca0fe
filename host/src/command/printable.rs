//! Makes untrusted text safe for a terminal.

/// Escapes characters that could move the cursor, change colours, break the line or change the writing
/// direction.
pub(super) fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() || DIRECTIONS.contains(&character) {
            safe.extend(character.escape_default());
        } else {
            safe.push(character);
        }
    }
    safe
}

/// The Unicode characters that change the writing direction or break a line.
const DIRECTIONS: [char; 14] = [
    '\u{61c}', '\u{200e}', '\u{200f}', '\u{2028}', '\u{2029}', '\u{202a}', '\u{202b}', '\u{202c}',
    '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped_and_letters_are_not() {
        assert_eq!(printable("naïve Größe 日本"), "naïve Größe 日本");
        assert_eq!(printable("a\x1b[31mb\r\nc\u{9b}d"), "a\\u{1b}[31mb\\r\\nc\\u{9b}d");
        assert_eq!(printable("x\u{202e}y"), "x\\u{202e}y");
    }
}
