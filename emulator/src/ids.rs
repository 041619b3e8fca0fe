//! Pseudo-random identifiers, reproducible by seed.

use ring::digest;

/// A stream of GUIDs and numbers that is determined by its seed.
pub(crate) struct Ids {
    seed: u64,
    drawn: u64,
}

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, drawn: 0 }
    }

    /// The next GUID of the stream.
    pub(crate) fn guid(&mut self) -> String {
        self.drawn += 1;
        let drawn = self.drawn.to_string();
        self.guid_of(&["drawn", &drawn])
    }

    /// The next number of the stream, below `limit`.
    pub(crate) fn number_below(&mut self, limit: u64) -> u64 {
        self.drawn += 1;
        let digest = self.digest(&["number", &self.drawn.to_string()]);
        let mut first = [0; 8];
        first.copy_from_slice(&digest.as_ref()[..8]);
        u64::from_be_bytes(first) % limit.max(1)
    }

    /// `length` bytes of the stream.
    pub(crate) fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(length + digest::SHA256_OUTPUT_LEN);
        while bytes.len() < length {
            self.drawn += 1;
            bytes.extend_from_slice(self.digest(&["bytes", &self.drawn.to_string()]).as_ref());
        }
        bytes.truncate(length);
        bytes
    }

    /// The GUID of these words for this seed, independent of the stream's position.
    pub(crate) fn guid_of(&self, words: &[&str]) -> String {
        let digest = self.digest(words);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest.as_ref()[..16]);
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        let mut guid = String::with_capacity(36);
        for (index, byte) in bytes.iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                guid.push('-');
            }
            guid.push_str(&format!("{byte:02x}"));
        }
        guid
    }

    fn digest(&self, words: &[&str]) -> digest::Digest {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(&self.seed.to_be_bytes());
        for word in words {
            context.update(&(word.len() as u64).to_be_bytes());
            context.update(word.as_bytes());
        }
        context.finish()
    }
}

/// Whether `text` is a GUID in its 36-character form.
pub(crate) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_guids() {
        let (mut one, mut other) = (Ids::new(7), Ids::new(7));
        assert_eq!(one.guid(), other.guid());
        assert_ne!(one.guid(), Ids::new(8).guid());
    }

    #[test]
    fn a_guid_of_the_stream_is_valid() {
        assert!(is_guid(&Ids::new(1).guid()));
        assert!(!is_guid("contoso.onmicrosoft.com"));
        assert!(!is_guid("11111111-2222-3333-4444-55555555555g"));
    }
}
