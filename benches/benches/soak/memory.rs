//! The memory of host processes.

use std::error::Error;
use std::fs;
use std::time::Duration;

use crate::worker::Sample;

/// The resident memory of this process.
pub(super) fn rss_kib() -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.ok_or("the system does not report the resident memory")?.parse()?)
}

/// The memory of a process over its life.
pub(super) struct Growth {
    /// The calls between the two measurements.
    pub(super) calls: u64,
    pub(super) first_kib: u64,
    pub(super) last_kib: u64,
}

impl Growth {
    /// Compares the first samples after warming up with the last ones. `None` if the process did not live long enough.
    pub(super) fn of(samples: &[Sample], warm_up: Duration) -> Option<Self> {
        let start = samples.first()?.at_us;
        let is_warm =
            |sample: &&Sample| Duration::from_micros(sample.at_us.saturating_sub(start)) >= warm_up;
        let warm: Vec<_> = samples.iter().filter(is_warm).copied().collect();
        if warm.len() < 2 * SAMPLES {
            return None;
        }
        let (first, last) = (warm.first_chunk::<SAMPLES>()?, warm.last_chunk::<SAMPLES>()?);
        Some(Self {
            calls: last.last()?.calls.saturating_sub(first.first()?.calls),
            first_kib: median(first),
            last_kib: median(last),
        })
    }

    pub(super) fn kib(&self) -> i64 {
        self.last_kib.cast_signed().saturating_sub(self.first_kib.cast_signed())
    }
}

/// The median, because a burst of token requests needs memory for a moment.
fn median(samples: &[Sample; SAMPLES]) -> u64 {
    let mut sizes = samples.map(|sample| sample.rss_kib);
    sizes.sort_unstable();
    sizes[SAMPLES / 2]
}

/// Samples of 5 seconds.
const SAMPLES: usize = 10;

/// How much a process may grow: less than 16 bytes for each of a million calls.
pub(super) const MOST_KIB: i64 = 12 << 10;
