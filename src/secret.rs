//! Secret values, protected against accidental disclosure.

use std::fmt;

use zeroize::optimization_barrier;

/// A client secret, private key, assertion or token: erased on drop and not printable.
///
/// Only [`Secret::expose`] reads it, so that searching for `expose` lists every use.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<T: Erase>(T);

impl<T: Erase> Secret<T> {
    /// The value.
    pub fn expose(&self) -> &T {
        &self.0
    }

    /// Takes the value out, to hand it to its recipient.
    pub fn into_inner(mut self) -> T {
        std::mem::take(&mut self.0)
    }

    /// Changes the value in place.
    #[must_use]
    pub fn map(mut self, change: impl FnOnce(&mut T)) -> Self {
        change(&mut self.0);
        self
    }
}

impl Secret<Vec<u8>> {
    /// The same memory as text; `None` if it is not UTF-8.
    pub(crate) fn into_text(self) -> Option<Secret<String>> {
        match String::from_utf8(self.into_inner()) {
            Ok(text) => Some(Secret(text)),
            Err(error) => {
                drop(Self(error.into_bytes()));
                None
            }
        }
    }
}

/// A type that a secret may have.
pub trait Erase: Default {
    /// Overwrites its memory, which it then gives up.
    fn erase(&mut self);
}

impl Erase for Vec<u8> {
    /// Block by block, because `zeroize` writes byte by byte: that took a fifth of a miss.
    fn erase(&mut self) {
        self.clear();
        // All of its memory: more of it may have been in use.
        while self.len() < self.capacity() {
            let rest = self.capacity().saturating_sub(self.len());
            self.extend_from_slice(ZEROS.get(..rest).unwrap_or(&ZEROS));
        }
        optimization_barrier(self.as_slice());
    }
}

impl Erase for String {
    fn erase(&mut self) {
        std::mem::take(self).into_bytes().erase();
    }
}

impl<T: Erase> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.erase();
    }
}

impl<T: Erase> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: Erase> fmt::Debug for Secret<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(..)")
    }
}

const ZEROS: [u8; 256] = [0; 256];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_does_not_contain_the_value() {
        let secret = Secret::from("canary-value".to_owned());
        assert_eq!(format!("{secret:?} {secret:#?}"), "Secret(..) Secret(..)");
    }
}
