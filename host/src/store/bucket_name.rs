//! Valid bucket names.

use super::StoreError;

/// Accepts 1 to 128 characters of `[A-Za-z0-9._-]`.
///
/// Other characters would make keys of different buckets collide in a store with a single key space
/// (`a` with the key `b:c`, and `a:b` with the key `c`).
pub(super) fn check(name: &str) -> Result<(), StoreError> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if (1..=MAX_LENGTH).contains(&name.len()) && name.bytes().all(is_allowed) {
        Ok(())
    } else {
        Err(StoreError::NoSuchStore)
    }
}

const MAX_LENGTH: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_are_accepted_and_others_refused() {
        for name in ["default", "a", "My_store-1.2"] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
        for name in ["", "a:b", "a b", "é", &"x".repeat(129)] {
            assert_eq!(check(name), Err(StoreError::NoSuchStore), "{name}");
        }
    }
}
