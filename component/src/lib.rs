//! Links `msal-wasi` as a component.
//!
//! A separate crate, because link-time optimisation uses the level of the crate that is linked: at level 3 it turns the
//! loops of the ciphers into SIMD, while the crates themselves say what must be small.

use msal_wasi as _;
