//! Counters: values in decimal text.

use super::StoreError;

/// Adds `delta` to a stored counter.
pub(super) fn add(current: Option<&[u8]>, delta: i64) -> Result<i64, StoreError> {
    let current = match current {
        None => 0,
        Some(bytes) => std::str::from_utf8(bytes)
            .ok()
            .and_then(|text| text.parse::<i64>().ok())
            .ok_or_else(|| StoreError::other("the value is not a counter"))?,
    };
    current.checked_add(delta).ok_or_else(|| StoreError::other("the counter would overflow"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn additions_are_checked() {
        assert_eq!(add(None, 3), Ok(3));
        assert_eq!(add(Some(b"-5"), 3), Ok(-2));
        assert!(add(Some(b"five"), 1).is_err());
        assert!(add(Some(&[0xff]), 1).is_err());
        assert!(add(Some(b"9223372036854775807"), 1).is_err());
    }
}
