//! What an entry holds, before sealing.

use serde::Deserialize;
use serde::Serialize;
use sha2::Digest;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::secret::Secret;
use crate::time::UnixTime;

/// A token with what is needed to serve it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedToken {
    /// The token.
    pub access_token: Secret<String>,
    /// The granted scopes.
    pub scopes: Vec<String>,
    /// The start of the request that brought it.
    pub issued_at: UnixTime,
    /// When it expires.
    pub expires_on: UnixTime,
    /// When the authority would like it to be refreshed.
    pub refresh_on: Option<UnixTime>,
}

impl CachedToken {
    /// Whether this is the token with that SHA-256.
    pub fn is_hashed_to(&self, sha256: &[u8; 32]) -> bool {
        let actual: [u8; 32] = Sha256::digest(self.access_token.expose()).into();
        actual.ct_eq(sha256).into()
    }

    /// JSON, padded with spaces so that its length does not tell the token's.
    pub(super) fn to_bytes(&self) -> Option<Secret<Vec<u8>>> {
        let stored = Stored {
            t: self.access_token.expose(),
            s: self.scopes.clone(),
            i: self.issued_at.to_seconds(),
            e: self.expires_on.to_seconds(),
            r: self.refresh_on.map(UnixTime::to_seconds),
        };
        // Room for all of it, so that growing leaves no copy of the token behind.
        let room = self.scopes.iter().fold(self.access_token.expose().len(), |sum, scope| {
            sum.saturating_add(scope.len()).saturating_add(3)
        });
        let mut bytes = Vec::with_capacity(room.saturating_add(128).saturating_add(PADDING));
        serde_json::to_writer(&mut bytes, &stored).ok()?;
        bytes.resize(bytes.len().next_multiple_of(PADDING), b' ');
        Some(Secret::from(bytes))
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let stored: Stored<'_> = serde_json::from_slice(bytes).ok()?;
        Some(Self {
            access_token: Secret::from(stored.t.to_owned()),
            scopes: stored.s,
            issued_at: UnixTime::from_seconds(stored.i),
            expires_on: UnixTime::from_seconds(stored.e),
            refresh_on: stored.r.map(UnixTime::from_seconds),
        })
    }
}

/// The JSON of an entry: token, scopes, issued at, expires on, refresh on.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored<'a> {
    /// A token has no character that JSON escapes, so it can be borrowed.
    t: &'a str,
    s: Vec<String>,
    i: u64,
    e: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r: Option<u64>,
}

/// Steps in which an entry's length grows.
const PADDING: usize = 128;
