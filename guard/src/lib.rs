//! Takes the rights of its host from code that gets tokens from a configured component.
//!
//! A composition has the rights of all its parts, so code could read the credential from the configuration itself. This
//! component is plugged into that code: it implements the configuration, the environment and the key-value store, without
//! variables and stores, and with the feature `network` outgoing HTTP, which it refuses.
#![deny(unsafe_code)]

#[cfg(target_family = "wasm")]
mod component;
