//! The byte order mark, which editors and shells put before a text. It is no part of a secret or a document.

use crate::secret::Secret;

/// The text without a mark.
pub(crate) fn without_mark(text: Secret<String>) -> Secret<String> {
    // In place, so that no other copy of the secret is left in memory.
    text.map(|text| {
        if text.starts_with(MARK) {
            text.remove(0);
        }
    })
}

/// The text behind a mark, if there is one.
pub(crate) fn after_mark(text: &str) -> &str {
    text.strip_prefix(MARK).unwrap_or(text)
}

/// The mark, U+FEFF.
const MARK: char = '\u{feff}';

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_mark_before_the_text_is_removed() {
        for (given, expected) in
            [("\u{feff}a", "a"), ("a", "a"), ("\u{feff}", ""), ("", ""), ("a\u{feff}", "a\u{feff}")]
        {
            assert_eq!(without_mark(Secret::from(given.to_owned())).expose(), expected);
            assert_eq!(after_mark(given), expected);
        }
    }
}
