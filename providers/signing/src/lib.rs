//! An assertion provider for a key outside the component: it writes the assertion, and the host's `signer` signs it.
//!
//! What it does: asks the signer for the certificate and the algorithm, and has it sign a digest.
//!
//! What it does not: see the key, or verify the signature, which the directory does.
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

pub mod assertion;

#[cfg(target_family = "wasm")]
mod component;
