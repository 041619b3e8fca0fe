//! Acquires Microsoft Entra access tokens for the application itself, as a WASI component.
//!
//! It implements the OAuth 2.0 client credentials grant (RFC 6749, section 4.4) with a client secret, a certificate or
//! a signed assertion, and an encrypted cache with one entry per token in the host's key-value store.
//!
//! It does not implement user sign-in, user token caches, token validation or TLS.
//!
//! The contract is `wit/client-credentials.wit`. [`acquire`] is the flow, and the other modules are its steps. All I/O
//! goes through the trait [`Host`](host::Host); `component` implements it over WASI, in WebAssembly builds only.

#![doc = include_str!("doc/host.md")]
// No input may reach a panic: a trap takes the caller down with it.
#![deny(
    clippy::as_conversions,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::too_many_arguments,
    clippy::too_many_lines,
    clippy::unreachable,
    clippy::unwrap_used,
    unsafe_code
)]

pub mod acquire;
pub mod application;
pub mod authority;
mod byte_order_mark;
mod cache;
mod call;
mod claims;
mod correlation;
pub mod credential;
mod discovery;
pub mod error;
mod exchange;
pub mod extra_parameters;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod host;
pub mod http;
mod json;
mod limits;
mod lookup;
#[cfg(any(test, feature = "memory"))]
mod memory_store;
pub mod migrate;
mod negative_cache;
pub mod outcome;
mod recovery;
mod rejections;
mod remedy;
pub mod remove;
pub mod request;
mod sanitize;
mod scope;
mod sealed_store;
pub mod secret;
mod session;
mod single_flight;
mod sorted_set;
pub mod time;
mod token_endpoint;

#[cfg(target_family = "wasm")]
mod component;
