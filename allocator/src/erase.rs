//! Overwriting memory with zeros.

use std::hint::black_box;
use std::mem::MaybeUninit;
use std::ptr::write_volatile;

/// Overwrites memory, 64 bytes in a turn. `memory.fill` would leave the sandbox for each block, and count as much fuel as
/// there are bytes. The writes are volatile because nothing reads them.
///
/// # Safety
/// The memory must be valid for writes.
pub(crate) unsafe fn erase(start: *mut u8, length: usize) {
    let zero = Unaligned(0);
    let mut next: *mut Unaligned = start.cast();
    // SAFETY: each write is within the memory.
    unsafe {
        for _ in 0..length / (8 * WORD) {
            // Written out, because the compiler does not unroll a loop of volatile writes.
            write_volatile(next, zero);
            write_volatile(next.add(1), zero);
            write_volatile(next.add(2), zero);
            write_volatile(next.add(3), zero);
            write_volatile(next.add(4), zero);
            write_volatile(next.add(5), zero);
            write_volatile(next.add(6), zero);
            write_volatile(next.add(7), zero);
            next = next.add(8);
        }
        for _ in 0..length / WORD % 8 {
            write_volatile(next, zero);
            next = next.add(1);
        }
        let mut byte: *mut u8 = next.cast();
        for _ in 0..length % WORD {
            write_volatile(byte, 0);
            byte = byte.add(1);
        }
    }
}

/// A word at any address: WebAssembly stores it as fast as an aligned one.
#[derive(Clone, Copy)]
#[repr(C, packed)]
struct Unaligned(u64);

const WORD: usize = size_of::<Unaligned>();

/// Overwrites the next `LENGTH` bytes of the stack, which calls that have ended may have used.
#[inline(never)]
pub fn erase_stack<const LENGTH: usize>() {
    let mut unused = MaybeUninit::<[u8; LENGTH]>::uninit();
    // SAFETY: the memory is this function's.
    unsafe { erase(unused.as_mut_ptr().cast(), LENGTH) };
    black_box(&unused);
}
