//! Random numbers that a seed reproduces on every machine and in every version: ChaCha's stream is standardized.

use std::ops::RangeInclusive;
use std::time::Duration;

use chacha20::ChaCha8Rng;
use rand_core::Rng;
use rand_core::SeedableRng;

/// A stream of random numbers.
#[derive(Debug)]
pub struct Random(ChaCha8Rng);

impl Random {
    /// The stream of a seed.
    pub fn from_seed(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A separate stream, so that the draws of one part of the run do not affect the others.
    #[must_use]
    pub fn fork(&mut self) -> Self {
        Self(self.0.fork())
    }

    /// A random number.
    pub fn number(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A random number below the bound; zero if the bound is zero.
    pub fn below(&mut self, bound: u64) -> u64 {
        // The modulo bias is negligible.
        self.number().checked_rem(bound).unwrap_or(0)
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        let unit = (self.number() >> 11) as f64 / (1_u64 << 53) as f64;
        unit < probability
    }

    /// A random duration of the range, both ends included.
    pub fn within(&mut self, range: &RangeInclusive<Duration>) -> Duration {
        let width = range.end().saturating_sub(*range.start());
        let width = u64::try_from(width.as_nanos()).unwrap_or(u64::MAX);
        *range.start() + Duration::from_nanos(self.below(width.saturating_add(1)))
    }

    /// A random item.
    pub fn pick<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u64) as usize].clone()
    }

    /// Fills the buffer with random bytes.
    pub fn fill(&mut self, buffer: &mut [u8]) {
        self.0.fill_bytes(buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_of_a_seed_never_changes() {
        let mut random = Random::from_seed(1);
        let numbers = [random.number(), random.number(), random.below(1_000)];
        assert_eq!(numbers, [7_424_550_030_962_593_201, 1_482_817_706_323_250_795, 285]);
    }

    #[test]
    fn chance_is_true_with_its_probability() {
        let mut random = Random::from_seed(1);
        let hits = (0..10_000).filter(|_| random.chance(0.25)).count();
        assert!((2_300..2_700).contains(&hits), "{hits}");
        assert!(!random.chance(0.0));
        assert!(random.chance(1.0));
    }

    #[test]
    fn an_empty_range_yields_its_start() {
        let second = Duration::from_secs(1);
        assert_eq!(Random::from_seed(1).within(&(second..=second)), second);
    }
}
