//! The component's allocator: it uses up the initial memory before it asks for more.
//!
//! The standard library's allocator leaves the rest of the initial memory unused, and the first growth takes a new
//! instance longer than all the cryptography of a cache hit. A separate crate because the core has no unsafe code, and
//! because this is compiled for speed. Not for WASI targets, whose C library has the same memory.

#![cfg(all(target_arch = "wasm32", target_os = "unknown"))]

use std::alloc::Layout;
use std::arch::wasm32::memory_grow;
use std::arch::wasm32::memory_size;
use std::ptr::NonNull;
use std::ptr::without_provenance_mut;

use talc::base::Talc;
use talc::base::binning::Binning;
use talc::cell::TalcSyncCell;
use talc::source::Source;
use talc::wasm::WasmBinning;

#[global_allocator]
static ALLOCATOR: TalcSyncCell<LinearMemory, WasmBinning> =
    TalcSyncCell::new_wasm(LinearMemory { end: None });

/// The linear memory from the end of the stack and the static data on.
#[derive(Debug)]
struct LinearMemory {
    /// The end of the memory that the allocator has; `None` before the first allocation.
    end: Option<NonNull<u8>>,
}

// SAFETY: it does not allocate.
unsafe impl Source for LinearMemory {
    fn acquire<B: Binning>(talc: &mut Talc<Self, B>, layout: Layout) -> Result<(), ()> {
        let base = &raw mut __heap_base;
        let rest = || memory_end().addr().saturating_sub(base.addr());
        if talc.source.end.is_none() {
            // SAFETY: the linker puts nothing behind `__heap_base`, and no other code uses the memory behind it.
            talc.source.end = unsafe { talc.claim(base, rest()) };
            if talc.source.end.is_some() {
                return Ok(());
            }
        }
        // The allocation with its header, and what alignment may waste.
        let bytes = layout.size().saturating_add(layout.align()).saturating_add(OVERHEAD);
        if memory_grow::<0>(bytes.div_ceil(PAGE)) == usize::MAX {
            return Err(());
        }
        talc.source.end = match talc.source.end {
            // SAFETY: `end` is the end of the heap, and the memory behind it is new: no other code grows it.
            Some(end) => Some(unsafe { talc.extend(end, memory_end()) }),
            // SAFETY: as above. The initial memory was too small for a heap.
            None => unsafe { talc.claim(base, rest()) },
        };
        talc.source.end.map(|_| ()).ok_or(())
    }
}

fn memory_end() -> *mut u8 {
    without_provenance_mut(memory_size::<0>().saturating_mul(PAGE))
}

unsafe extern "C" {
    /// The linker puts it at the end of the stack and the static data.
    static mut __heap_base: u8;
}

const PAGE: usize = 65_536;

/// More than the allocator adds to an allocation.
const OVERHEAD: usize = 64;
