//! The bindings that `wit-bindgen` generates for the world of this build.

#![allow(
    missing_docs,
    unreachable_pub,
    unsafe_code,
    unused_qualifications,
    reason = "generated code"
)]
#![allow(clippy::all, clippy::pedantic, clippy::restriction, reason = "generated code")]

#[cfg(not(feature = "network"))]
wit_bindgen::generate!({ path: ["../wit", "../wit/component"], world: "msal:components/guard", generate_all });

#[cfg(feature = "network")]
wit_bindgen::generate!({ path: ["../wit", "../wit/component"], world: "msal:components/guard-network", generate_all });

use super::Component;
export!(Component with_types_in self);
