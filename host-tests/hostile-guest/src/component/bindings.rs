//! The bindings that `wit-bindgen` generates for the world of this guest.

#![allow(
    missing_docs,
    unreachable_pub,
    unsafe_code,
    unused_qualifications,
    reason = "generated code"
)]
#![allow(clippy::all, clippy::pedantic, clippy::restriction, reason = "generated code")]

wit_bindgen::generate!({ path: ["../../wit", "../../wit/component", "wit"], world: "msal:hostile-guest/hostile-guest", generate_all });

use super::Component;
export!(Component with_types_in self);
