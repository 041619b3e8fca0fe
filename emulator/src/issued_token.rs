use std::fmt;

/// An access token that the emulator issued.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedToken {
    /// The token itself.
    pub token: String,
    /// The tenant's GUID.
    pub tenant: String,
    /// The application it was issued to.
    pub client_id: String,
    /// The scope as requested.
    pub scope: String,
    /// Its lifetime in seconds, as in the answer.
    pub expires_in: u64,
    /// When it was issued, in Unix seconds of the emulator's clock.
    pub issued_at: i64,
    /// Whether it is revoked.
    pub revoked: bool,
}

impl fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedToken")
            .field("tenant", &self.tenant)
            .field("client_id", &self.client_id)
            .field("scope", &self.scope)
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}
