//! What `wit-bindgen` makes of the contract, for the draft of `wasi:keyvalue` that this build imports.

#![allow(
    missing_docs,
    unreachable_pub,
    unsafe_code,
    unused_qualifications,
    reason = "generated code"
)]
#![allow(clippy::all, clippy::pedantic, clippy::restriction, reason = "generated code")]

#[cfg(feature = "draft")]
wit_bindgen::generate!({ path: "wit", world: "component-draft", generate_all });

#[cfg(not(feature = "draft"))]
wit_bindgen::generate!({ path: "wit", world: "component-draft2", generate_all });

use super::Component;
export!(Component with_types_in self);
