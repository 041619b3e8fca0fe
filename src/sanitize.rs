//! Sanitizes text from servers and stores for display.

use std::fmt::Write as _;

/// Returns at most `limit` bytes of the text, with line ends as spaces, and other control and bidirectional characters
/// escaped.
pub(crate) fn printable(text: &str, limit: usize) -> String {
    let mut output = String::with_capacity(text.len().min(limit));
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let start = output.len();
        if character == '\r' && characters.peek() == Some(&'\n') {
            continue;
        }
        if matches!(character, '\r' | '\n') {
            output.push(' ');
        } else if is_unprintable(character) {
            // Writing to a `String` does not fail.
            let _ = write!(output, "{}", character.escape_unicode());
        } else {
            output.push(character);
        }
        if output.len() > limit {
            output.truncate(start);
            break;
        }
    }
    output
}

/// Control characters, and characters that reorder or hide the text around them.
fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_bidirectional_characters_are_escaped() {
        assert_eq!(
            printable("a\r\nb\nc\rd\u{1b}[31m\u{202e}e", 100),
            "a b c d\\u{1b}[31m\\u{202e}e"
        );
    }

    #[test]
    fn the_limit_counts_escaped_bytes_and_never_splits_a_character() {
        assert_eq!(printable("aé", 2), "a");
        assert_eq!(printable("ab\t", 4), "ab");
        assert_eq!(printable("abcdef", 3), "abc");
    }
}
