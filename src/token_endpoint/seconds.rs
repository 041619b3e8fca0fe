//! Parses numbers of seconds in strings.

/// Parses a decimal number without an exponent, rounded down to whole seconds. Negative numbers are 0; large ones saturate.
pub(super) fn whole_seconds(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if text.len() > MAX_LENGTH || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Not as a floating-point number, whose parser is 16 KB of the component.
    let seconds: i128 = whole.parse().ok()?;
    Some(u64::try_from(seconds.max(0)).unwrap_or(u64::MAX))
}

const MAX_LENGTH: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_of_numbers_are_read() {
        for text in ["3599", "+3599", "3599.", "3599.0", "3599.9", "03599"] {
            assert_eq!(whole_seconds(text), Some(3_599), "{text}");
        }
        for text in ["0", "-1", "-0", "0.5", "-3599.9"] {
            assert_eq!(whole_seconds(text), Some(0), "{text}");
        }
        for text in ["18446744073709551616", "99999999999999999999999999999999"] {
            assert_eq!(whole_seconds(text), Some(u64::MAX), "{text}");
        }
    }

    #[test]
    fn other_text_is_rejected() {
        for text in [
            "",
            ".",
            ".5",
            "1.-5",
            "3.6e3",
            "+",
            "-",
            "e",
            "e5",
            "1e",
            "1e+",
            "1e1.5",
            "1.2.3",
            "--1",
            "+-1",
            "inf",
            "nan",
            "0x10",
            "1_000",
            " 1",
            "1 ",
            "36e2",
            "999999999999999999999999999999999",
        ] {
            assert_eq!(whole_seconds(text), None, "{text}");
        }
    }
}
