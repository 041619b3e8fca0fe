//! Instances with the same behaviour.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::call_args::CallArgs;
use crate::host_fault::FaultPeriod;

/// A number of instances, when they arrive, and which calls they make.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) instances: u32,
    pub(crate) arrival: RangeInclusive<Duration>,
    pub(crate) calls: u32,
    pub(crate) pause: RangeInclusive<Duration>,
    pub(crate) args: CallArgs,
    /// The fault of their hosts.
    pub(crate) fault: Option<FaultPeriod>,
}

impl Group {
    pub(crate) fn of(instances: u32) -> Self {
        Self {
            instances,
            arrival: Duration::ZERO..=Duration::ZERO,
            calls: 1,
            pause: Duration::ZERO..=Duration::ZERO,
            args: CallArgs::default(),
            fault: None,
        }
    }
}
