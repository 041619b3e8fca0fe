//! Where this flavour's host keeps variables.

#[cfg(all(feature = "config", not(feature = "spin")))]
mod config;
#[cfg(not(any(feature = "config", feature = "spin")))]
mod environment;
#[cfg(feature = "spin")]
mod spin;

#[cfg(all(feature = "config", not(feature = "spin")))]
pub(super) use self::config::HostVariables;
#[cfg(not(any(feature = "config", feature = "spin")))]
pub(super) use self::environment::HostVariables;
#[cfg(feature = "spin")]
pub(super) use self::spin::HostVariables;
