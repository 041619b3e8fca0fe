//! The built component in the real host against the emulator: what a call does, file by file.
//!
//! One binary for all of them, so that the host is linked once and the component compiled once.

mod answers;
mod authorities;
mod cache;
mod configuration;
mod credential_order;
mod credentials;
mod errors;
mod interchange;
mod msal_cases;
mod options;
mod peers;
mod refresh;
mod request_options;
mod secrecy;
mod standards;
mod store_faults;
mod transport;
mod wire;
