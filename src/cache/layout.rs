//! The layout of records before encryption: times in 8 bytes, texts after their length in 4 bytes, all big-endian.

use crate::time::UnixTime;

pub(crate) fn push_number(bytes: &mut Vec<u8>, number: u64) {
    bytes.extend_from_slice(&number.to_be_bytes());
}

pub(crate) fn push_time(bytes: &mut Vec<u8>, time: UnixTime) {
    push_number(bytes, time.to_seconds());
}

/// Appends a text; `None` if it is longer than `u32::MAX` bytes.
pub(crate) fn push_text(bytes: &mut Vec<u8>, text: &str) -> Option<()> {
    bytes.extend_from_slice(&u32::try_from(text.len()).ok()?.to_be_bytes());
    bytes.extend_from_slice(text.as_bytes());
    Some(())
}

pub(crate) fn split_time(bytes: &[u8]) -> Option<(UnixTime, &[u8])> {
    let (seconds, rest) = split_number(bytes)?;
    Some((UnixTime::from_seconds(seconds), rest))
}

pub(crate) fn split_number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((u64::from_be_bytes(*number), rest))
}

pub(crate) fn split_text(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (text, rest) = split_bytes(bytes)?;
    Some((std::str::from_utf8(text).ok()?, rest))
}

/// Splits off the bytes of a text.
pub(crate) fn split_bytes(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    rest.split_at_checked(length)
}
