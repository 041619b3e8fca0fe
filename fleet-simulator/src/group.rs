//! Instances that do the same.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::ask::Ask;

/// So many instances, when they come, and what they do.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) instances: u32,
    pub(crate) arrival: RangeInclusive<Duration>,
    pub(crate) calls: u32,
    pub(crate) pause: RangeInclusive<Duration>,
    pub(crate) ask: Ask,
}

impl Group {
    pub(crate) fn of(instances: u32) -> Self {
        Self {
            instances,
            arrival: Duration::ZERO..=Duration::ZERO,
            calls: 1,
            pause: Duration::ZERO..=Duration::ZERO,
            ask: Ask::default(),
        }
    }
}
