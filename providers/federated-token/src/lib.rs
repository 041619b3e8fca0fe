//! An assertion provider for workload identity federation: the platform puts a token into a file or a variable, and
//! Entra takes it as the application's assertion.
//!
//! What it does: reads the token anew for each assertion, since the platform replaces it while the application runs.
//!
//! What it does not: ask anybody for a token over the network.
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
