//! What can go wrong with one operation.

use std::time::Duration;

use crate::random::Random;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// An error, and nothing is done.
    Error,
    /// It is done, and answered with an error.
    LostResponse,
    /// It is not done, and answered with OK. What is read is nothing.
    LostWrite,
    /// What is read was there before the last write. Writes are well.
    StaleRead,
    /// What is read, or written, has a bit changed; a count is any number.
    Corrupted,
    /// What is read, or written, is cut in the middle.
    Torn,
    /// What is read stands under another name. Writes are well.
    ForeignValue,
    /// It is done, and takes so much longer.
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

/// How likely each fault is for each operation.
#[derive(Clone, Debug, Default)]
pub struct Chances {
    faults: Vec<(Fault, f64)>,
}

impl Chances {
    /// None goes wrong.
    pub fn none() -> Self {
        Self::default()
    }

    /// So many of all operations go wrong like this. The probabilities of all faults together are at most one.
    #[must_use]
    pub fn of(mut self, fault: Fault, probability: f64) -> Self {
        self.faults.push((fault, probability));
        self
    }

    pub(super) fn are_none(&self) -> bool {
        self.faults.is_empty()
    }

    pub(super) fn longest_delay(&self) -> Duration {
        self.faults.iter().map(|(fault, _)| fault.delay()).max().unwrap_or_default()
    }

    pub(super) fn draw(&self, random: &mut Random) -> Option<Fault> {
        if self.are_none() {
            return None;
        }
        // One draw for all, so that adding a fault moves no other.
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
