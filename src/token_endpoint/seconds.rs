//! Parses numbers of seconds in strings.

use std::time::Duration;

/// Parses a decimal number, rounded down to whole seconds. Negative numbers are 0; large ones saturate. An exponent is
/// read as in JSON.
pub(super) fn whole_seconds(text: &str) -> Option<u64> {
    if text.len() > MAX_LENGTH || text.contains(char::is_whitespace) {
        return None;
    }
    if text.contains(['e', 'E']) {
        // With the reader of JSON: the standard library's parser of floating-point numbers is 16 KB of the component.
        let seconds: f64 = serde_json::from_slice(text.as_bytes()).ok()?;
        return Some(to_whole(seconds));
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_fraction = fraction.bytes().all(|byte| byte.is_ascii_digit());
    match whole {
        "" => (is_fraction && !fraction.is_empty()).then_some(0),
        _ => {
            let seconds: i128 = whole.parse().ok().filter(|_| is_fraction)?;
            Some(u64::try_from(seconds.max(0)).unwrap_or(u64::MAX))
        }
    }
}

fn to_whole(seconds: f64) -> u64 {
    Duration::try_from_secs_f64(seconds.max(0.0)).map_or(u64::MAX, |time| time.as_secs())
}

const MAX_LENGTH: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_of_numbers_are_read() {
        for text in ["3599", "+3599", "3599.", "3599.0", "3599.9", "3.5999e3", "35999E-1", "03599"]
        {
            assert_eq!(whole_seconds(text), Some(3_599), "{text}");
        }
        for text in ["0", "-1", "-0", ".5", "-3599.9", "5e-1", "1e-400", "0e300"] {
            assert_eq!(whole_seconds(text), Some(0), "{text}");
        }
        for text in ["1e300", "18446744073709551616", "99999999999999999999999999999999"] {
            assert_eq!(whole_seconds(text), Some(u64::MAX), "{text}");
        }
    }

    #[test]
    fn other_text_is_rejected() {
        for text in [
            "",
            ".",
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
            "1e400",
            "1e99999",
            "999999999999999999999999999999999",
        ] {
            assert_eq!(whole_seconds(text), None, "{text}");
        }
    }

    #[test]
    fn it_agrees_with_floating_point() {
        for text in
            ["86400", "3599.999", "1.5e2", "7e0", "123456789e-4", "0.0001e7", "-7.5", "1e15"]
        {
            let expected = text.parse::<f64>().unwrap().max(0.0).floor();
            assert_eq!(whole_seconds(text).unwrap().to_string(), expected.to_string(), "{text}");
        }
    }
}
