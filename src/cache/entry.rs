//! The plaintext of a cache entry.

use sha2::Digest;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::layout::push_text;
use super::layout::push_time;
use super::layout::split_bytes;
use super::layout::split_text;
use super::layout::split_time;
use crate::outcome::AuthenticationResult;
use crate::secret::Secret;
use crate::time::UnixTime;

/// A cached token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CachedToken {
    /// The token.
    pub access_token: Secret<String>,
    /// The granted scopes.
    pub scopes: Vec<String>,
    /// When the token request started.
    pub issued_at: UnixTime,
    /// When the token expires.
    pub expires_on: UnixTime,
    /// When the authority recommends a refresh.
    pub refresh_on: Option<UnixTime>,
    /// The election that the token ended. The flight that replaces the token deletes that election's ticket counter.
    pub ended: Option<[u8; 8]>,
    /// The credential that acquired the token, if the entry is sealed with a cache key. An export demands it.
    pub acquired_with: Option<[u8; 8]>,
}

impl CachedToken {
    /// The part of a result that is cached.
    pub(crate) fn of_result(
        result: &AuthenticationResult,
        issued_at: UnixTime,
        ended: Option<[u8; 8]>,
    ) -> Self {
        Self {
            access_token: result.access_token.clone(),
            scopes: result.scopes.clone(),
            issued_at,
            expires_on: result.expires_on,
            refresh_on: result.refresh_on,
            ended,
            acquired_with: None,
        }
    }

    /// Whether the token has this SHA-256. Compares in constant time.
    pub(crate) fn is_hashed_to(&self, sha256: &[u8; 32]) -> bool {
        self.to_sha256().ct_eq(sha256).into()
    }

    /// The token's SHA-256.
    pub(crate) fn to_sha256(&self) -> [u8; 32] {
        Sha256::digest(self.access_token.expose()).into()
    }

    /// Serializes the entry: the times issued, expires and refresh (0 for `None`) in 8 bytes each, then the scopes,
    /// joined by spaces, and the token, each after its length in 4 bytes, then the ended election and the credential's
    /// fingerprint in 8 bytes each. Integers are big-endian. Zeros pad the entry to hide the token's length, and stand for
    /// what it does not have.
    ///
    /// Not JSON, because parsing JSON took a tenth of a cache hit.
    pub(crate) fn to_bytes(&self) -> Option<Secret<Vec<u8>>> {
        let scopes = self.scopes.join(" ");
        let token = self.access_token.expose();
        // Allocated once: growing would leave copies of the token behind.
        let length = token.len().checked_add(scopes.len())?.checked_add(FIXED_LENGTH)?;
        let padded = length.checked_next_multiple_of(PADDING)?;
        let mut bytes = Vec::with_capacity(padded);
        push_time(&mut bytes, self.issued_at);
        push_time(&mut bytes, self.expires_on);
        push_time(&mut bytes, self.refresh_on.unwrap_or(UnixTime::from_seconds(0)));
        push_text(&mut bytes, &scopes)?;
        push_text(&mut bytes, token)?;
        bytes.extend(self.ended.unwrap_or_default());
        bytes.extend(self.acquired_with.unwrap_or_default());
        bytes.resize(padded, 0);
        Some(Secret::from(bytes))
    }

    /// Parses an entry. The token keeps the memory of the plaintext: a copy, and zeroing the original, took a twentieth of
    /// a cache hit.
    pub(super) fn from_bytes(plaintext: Secret<Vec<u8>>) -> Option<Self> {
        let (issued_at, bytes) = split_time(plaintext.expose())?;
        let (expires_on, bytes) = split_time(bytes)?;
        let (refresh_on, bytes) = split_time(bytes)?;
        let (scopes, bytes) = split_text(bytes)?;
        let (token, rest) = split_bytes(bytes)?;
        if rest.len() >= PADDING + IDS_LENGTH {
            return None;
        }
        let (ended, rest_of_ids) = split_id(rest);
        let (acquired_with, _) = split_id(rest_of_ids);
        let scopes = scopes.split(' ').map(str::to_owned).collect();
        let end = plaintext.expose().len().checked_sub(rest.len())?;
        let start = end.checked_sub(token.len())?;
        let token = plaintext.map(|bytes| {
            bytes.truncate(end);
            bytes.drain(..start);
        });
        Some(Self {
            access_token: token.into_text()?,
            scopes,
            issued_at,
            expires_on,
            refresh_on: Some(refresh_on).filter(|time| time.to_seconds() > 0),
            ended,
            acquired_with,
        })
    }
}

/// Splits off an ID; `None` for zeros, or if it is missing.
fn split_id(bytes: &[u8]) -> (Option<[u8; 8]>, &[u8]) {
    match bytes.split_first_chunk() {
        Some((id, rest)) => (Some(*id).filter(|id| *id != [0; 8]), rest),
        None => (None, &[]),
    }
}

/// Three times, two lengths and two IDs.
const FIXED_LENGTH: usize = 32 + IDS_LENGTH;
const IDS_LENGTH: usize = 16;

/// An entry's length is a multiple of this.
const PADDING: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    fn token(length: usize) -> CachedToken {
        CachedToken {
            access_token: Secret::from("t".repeat(length)),
            scopes: vec!["a".to_owned(), "b".to_owned()],
            issued_at: UnixTime::from_seconds(1),
            expires_on: UnixTime::from_seconds(2),
            refresh_on: None,
            ended: Some([7; 8]),
            acquired_with: Some([8; 8]),
        }
    }

    #[test]
    fn entries_round_trip_at_all_lengths_around_the_padding() {
        for length in 80..240 {
            let bytes = token(length).to_bytes().unwrap();
            assert_eq!(bytes.expose().len() % PADDING, 0, "{length}");
            assert_eq!(CachedToken::from_bytes(bytes).unwrap(), token(length));
        }
    }

    #[test]
    fn truncated_entries_are_rejected() {
        let bytes = token(100).to_bytes().unwrap();
        for length in 0..32 + 3 + 100 {
            let bytes = Secret::from(bytes.expose()[..length].to_vec());
            assert_eq!(CachedToken::from_bytes(bytes), None, "{length}");
        }
    }
}
