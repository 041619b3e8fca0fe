//! Microsoft Entra access tokens for the application itself, as a WASI component.
//!
//! What it does: the OAuth 2.0 client credentials grant (RFC 6749, section 4.4) with a client secret, a certificate or
//! a signed assertion, and a sealed cache of one entry per token in the host's key-value store.
//!
//! What it does not: user sign-in, user token caches, token validation, TLS.
//!
//! The contract is `wit/client-credentials.wit`. [`acquire`] is the flow; every other module is a step of it that knows
//! neither clock nor network. `component` binds the flow to WASI and exists in WebAssembly builds only.

#![doc = include_str!("doc/host.md")]
// No input may reach a panic: a trap takes the caller down with it.
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

pub mod acquire;
pub mod application;
pub mod authority;
pub mod cache;
pub mod cached;
mod call;
pub mod claims;
pub mod correlation;
pub mod credential;
mod discovery;
mod election;
pub mod error;
mod exchange;
pub mod extra_parameters;
pub mod host;
pub mod http;
pub mod json;
mod lookup;
mod notes;
pub mod outcome;
mod policy;
pub mod remedy;
pub mod request;
pub mod scope;
pub mod secret;
mod sorted_set;
pub mod time;
pub mod token_endpoint;
mod unified_cache;
pub mod untrusted;
mod vault;

#[cfg(target_family = "wasm")]
mod component;
