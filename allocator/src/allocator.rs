//! The allocator: it uses up the initial memory before it asks for more, and overwrites memory that is freed.
//!
//! The standard library's allocator leaves the rest of the initial memory unused, and the first growth takes a new instance
//! longer than all the cryptography of a cache hit. Strings and lists may have held secrets, also those that grew and moved.

use std::alloc::GlobalAlloc;
use std::alloc::Layout;
use std::arch::wasm32::memory_grow;
use std::arch::wasm32::memory_size;
use std::cell::UnsafeCell;
use std::ptr::NonNull;
use std::ptr::null_mut;
use std::ptr::without_provenance_mut;

use talc::base::Talc;
use talc::base::binning::Binning;
use talc::source::Source;
use talc::wasm::WasmBinning;

use crate::arena::Arena;
use crate::erase::erase;

#[global_allocator]
static ALLOCATOR: ErasingAllocator = ErasingAllocator(UnsafeCell::new(Heap {
    arena: Arena::new(),
    rest: Talc::new(LinearMemory { end: None }),
}));

struct ErasingAllocator(UnsafeCell<Heap>);

/// What does not fit into the arena is in the rest of the memory.
struct Heap {
    arena: Arena,
    rest: Talc<LinearMemory, WasmBinning>,
}

// SAFETY: the component has one thread.
unsafe impl Sync for ErasingAllocator {}

// SAFETY: each part hands out different memory, and gets back what it handed out. No method calls another, and nothing that they
// call allocates, so each has the only reference to the heap.
unsafe impl GlobalAlloc for ErasingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: there is one thread, and the size is not zero.
        unsafe { (*self.0.get()).allocate(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: there is one thread, and the memory is allocated until here.
        unsafe { (*self.0.get()).deallocate(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: there is one thread.
        let heap = unsafe { &mut *self.0.get() };
        let kept = layout.size().min(size);
        // SAFETY: what is cut off is allocated until here; the new layout has the alignment of the old one.
        unsafe {
            erase(memory.add(kept), layout.size().wrapping_sub(kept));
            if heap.resize(memory, layout, size) {
                return memory;
            }
            let moved = heap.allocate(Layout::from_size_align_unchecked(size, layout.align()));
            if !moved.is_null() {
                moved.copy_from_nonoverlapping(memory, kept);
                heap.deallocate(memory, layout);
            }
            moved
        }
    }
}

impl Heap {
    /// # Safety
    /// The size must not be zero.
    unsafe fn allocate(&mut self, layout: Layout) -> *mut u8 {
        let allocated = self.arena.allocate(layout).or_else(|| {
            // SAFETY: as for this function.
            unsafe { self.rest.allocate(layout) }
        });
        allocated.map_or(null_mut(), NonNull::as_ptr)
    }

    /// # Safety
    /// The memory must be allocated with this layout.
    unsafe fn deallocate(&mut self, memory: *mut u8, layout: Layout) {
        // SAFETY: as for this function.
        unsafe { erase(memory, layout.size()) };
        match Arena::position(memory) {
            Some(position) => self.arena.deallocate(position, layout.size()),
            // SAFETY: as for this function.
            None => unsafe { self.rest.deallocate(memory, layout) },
        }
    }

    /// Changes the size of an allocation, if that is possible without moving it.
    ///
    /// # Safety
    /// The memory must be allocated with this layout, and the size not be zero.
    unsafe fn resize(&mut self, memory: *mut u8, layout: Layout, size: usize) -> bool {
        match Arena::position(memory) {
            Some(position) => self.arena.resize(position, layout.size(), size),
            // SAFETY: as for this function.
            None => unsafe { self.rest.try_realloc_in_place(memory, layout, size) },
        }
    }
}

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
