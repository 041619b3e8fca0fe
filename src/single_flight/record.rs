//! The sealed record in which the callers of a token see each other: who requests it, or how the last request ended.
//!
//! It is read and written as a whole, and it is about one token. All tokens of an application and its scopes share one
//! record, so that a throttle for one of them binds all.

use super::schedule::RELEASE_SECONDS;
use super::schedule::SECONDS_PER_RELEASE;
use super::schedule::is_within;
use crate::cache::layout::push_time;
use crate::cache::layout::split_time;
use crate::credential::Fingerprint;
use crate::negative_cache::RememberedFailure;
use crate::time::UnixTime;

/// Identifies an election: its ticket counter is named after it.
pub(crate) type ElectionId = [u8; 8];

/// Identifies how an election ended: a token in the cache, a release, or a failure. All zeros: unknown.
pub(crate) type OutcomeId = [u8; 8];

/// A random ID of the caller that wrote a lease.
pub(crate) type HolderId = [u8; 8];

/// The record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// The token that it is about.
    pub(crate) token: Fingerprint,
    pub(crate) state: State,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// A caller requests the token.
    Lease(Lease),
    /// The leader ended without a verdict; another caller must request the token.
    Released(Outcome),
    /// The request failed.
    Failed(Outcome, RememberedFailure),
}

/// How an election ended, without a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) id: OutcomeId,
    /// The election that it ended. The caller that overwrites the outcome deletes that election's counter.
    pub(crate) ended: Option<ElectionId>,
    /// How many leaders in a row have ended without a verdict, those within two seconds counted once; 0 for a failure,
    /// which is the authority's.
    pub(crate) releases: u8,
    /// When the last of them was counted.
    pub(crate) at: UnixTime,
}

impl Outcome {
    /// No outcome is known.
    pub(crate) const UNKNOWN: Self =
        Self { id: [0; 8], ended: None, releases: 0, at: UnixTime::from_seconds(0) };

    /// How many leaders in a row have ended without a verdict recently.
    pub(crate) fn recent_releases(&self, now: UnixTime) -> u8 {
        if is_within(self.at, now, RELEASE_SECONDS) { self.releases } else { 0 }
    }

    /// The outcome of a leader that ends without a verdict after this one. A faulty host in a loop must not look like an
    /// outage, so not every release counts: while it loops, a healthy host gets the token.
    pub(crate) fn followed_by_release(&self, id: OutcomeId, now: UnixTime) -> Self {
        let releases = self.recent_releases(now);
        let (releases, at) = match releases > 0 && is_within(self.at, now, SECONDS_PER_RELEASE) {
            true => (releases, self.at),
            false => (releases.saturating_add(1), now),
        };
        Self { id, ended: None, releases, at }
    }
}

/// A token request in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lease {
    /// `None` if a follower announces the caller that has the first ticket.
    pub(crate) holder: Option<HolderId>,
    pub(crate) since: UnixTime,
    /// The election of this flight.
    pub(crate) election: Option<ElectionId>,
    /// The cached token that the flight replaces.
    pub(crate) entry: OutcomeId,
    /// The outcome that the lease has overwritten.
    pub(crate) last: Outcome,
}

impl Lease {
    /// Whether the lease is still held.
    pub(crate) fn is_held(&self, now: UnixTime, seconds: u64) -> bool {
        is_within(self.since, now, seconds)
    }
}

impl Record {
    /// The last outcome without a token.
    pub(crate) fn last(&self) -> Outcome {
        match &self.state {
            State::Lease(lease) => lease.last,
            State::Released(outcome) | State::Failed(outcome, _) => *outcome,
        }
    }

    /// Serializes the record: a letter for its state, the token, then the state's fields. IDs have 8 bytes.
    pub(crate) fn to_bytes(&self) -> Option<Vec<u8>> {
        let mut bytes = Vec::with_capacity(64);
        bytes.push(match &self.state {
            State::Lease(_) => LEASE,
            State::Released(_) => RELEASED,
            State::Failed(..) => FAILED,
        });
        bytes.extend(self.token);
        if let State::Lease(lease) = &self.state {
            bytes.extend(lease.holder.unwrap_or_default());
            push_time(&mut bytes, lease.since);
            bytes.extend(lease.election.unwrap_or_default());
            bytes.extend(lease.entry);
        }
        let last = self.last();
        bytes.extend(last.id);
        bytes.extend(last.ended.unwrap_or_default());
        bytes.push(last.releases);
        push_time(&mut bytes, last.at);
        if let State::Failed(_, failure) = &self.state {
            failure.push_to(&mut bytes)?;
        }
        Some(bytes)
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (&letter, bytes) = bytes.split_first()?;
        let (token, bytes) = split_id(bytes)?;
        let (lease, bytes) = match letter {
            LEASE => {
                let (holder, bytes) = split_id(bytes)?;
                let (since, bytes) = split_time(bytes)?;
                let (election, bytes) = split_id(bytes)?;
                let (entry, bytes) = split_id(bytes)?;
                (Some((some(holder), since, some(election), entry)), bytes)
            }
            _ => (None, bytes),
        };
        let (id, bytes) = split_id(bytes)?;
        let (ended, bytes) = split_id(bytes)?;
        let (&releases, bytes) = bytes.split_first()?;
        let (at, bytes) = split_time(bytes)?;
        let last = Outcome { id, ended: some(ended), releases, at };
        let state = match (letter, lease) {
            (LEASE, Some((holder, since, election, entry))) if bytes.is_empty() => {
                State::Lease(Lease { holder, since, election, entry, last })
            }
            (RELEASED, None) if bytes.is_empty() => State::Released(last),
            (FAILED, None) => State::Failed(last, RememberedFailure::from_bytes(bytes)?),
            _ => return None,
        };
        Some(Self { token, state })
    }
}

fn split_id(bytes: &[u8]) -> Option<([u8; 8], &[u8])> {
    let (id, rest) = bytes.split_first_chunk()?;
    Some((*id, rest))
}

fn some(id: [u8; 8]) -> Option<[u8; 8]> {
    Some(id).filter(|&id| id != [0; 8])
}

const LEASE: u8 = b'l';
const RELEASED: u8 = b'r';
const FAILED: u8 = b'f';

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Cause;
    use crate::negative_cache::Requester;

    const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);

    fn lease() -> Lease {
        let last = Outcome { id: [4; 8], ended: None, releases: 2, at: NOW };
        Lease { holder: Some([1; 8]), since: NOW, election: Some([2; 8]), entry: [3; 8], last }
    }

    fn states() -> [State; 4] {
        let requester = Requester::default();
        let cause = Cause::unexpected(Some(404), "x".to_owned());
        let failure = RememberedFailure::of(&cause, &requester, NOW).unwrap();
        let outcome = Outcome { id: [5; 8], ended: Some([6; 8]), releases: 1, at: NOW };
        [
            State::Lease(lease()),
            State::Lease(Lease { election: None, ..lease() }),
            State::Released(outcome),
            State::Failed(outcome, failure),
        ]
    }

    #[test]
    fn records_round_trip() {
        for state in states() {
            let record = Record { token: [9; 8], state };
            let bytes = record.to_bytes().unwrap();
            assert_eq!(Record::from_bytes(&bytes).as_ref(), Some(&record));
        }
    }

    #[test]
    fn releases_count_at_most_once_in_two_seconds_and_for_thirty() {
        let mut last = Outcome::UNKNOWN;
        for (seconds, releases) in [(0, 1), (1, 1), (2, 2), (3, 2), (4, 3), (33, 4), (63, 1)] {
            let now = NOW.plus_seconds(seconds);
            last = last.followed_by_release([1; 8], now);
            assert_eq!(
                (last.releases, last.recent_releases(now)),
                (releases, releases),
                "{seconds}"
            );
        }
    }

    #[test]
    fn truncated_and_extended_records_are_rejected() {
        for state in states().into_iter().take(3) {
            let bytes = Record { token: [9; 8], state }.to_bytes().unwrap();
            for length in 0..bytes.len() {
                assert_eq!(Record::from_bytes(&bytes[..length]), None, "{length}");
            }
            assert_eq!(Record::from_bytes(&[bytes, vec![0]].concat()), None);
        }
        assert_eq!(Record::from_bytes(&[b'x'; 64]), None);
    }

    #[test]
    fn a_lease_expires_and_is_void_if_it_is_from_the_future() {
        assert!(lease().is_held(NOW, 5) && lease().is_held(NOW.plus_seconds(4), 5));
        assert!(!lease().is_held(NOW.plus_seconds(5), 5));
        assert!(lease().is_held(NOW.minus_seconds(5), 5));
        assert!(!lease().is_held(NOW.minus_seconds(6), 5));
    }
}
