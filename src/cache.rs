//! The encrypted cache: one entry per token, readable only with the credential or cache key.
//!
//! Nothing here does I/O. An entry that cannot be decrypted or parsed, or has implausible times, counts as absent.

mod entry;
mod freshness;
mod key;
pub(crate) mod layout;
mod seal;

pub(crate) use entry::CachedToken;
pub(crate) use freshness::Freshness;
pub(crate) use freshness::freshness;
pub(crate) use key::EntryKey;
pub(crate) use key::Label;
pub(crate) use seal::KeyRing;
pub(crate) use seal::open;
