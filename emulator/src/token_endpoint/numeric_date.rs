use serde_json::Value;

/// Years 1 to 9999, the range that can be formatted.
const FORMATTABLE: std::ops::RangeInclusive<f64> = -62_135_596_800.0..=253_402_300_799.0;

/// Parses a time claim in Unix seconds: whole, fractional (MSAL Python) or quoted (MSAL .NET). In strict
/// mode, only whole numbers are accepted.
pub(super) fn parse(value: &Value, strictly: bool) -> Option<i64> {
    if strictly {
        return value.as_i64().filter(|seconds| FORMATTABLE.contains(&(*seconds as f64)));
    }
    let seconds = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.parse().ok()?,
        _ => return None,
    };
    FORMATTABLE.contains(&seconds).then_some(seconds as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn times_from_msals_libraries_are_accepted() {
        for value in [json!(1_700_000_000), json!(1_700_000_000.75), json!("1700000000")] {
            assert_eq!(parse(&value, false), Some(1_700_000_000));
        }
        assert_eq!(parse(&json!(1e300), false), None);
        assert_eq!(parse(&json!(true), false), None);
    }

    #[test]
    fn strict_mode_accepts_only_whole_numbers() {
        assert_eq!(parse(&json!(1_700_000_000), true), Some(1_700_000_000));
        assert_eq!(parse(&json!("1700000000"), true), None);
        assert_eq!(parse(&json!(1_700_000_000.5), true), None);
    }
}
