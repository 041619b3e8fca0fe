//! Cache entries.

use std::time::Duration;

use msal_sealing::SealingKey;

use crate::cache::Freshness;
use crate::cache::freshness;
use crate::cache::open;
use crate::time::Moment;

use super::NOW;
use super::planted::check_debug;

/// What the store has under an entry's name, and the same bytes as an entry that was encrypted.
pub fn cache_entry(bytes: &[u8]) {
    let key = SealingKey::derive(None, b"a client secret");
    let seal = |plaintext: &[u8]| key.seal(plaintext, NAME, [7; 24]).expect("a short plaintext");
    assert!(open(&key, bytes, NAME).is_none(), "an entry that was not sealed");
    let Some(entry) = open(&key, &seal(bytes), NAME) else {
        return;
    };
    check_debug(&entry);
    let again = entry.to_bytes().expect("an entry that fits into memory");
    let content = 32 + entry.scopes.join(" ").len() + entry.access_token.expose().len();
    assert_eq!(again.expose().get(..content), bytes.get(..content), "another content");
    assert_eq!(again.expose().len() % 128, 0, "no padding");
    assert_eq!(open(&key, &seal(again.expose()), NAME).as_ref(), Some(&entry));
    let now = Moment { wall: NOW, monotonic: Duration::ZERO };
    if let Freshness::Fresh { .. } = freshness(&entry, 0, now) {
        assert!(entry.expires_on > NOW, "an expired token");
        let lifetime = entry.expires_on.seconds_since(entry.issued_at);
        assert!(lifetime <= 86_700, "a token for {lifetime} seconds");
    }
}

const NAME: &str = "mt3-name";
