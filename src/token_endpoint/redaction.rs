//! Blanking out this call's secrets in what a server says.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::credential::Proof;
use crate::secret::Secret;
use crate::untrusted::printable;

/// The secrets of a call, in every form in which a server might echo them.
#[derive(Debug, Default)]
pub struct Redaction {
    needles: Vec<Secret<String>>,
}

impl Redaction {
    /// Knows the secrets of a proof from now on.
    pub fn add(&mut self, proof: &Proof) {
        for (name, value) in proof.fields() {
            if *name == "client_assertion_type" {
                continue;
            }
            let text = value.expose();
            let encoded: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
            for form in [
                text.clone(),
                encoded.replace('+', "%20"),
                encoded,
                STANDARD.encode(text),
                URL_SAFE_NO_PAD.encode(text),
                base16ct::lower::encode_string(text.as_bytes()),
            ] {
                self.needles.push(Secret::from(form));
            }
        }
    }

    /// The text without the secrets, printable, and at most `limit` bytes.
    pub fn clean(&self, text: &str, limit: usize) -> String {
        let mut text = text.to_owned();
        for needle in &self.needles {
            if text.contains(needle.expose().as_str()) {
                text = text.replace(needle.expose().as_str(), "[redacted]");
            }
        }
        printable(&text, limit)
    }
}
