//! How strictly client assertions are checked.

/// How strictly the endpoint checks client assertions.
///
/// [`Strictness::entra`] is as tolerant as Entra, which accepts what Microsoft's libraries send;
/// [`Strictness::strict`] follows RFC 7523 to the letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strictness {
    /// Refuse a `jti` that this application has used before.
    pub strict_jti: bool,
    /// Refuse an assertion without a `jti`.
    pub require_jti: bool,
    /// Accept as `aud` only the URL that the request was sent to, without its query, as one string.
    pub exact_audience: bool,
    /// Refuse `exp`, `nbf` and `iat` that are not whole JSON numbers.
    pub reject_quoted_times: bool,
    /// Refuse thumbprints that are padded or in the standard base64 alphabet.
    pub reject_padded_thumbprints: bool,
    /// The tolerated clock skew of the client, in seconds.
    pub clock_skew_seconds: u64,
}

impl Strictness {
    /// As tolerant as Entra.
    pub fn entra() -> Self {
        Self {
            strict_jti: false,
            require_jti: false,
            exact_audience: false,
            reject_quoted_times: false,
            reject_padded_thumbprints: false,
            clock_skew_seconds: 300,
        }
    }

    /// No tolerance, and no clock skew.
    pub fn strict() -> Self {
        Self {
            strict_jti: true,
            require_jti: true,
            exact_audience: true,
            reject_quoted_times: true,
            reject_padded_thumbprints: true,
            clock_skew_seconds: 0,
        }
    }
}

impl Default for Strictness {
    fn default() -> Self {
        Self::entra()
    }
}
