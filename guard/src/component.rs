//! The interfaces, each as on a host that grants nothing.

mod bindings;
mod configuration;
mod key_value;
#[cfg(feature = "network")]
mod network;

use msal_allocator as _;

struct Component;
