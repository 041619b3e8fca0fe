//! An assertion provider for workload identity federation: the platform puts a token into a file or an environment
//! variable, and Entra accepts it as the application's assertion.
//!
//! It reads the token again for each assertion, because the platform replaces it while the application runs.
//!
//! It does not request tokens over the network.
#![deny(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used,
    unsafe_code
)]

pub mod source;
pub mod token;

#[cfg(target_family = "wasm")]
mod component;
