//! The memory of a call's first allocations, which are handed out one behind another.
//!
//! A general allocator keeps lists and searches them. A cache hit allocates a few kilobytes, so it needs neither.

use std::alloc::Layout;
use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

/// What is handed out of the memory. All of it is free again when the last allocation is freed; before that, only the memory
/// of the newest one is reused.
pub(crate) struct Arena {
    /// The first byte that was not handed out.
    next: usize,
    /// The number of allocations.
    live: usize,
}

/// The only arena's. Apart from it, because a reference to the arena must not lead to what others have allocated.
static MEMORY: Memory = Memory(UnsafeCell::new([MaybeUninit::uninit(); LENGTH]));

#[repr(C, align(16))]
struct Memory(UnsafeCell<[MaybeUninit<u8>; LENGTH]>);

// SAFETY: the component has one thread.
unsafe impl Sync for Memory {}

impl Arena {
    pub(crate) const fn new() -> Self {
        Self { next: 0, live: 0 }
    }

    /// `None` if there is not enough room.
    pub(crate) fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        let start = self.next.checked_next_multiple_of(layout.align())?;
        // The memory is aligned for numbers and vectors only.
        if layout.align() > align_of::<Memory>() || !self.extend(start, layout.size()) {
            return None;
        }
        self.live = self.live.wrapping_add(1);
        NonNull::new(base().wrapping_add(start))
    }

    /// Where the allocation is; `None` if it is not in the arena.
    pub(crate) fn position(allocation: *mut u8) -> Option<usize> {
        let position = allocation.addr().wrapping_sub(base().addr());
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
}

fn base() -> *mut u8 {
    MEMORY.0.get().cast()
}

/// Enough for a hit with a token of Entra's usual length, and little enough to fit into the initial memory.
const LENGTH: usize = 8 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    /// Allocations as this test knows them: start and size.
    #[derive(Default)]
    struct Known(Vec<(usize, usize)>);

    impl Known {
        fn add(&mut self, start: usize, size: usize) {
            assert!(start + size <= LENGTH);
            for &(other, length) in &self.0 {
                assert!(start + size <= other || other + length <= start, "they overlap");
            }
            self.0.push((start, size));
        }
    }

    #[test]
    fn allocations_neither_overlap_nor_leave_the_memory() {
        let (mut arena, mut known) = (Arena::new(), Known::default());
        let mut state = 1_u64;
        let mut random = |limit: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            usize::try_from(state >> 33).unwrap() % limit
        };
        let mut refused = 0;
        for _ in 0..100_000 {
            match random(8) {
                0..4 => {
                    let (size, align) = (1 + random(1_000), 1 << random(5));
                    let layout = Layout::from_size_align(size, align).unwrap();
                    match arena.allocate(layout) {
                        Some(allocation) => {
                            assert!(allocation.as_ptr().addr().is_multiple_of(align));
                            known.add(Arena::position(allocation.as_ptr()).unwrap(), size);
                        }
                        None => refused += 1,
                    }
                }
                4..6 if !known.0.is_empty() => {
                    let (start, size) = known.0.swap_remove(random(known.0.len()));
                    arena.deallocate(start, size);
                }
                _ if !known.0.is_empty() => {
                    let (start, old) = known.0.swap_remove(random(known.0.len()));
                    let new = 1 + random(1_000);
                    let is_resized = arena.resize(start, old, new);
                    assert!(is_resized || new > old, "it is never too large to shrink");
                    known.add(start, if is_resized { new } else { old });
                }
                _ => {}
            }
        }
        assert!(refused > 0, "it was never full");
    }

    #[test]
    fn the_last_deallocation_frees_everything() {
        let mut arena = Arena::new();
        let layout = Layout::from_size_align(LENGTH / 2, 1).unwrap();
        let [first, second] = [(); 2].map(|()| arena.allocate(layout).unwrap().as_ptr());
        assert!(arena.allocate(layout).is_none());
        arena.deallocate(Arena::position(first).unwrap(), layout.size());
        assert!(arena.allocate(layout).is_none(), "the newest one is behind it");
        arena.deallocate(Arena::position(second).unwrap(), layout.size());
        assert!(arena.allocate(Layout::from_size_align(LENGTH, 16).unwrap()).is_some());
    }

    #[test]
    fn only_memory_of_the_arena_has_a_position() {
        assert_eq!(Arena::position(base()), Some(0));
        assert_eq!(Arena::position(base().wrapping_add(LENGTH - 1)), Some(LENGTH - 1));
        assert_eq!(Arena::position(base().wrapping_add(LENGTH)), None);
        assert_eq!(Arena::position(base().wrapping_sub(1)), None);
    }

    #[test]
    fn an_alignment_that_the_memory_lacks_is_refused() {
        assert!(Arena::new().allocate(Layout::from_size_align(1, 32).unwrap()).is_none());
    }
}
