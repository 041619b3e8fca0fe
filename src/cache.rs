//! The sealed cache: one entry per token, readable only by whoever has the credential.
//!
//! Nothing here reaches a store. An entry that cannot be opened, parsed or believed is absent.

mod entry;
mod freshness;
mod seal;
mod token_key;

pub use entry::CachedToken;
pub use freshness::Freshness;
pub use freshness::freshness;
pub use seal::KeyRing;
pub use seal::open;
pub use seal::seal;
pub use token_key::TokenKey;
