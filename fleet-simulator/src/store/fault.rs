//! Faults of single store operations.

use std::time::Duration;

use crate::random::Random;

/// A fault of one store operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Returns an error and has no effect.
    Error,
    /// Takes effect, but returns an error.
    LostResponse,
    /// Has no effect, but returns OK. A read finds nothing.
    LostWrite,
    /// A read returns the value before the last write. Writes are not affected.
    StaleRead,
    /// The value read or written has one bit flipped; a count is a random number.
    Corrupted,
    /// The value read or written is cut in half.
    Torn,
    /// A read returns the value of another name. Writes are not affected.
    ForeignValue,
    /// Takes effect after this additional delay.
    Slow(Duration),
}

impl Fault {
    pub(super) fn delay(self) -> Duration {
        match self {
            Self::Slow(delay) => delay,
            _ => Duration::ZERO,
        }
    }
}

/// The probability of each fault, for every operation.
#[derive(Clone, Debug, Default)]
pub struct Chances {
    faults: Vec<(Fault, f64)>,
}

impl Chances {
    /// No faults.
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds a fault with its probability. The sum of all probabilities must not exceed one.
    #[must_use]
    pub fn of(mut self, fault: Fault, probability: f64) -> Self {
        self.faults.push((fault, probability));
        self
    }

    pub(super) fn are_none(&self) -> bool {
        self.faults.is_empty()
    }

    pub(super) fn draw(&self, random: &mut Random) -> Option<Fault> {
        if self.are_none() {
            return None;
        }
        // Draw once for all faults, so that adding a fault does not shift the random stream.
        let all: f64 = self.faults.iter().map(|(_, probability)| probability).sum();
        if !random.chance(all) {
            return None;
        }
        let mut rest = random.below(1_000_000) as f64 / 1_000_000.0 * all;
        let chosen = self.faults.iter().find(|(_, probability)| {
            rest -= probability;
            rest < 0.0
        });
        chosen.or(self.faults.last()).map(|&(fault, _)| fault)
    }
}
