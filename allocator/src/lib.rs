//! The component's memory: its allocator, and the erasing of what a call leaves behind.
//!
//! A separate crate because the core has no unsafe code, and because this is compiled for speed.

#![cfg(any(target_arch = "wasm32", test))]

// WASI targets have a C library, which has the same memory.
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod allocator;
#[cfg(any(target_os = "unknown", test))]
mod arena;
mod erase;

pub use crate::erase::erase_stack;
