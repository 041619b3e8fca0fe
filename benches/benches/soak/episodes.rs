//! The log of when each fault was on.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use crate::failure::Failure;
use crate::fault::Fault;

/// The time in which a fault was on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Episode {
    pub(super) fault: Fault,
    /// Microseconds since 1970.
    pub(super) from_us: u64,
    /// `None` until it ends.
    pub(super) until_us: Option<u64>,
}

/// All episodes so far.
#[derive(Default)]
pub(super) struct Episodes(Mutex<Vec<Episode>>);

impl Episodes {
    /// Begins an episode, and returns its number.
    pub(super) fn begin(&self, fault: Fault) -> usize {
        let mut episodes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        episodes.push(Episode { fault, from_us: now_us(), until_us: None });
        episodes.len() - 1
    }

    /// Ends the episode of this number.
    pub(super) fn end(&self, number: usize) {
        let mut episodes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(episode) = episodes.get_mut(number) {
            episode.until_us = Some(now_us());
        }
    }

    pub(super) fn to_vec(&self) -> Vec<Episode> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether each of these faults was on, and is over.
    pub(super) fn include(&self, faults: &[Fault]) -> bool {
        let is_over = |it: &Episode, fault| it.fault == fault && it.until_us.is_some();
        let episodes = self.to_vec();
        faults.iter().all(|&fault| episodes.iter().any(|it| is_over(it, fault)))
    }
}

impl Episode {
    /// Whether the failed call met the fault or its after-effect.
    pub(super) fn explains(&self, failure: &Failure) -> bool {
        let after_effect = u64::try_from(self.fault.after_effect().as_micros()).unwrap_or(u64::MAX);
        let until = self.until_us.map_or(u64::MAX, |until| until.saturating_add(after_effect));
        self.fault.explains(failure)
            && failure.ended_us >= self.from_us
            && failure.started_us <= until
    }
}

/// Microseconds since 1970.
pub(super) fn now_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}
