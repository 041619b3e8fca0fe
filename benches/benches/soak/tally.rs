//! What the host processes have reported.

use std::collections::BTreeMap;
use std::error::Error;

use crate::failure::Failure;
use crate::process::Report;
use crate::worker::Message;
use crate::worker::Sample;

/// What the host processes have reported.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) samples: BTreeMap<usize, Vec<Sample>>,
    pub(super) failures: Vec<Failure>,
}

impl Tally {
    pub(super) fn add(&mut self, process: usize, report: Report) -> Result<(), Box<dyn Error>> {
        match report {
            Report::Said(Message::Sample(sample)) => {
                self.samples.entry(process).or_default().push(sample);
            }
            Report::Said(Message::Failed(failure)) => self.failures.push(failure),
            Report::EndedByItself => {
                return Err(format!("host process {process} ended by itself").into());
            }
            Report::NotUnderstood(line) => {
                return Err(format!("host process {process} wrote: {line}").into());
            }
        }
        Ok(())
    }

    /// The number of calls that processes reported. The last half second of a killed process is missing.
    pub(super) fn calls(&self) -> u64 {
        self.last_samples().map(|sample| sample.calls).sum()
    }

    /// The number of calls that the cache served.
    pub(super) fn hits(&self) -> u64 {
        self.last_samples().map(|sample| sample.hits).sum()
    }

    fn last_samples(&self) -> impl Iterator<Item = &Sample> {
        self.samples.values().filter_map(|samples| samples.last())
    }
}
