//! Overwriting memory with zeros.

#[cfg(target_feature = "simd128")]
use std::arch::wasm32::v128;
use std::hint::black_box;
use std::mem::MaybeUninit;
use std::mem::zeroed;
use std::ptr::write_volatile;
use std::slice::from_raw_parts_mut;

/// Overwrites memory. `memory.fill` would leave the sandbox for each block, and count as much fuel as there are bytes. The
/// writes are volatile because nothing reads them.
///
/// # Safety
/// The memory must be valid for writes.
pub(crate) unsafe fn erase(start: *mut u8, length: usize) {
    // SAFETY: all writes are within the memory. Those at its ends may overlap others.
    unsafe {
        let end = start.add(length);
        match length {
            0..4 => {
                for index in 0..length {
                    write_volatile(start.add(index), 0);
                }
            }
            4..8 => erase_ends::<u32>(start, end),
            8..16 => erase_ends::<u64>(start, end),
            16..=32 => erase_ends::<[u64; 2]>(start, end),
            33..=64 => erase_ends::<[u64; 4]>(start, end),
            _ => {
                erase_ends::<[u64; 2]>(start, end);
                let words = start.align_offset(WORD);
                erase_words(start.add(words).cast(), length.wrapping_sub(words) / WORD);
            }
        }
    }
}

/// Overwrites the first and the last bytes, as many as a `T` has, at any address.
#[inline(always)]
unsafe fn erase_ends<T>(start: *mut u8, end: *mut u8) {
    // SAFETY: the caller's memory has at least the bytes of a `T`, whose zero bytes are valid.
    unsafe {
        write_volatile(start.cast(), zeroed::<Unaligned<T>>());
        write_volatile(end.sub(size_of::<T>()).cast(), zeroed::<Unaligned<T>>());
    }
}

/// Overwrites aligned words.
unsafe fn erase_words(start: *mut Word, count: usize) {
    // SAFETY: the caller's memory has so many words.
    let words: &mut [MaybeUninit<Word>] = unsafe { from_raw_parts_mut(start.cast(), count) };
    let (blocks, rest) = words.as_chunks_mut::<8>();
    for [first, second, third, fourth, fifth, sixth, seventh, eighth] in blocks {
        // Written out, because the compiler does not unroll a loop of volatile writes.
        overwrite(first);
        overwrite(second);
        overwrite(third);
        overwrite(fourth);
        overwrite(fifth);
        overwrite(sixth);
        overwrite(seventh);
        overwrite(eighth);
    }
    for word in rest {
        overwrite(word);
    }
}

#[inline(always)]
fn overwrite(word: &mut MaybeUninit<Word>) {
    // SAFETY: the reference is valid for writes, and zero bytes are a word.
    unsafe { write_volatile(word, MaybeUninit::new(zeroed())) };
}

#[derive(Clone, Copy)]
#[repr(C, packed)]
struct Unaligned<T>(T);

#[cfg(target_feature = "simd128")]
type Word = v128;
#[cfg(not(target_feature = "simd128"))]
type Word = u64;

const WORD: usize = size_of::<Word>();

/// Overwrites the next `LENGTH` bytes of the stack, which calls that have ended may have used.
#[inline(never)]
pub fn erase_stack<const LENGTH: usize>() {
    let mut unused = MaybeUninit::<[u8; LENGTH]>::uninit();
    // SAFETY: the memory is this function's.
    unsafe { erase(unused.as_mut_ptr().cast(), LENGTH) };
    black_box(&unused);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_within_is_overwritten_and_none_outside() {
        for start in 0..32 {
            for length in 0..400 {
                let mut memory = [7_u8; 464];
                // SAFETY: the bytes are within the array.
                unsafe { erase(memory.as_mut_ptr().add(start), length) };
                for (index, &byte) in memory.iter().enumerate() {
                    let is_within = (start..start + length).contains(&index);
                    assert_eq!(byte == 0, is_within, "{length} bytes from {start}: {index}");
                }
            }
        }
    }
}
