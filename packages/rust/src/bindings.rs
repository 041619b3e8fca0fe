//! What wit-bindgen makes of the contract.
//!
//! The world names both interfaces, and a component imports only those whose functions it calls.

#![allow(
    missing_docs,
    unreachable_pub,
    unsafe_code,
    unused_qualifications,
    reason = "generated code"
)]
#![allow(clippy::all, reason = "generated code")]

// `wit` has links to the files of the repository's `wit`, so that there is no copy that could differ.
wit_bindgen::generate!({
    inline: "
        package msal:wasi-guest;

        world guest {
            include msal:client-credentials/consumer@0.1.0;
            include msal:client-credentials/token-consumer@0.1.0;
        }
    ",
    path: "wit",
    generate_all,
});
