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

/// The mark, U+FEFF.
pub(crate) const MARK: char = '\u{feff}';

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_mark_before_the_text_is_removed() {
        for (given, expected) in
            [("\u{feff}a", "a"), ("a", "a"), ("\u{feff}", ""), ("", ""), ("a\u{feff}", "a\u{feff}")]
        {
            assert_eq!(without_mark(Secret::from(given.to_owned())).expose(), expected);
        }
    }
}
