//! An assertion provider for a key outside the component: it builds the assertion, and the host's `signer` signs it.
//!
//! It gets the certificate and the algorithm from the signer, and sends it a digest to sign.
//!
//! It never has the key, and it does not verify the signature; the directory does.
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
