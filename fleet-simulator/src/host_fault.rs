//! Faults of a host: they concern its own calls only.

use std::ops::RangeInclusive;
use std::time::Duration;

use msal_wasi::http::SendError;

use crate::death::HostCall;

/// What is wrong with a host. The store, the authority and all other hosts may be healthy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostFault {
    /// It cannot resolve the authority's name.
    NoName,
    /// It cannot connect to the authority: each attempt takes this long, or all the time that it has.
    NoConnection {
        /// How long an attempt takes.
        after: Duration,
    },
    /// It does not trust the authority's certificate, because a private CA is missing.
    NoTrust,
    /// It forbids requests to the authority.
    Forbids,
    /// Its assertion provider fails.
    NoProvider,
    /// The certificate of its configuration cannot be decrypted, and takes the place of the first credential. Needs a
    /// [`cache_key`](crate::CallArgs::cache_key), because it changes the key that is derived from the credentials.
    BadKeyFile,
    /// It has too little memory: every call traps after its first host call of this kind. The next call starts afresh.
    NoMemory(HostCall),
}

/// A fault and when it exists.
#[derive(Clone, Debug)]
pub(crate) struct FaultPeriod {
    pub(crate) fault: HostFault,
    pub(crate) times: RangeInclusive<Duration>,
}

impl FaultPeriod {
    pub(crate) fn overlaps(&self, times: &RangeInclusive<Duration>) -> bool {
        self.times.start() <= times.end() && times.start() <= self.times.end()
    }
}

impl HostFault {
    /// Why a request does not reach the authority, and how long it takes to find out.
    pub(crate) fn prevents_sending(self) -> Option<(Duration, SendError)> {
        let quickly = Duration::from_millis(2);
        let error = |reason: &str| SendError::NotConnected(format!("this host {reason}"));
        Some(match self {
            Self::NoName => (quickly, error("cannot resolve the name")),
            Self::NoConnection { after } => (after, error("cannot connect")),
            Self::NoTrust => (quickly * 10, error("does not trust the certificate")),
            Self::Forbids => {
                (Duration::ZERO, SendError::NotPermitted("this host forbids the name".to_owned()))
            }
            Self::NoProvider | Self::BadKeyFile | Self::NoMemory(_) => return None,
        })
    }
}
