//! The bindings that `wit-bindgen` generates for the world of this build.

#![allow(
    missing_docs,
    unreachable_pub,
    unsafe_code,
    unused_qualifications,
    reason = "generated code"
)]
#![allow(clippy::all, clippy::pedantic, clippy::restriction, reason = "generated code")]

#[cfg(feature = "memory")]
wit_bindgen::generate!({ path: ["wit", "wit/component"], world: "msal:components/memory", generate_all });

#[cfg(all(
    feature = "draft",
    not(any(feature = "memory", feature = "provider", feature = "store-only"))
))]
wit_bindgen::generate!({ path: ["wit", "wit/component"], world: "msal:components/draft", generate_all });

#[cfg(all(feature = "draft", not(feature = "memory"), feature = "provider"))]
wit_bindgen::generate!({ path: ["wit", "wit/component"], world: "msal:components/draft-provider", generate_all });

#[cfg(all(feature = "draft", not(feature = "memory"), feature = "store-only"))]
wit_bindgen::generate!({ path: ["wit", "wit/component"], world: "msal:components/draft-store-only", generate_all });

#[cfg(not(any(
    feature = "draft",
    feature = "memory",
    feature = "provider",
    feature = "store-only"
)))]
wit_bindgen::generate!({ path: ["wit", "wit/component"], world: "msal:components/draft2", generate_all });

#[cfg(all(not(any(feature = "draft", feature = "memory")), feature = "provider"))]
wit_bindgen::generate!({ path: ["wit", "wit/component"], world: "msal:components/draft2-provider", generate_all });

#[cfg(all(not(any(feature = "draft", feature = "memory")), feature = "store-only"))]
wit_bindgen::generate!({ path: ["wit", "wit/component"], world: "msal:components/draft2-store-only", generate_all });

#[cfg(all(feature = "provider", feature = "store-only"))]
compile_error!("the features `provider` and `store-only` have no world in common");

#[cfg(all(feature = "memory", feature = "provider"))]
compile_error!("the features `memory` and `provider` have no world in common");

use super::Component;
export!(Component with_types_in self);
