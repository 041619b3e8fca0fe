use std::fmt;

/// A client secret of an application.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientSecret {
    /// The secret itself.
    pub value: String,
    /// Whether its end date has passed.
    pub expired: bool,
}

impl ClientSecret {
    /// A secret that is valid.
    pub fn new(value: impl Into<String>) -> Self {
        Self { value: value.into(), expired: false }
    }

    /// A secret that has expired.
    pub fn expired(value: impl Into<String>) -> Self {
        Self { value: value.into(), expired: true }
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientSecret(.., expired: {})", self.expired)
    }
}
