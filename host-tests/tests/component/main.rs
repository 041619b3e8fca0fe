//! Tests of calls: the built component in the real host against the emulator.
//!
//! They are one binary, so that the host is linked once and the component is compiled once.

mod answers;
mod authorities;
mod cache;
mod configuration;
mod cost;
mod credential_order;
mod credentials;
mod errors;
mod freed_memory;
mod hostile;
mod interchange;
mod memory;
mod msal_cases;
mod nonsense;
mod options;
mod own_host;
mod peers;
mod planted;
mod refresh;
mod request_options;
mod scripts;
mod secrecy;
mod signature_timing;
mod standards;
mod store_faults;
mod transport;
mod wire;
