//! What a call is to the others in its flight.

/// What a call is to the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// No other call depends on it.
    Follower,
    /// It refreshes a token. Others return the cached one meanwhile.
    Refresher,
    /// Others wait for it.
    Leader,
    /// No call waits for another, because leader after leader has ended without a verdict.
    Alone,
}
