//! The names that buckets may have.

use super::StoreError;

/// Accepts 1 to 128 characters of `[A-Za-z0-9._-]`.
///
/// Other characters would let one bucket's keys be taken for another's where a store has a single
/// key space (`a` with the key `b:c`, and `a:b` with the key `c`).
pub(super) fn check(name: &str) -> Result<(), StoreError> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if (1..=LONGEST).contains(&name.len()) && name.bytes().all(is_allowed) {
        Ok(())
    } else {
        Err(StoreError::NoSuchStore)
    }
}

const LONGEST: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_are_accepted_and_others_are_unknown() {
        for name in ["default", "a", "My_store-1.2"] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
        for name in ["", "a:b", "a b", "é", &"x".repeat(129)] {
            assert_eq!(check(name), Err(StoreError::NoSuchStore), "{name}");
        }
    }
}
