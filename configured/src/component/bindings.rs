//! The bindings that `wit-bindgen` generates for the world of this build.

#![allow(
    missing_docs,
    unreachable_pub,
    unsafe_code,
    unused_qualifications,
    reason = "generated code"
)]
#![allow(clippy::all, clippy::pedantic, clippy::restriction, reason = "generated code")]

#[cfg(feature = "spin")]
wit_bindgen::generate!({ path: ["../wit", "../wit/component"], world: "msal:components/configured-spin", generate_all });

#[cfg(all(feature = "config", not(feature = "spin")))]
wit_bindgen::generate!({ path: ["../wit", "../wit/component"], world: "msal:components/configured-config", generate_all });

#[cfg(not(any(feature = "config", feature = "spin")))]
wit_bindgen::generate!({ path: ["../wit", "../wit/component"], world: "msal:components/configured-environment", generate_all });

use super::Component;
export!(Component with_types_in self);
