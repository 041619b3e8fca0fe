//! The component's memory: its allocator, and the erasing of what a call leaves behind.
//!
//! A separate crate because the core has no unsafe code, and because this is compiled for speed.

#![cfg(target_arch = "wasm32")]

// WASI targets have a C library, which has the same memory.
#[cfg(target_os = "unknown")]
mod allocator;
#[cfg(target_os = "unknown")]
mod arena;
mod erase;

pub use crate::erase::erase_stack;
