//! Tokens for code that holds no credential: the applications, their credentials and the scopes that callers may ask for
//! are variables of the host.
//!
//! It reads the variables at each call, checks the scope, and calls the component that gets the token, which it is
//! composed with. It has no network, no store and no state.
#![deny(
    clippy::as_conversions,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used,
    unsafe_code
)]

pub mod application;
pub mod failure;
pub mod scopes;
pub mod variables;

#[cfg(target_family = "wasm")]
mod component;
