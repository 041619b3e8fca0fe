//! The memory of a call's first allocations, which are handed out one behind another.
//!
//! A general allocator keeps lists and searches them. A cache hit allocates a few kilobytes, so it needs neither.

use std::alloc::Layout;
use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

/// Memory that is free again when its last allocation is. Before that, only the newest allocation can be used again.
pub(crate) struct Arena {
    memory: UnsafeCell<Memory>,
    /// The first byte that was not handed out.
    next: usize,
    /// The number of allocations.
    live: usize,
}

#[repr(C, align(16))]
struct Memory([MaybeUninit<u8>; LENGTH]);

impl Arena {
    pub(crate) const fn new() -> Self {
        Self { memory: UnsafeCell::new(Memory([MaybeUninit::uninit(); LENGTH])), next: 0, live: 0 }
    }

    /// `None` if there is not enough room.
    pub(crate) fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        let start = self.next.checked_next_multiple_of(layout.align())?;
        // The start of the memory is aligned for numbers only.
        if layout.align() > align_of::<Memory>() || !self.extend(start, layout.size()) {
            return None;
        }
        self.live = self.live.wrapping_add(1);
        NonNull::new(self.start().wrapping_add(start))
    }

    /// Where the allocation is; `None` if it is not in the arena.
    pub(crate) fn position(&self, allocation: *mut u8) -> Option<usize> {
        let position = allocation.addr().wrapping_sub(self.start().addr());
        (position < LENGTH).then_some(position)
    }

    /// Frees the allocation at a position.
    pub(crate) fn deallocate(&mut self, position: usize, size: usize) {
        self.live = self.live.wrapping_sub(1);
        if self.live == 0 {
            self.next = 0;
        } else if self.is_newest(position, size) {
            self.next = position;
        }
    }

    /// Changes the size of the allocation at a position, if that is possible without moving it.
    pub(crate) fn resize(&mut self, position: usize, old: usize, new: usize) -> bool {
        if self.is_newest(position, old) { self.extend(position, new) } else { new <= old }
    }

    fn is_newest(&self, position: usize, size: usize) -> bool {
        position.wrapping_add(size) == self.next
    }

    /// Hands out the memory up to the end of these bytes, if it is there.
    fn extend(&mut self, position: usize, size: usize) -> bool {
        let end = position.saturating_add(size);
        if end > LENGTH {
            return false;
        }
        self.next = end;
        true
    }

    fn start(&self) -> *mut u8 {
        self.memory.get().cast()
    }
}

/// Enough for a hit with a token of Entra's usual length, and little enough to fit into the initial memory.
const LENGTH: usize = 8 << 10;
