//! Secret values, protected against accidental disclosure.

use std::fmt;

use zeroize::Zeroize;
use zeroize::Zeroizing;

/// A client secret, private key, assertion or token: zeroed on drop and not printable.
///
/// Only [`Secret::expose`] reads it, so that searching for `expose` lists every use.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<T: Zeroize>(Zeroizing<T>);

impl<T: Zeroize> Secret<T> {
    /// The value.
    pub fn expose(&self) -> &T {
        &self.0
    }

    /// Takes the value out, to hand it to its recipient.
    pub fn into_inner(mut self) -> T
    where
        T: Default,
    {
        std::mem::take(&mut *self.0)
    }

    /// Changes the value in place.
    #[must_use]
    pub fn map(mut self, change: impl FnOnce(&mut T)) -> Self {
        change(&mut self.0);
        self
    }
}

impl<T: Zeroize> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(Zeroizing::new(value))
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_does_not_contain_the_value() {
        let secret = Secret::from("canary-value".to_owned());
        assert_eq!(format!("{secret:?} {secret:#?}"), "Secret(..) Secret(..)");
    }
}
