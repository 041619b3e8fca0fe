//! How much work a key file may cause before its passphrase is known to be right.

use std::cell::Cell;

/// The iterations of key derivations that are left for a file.
pub(super) struct Budget(Cell<u32>);

impl Budget {
    /// Ten times what the strictest tools use for a file, and some seconds of work.
    pub(super) fn of_a_file() -> Self {
        Self(Cell::new(MAX_ITERATIONS))
    }

    /// Takes the iterations for this many derived values; `None` if that is more than is left.
    pub(super) fn take(&self, iterations: u32, values: usize) -> Option<()> {
        let values = u32::try_from(values).ok()?;
        self.0.set(self.0.get().checked_sub(iterations.checked_mul(values)?)?);
        Some(())
    }
}

#[cfg(not(any(test, fuzzing)))]
const MAX_ITERATIONS: u32 = 10_000_000;
/// A fuzzer that spends its time in key derivations finds nothing.
#[cfg(any(test, fuzzing))]
const MAX_ITERATIONS: u32 = 2_000;

/// What to tell about a file that exceeds its budget.
pub(super) const TOO_EXPENSIVE: &str =
    "needs more than 10,000,000 iterations of key derivations in total; export it again with fewer";

#[cfg(test)]
mod tests {
    use super::super::CertificateParts;
    use super::super::CertificateSource;
    use super::*;
    use crate::secret::Secret;
    use crate::time::UnixTime;

    #[test]
    fn a_budget_is_for_all_derivations_together() {
        let budget = Budget::of_a_file();
        let part = MAX_ITERATIONS / 5;
        assert!(budget.take(part, 4).is_some());
        assert!(budget.take(part + 1, 1).is_none());
        assert!(budget.take(u32::MAX, 2).is_none());
        assert!(budget.take(part, 1).is_some());
        assert!(budget.take(1, 1).is_none());
    }

    #[test]
    fn a_block_of_scrypt_is_an_iteration() {
        let file = include_str!("../../tests/keys/old/scrypt.pem").to_owned();
        let parts = CertificateParts {
            passphrase: Some(Secret::from("hunter2".to_owned())),
            ..CertificateParts::new(CertificateSource::Pem(Secret::from(file)))
        };
        // 131,072 blocks, which the budget of other builds allows: see `tests/key_files.rs`.
        let rejection = parts.open(UnixTime::from_seconds(1_700_000_000)).unwrap_err();
        assert_eq!(rejection.reason, TOO_EXPENSIVE);
    }
}
