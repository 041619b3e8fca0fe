//! The encrypted cache: one entry per token, readable only with the credential or cache key.
//!
//! Nothing here does I/O. An entry that cannot be decrypted or parsed, or has implausible times, counts as absent.

mod entry;
mod freshness;
mod key;
pub(crate) mod layout;
mod seal;

pub use entry::CachedToken;
pub use freshness::Freshness;
pub use freshness::freshness;
pub use key::EntryKey;
pub use key::Label;
pub use seal::KeyRing;
pub use seal::open;
