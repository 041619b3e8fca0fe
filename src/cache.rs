//! The sealed cache: one entry per token, readable only by whoever has the credential.
//!
//! Nothing here reaches a store. An entry that cannot be opened, parsed or believed is absent.

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
