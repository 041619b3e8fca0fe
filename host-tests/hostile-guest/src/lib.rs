//! A guest that tries every import to get at the credential, the cache and the authority.

#[cfg(target_family = "wasm")]
mod component;
