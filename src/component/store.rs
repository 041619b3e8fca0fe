//! The store of the sealed entries: the host's, or the instance's memory.

#[cfg(not(feature = "memory"))]
mod key_value;
#[cfg(feature = "memory")]
mod memory;

#[cfg(not(feature = "memory"))]
pub(super) use self::key_value::Store;
#[cfg(feature = "memory")]
pub(super) use self::memory::Store;
