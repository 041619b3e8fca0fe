//! Secrets that no output may contain.

use std::fmt::Debug;

use crate::authority::Endpoint;
use crate::credential::AssertionParams;
use crate::credential::Credential;
use crate::credential::CredentialParts;
use crate::credential::SigningAlgorithm;
use crate::error::Cause;
use crate::secret::Secret;
use crate::token_endpoint::Redaction;

use super::NOW;

/// A client secret.
pub(super) const SECRET: &str = "pl4nted~Secret/of+the=Client";
/// How a client secret arrives in a form.
pub(super) const SECRET_IN_FORM: &str = "pl4nted%7ESecret%2Fof%2Bthe%3DClient";
/// A client assertion.
pub(super) const ASSERTION: &str = "pl4nted-header.pl4nted-claims.pl4nted-signature";
/// The passphrase of all key files.
pub(super) const PASSPHRASE: &str = "pl4nted passphrase";
/// A token in the cache.
pub(super) const TOKEN: &str = "pl4nted.Token_of-the-Cache";

/// What an input has in place of the client secret, so that it can echo the secret.
const PLACEHOLDER: &[u8] = b"<secret>";

/// Replaces the placeholder.
pub(super) fn with_secret(bytes: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, behind)) = rest.split_first() {
        match rest.strip_prefix(PLACEHOLDER) {
            Some(behind) => {
                replaced.extend_from_slice(SECRET.as_bytes());
                rest = behind;
            }
            None => {
                replaced.push(byte);
                rest = behind;
            }
        }
    }
    replaced
}

/// What redacts the client secret in a server's texts.
pub(super) fn redaction() -> Redaction {
    let parts = CredentialParts::Secret(Secret::from(SECRET.to_owned()));
    let credential = Credential::from_parts(parts).expect("a valid secret");
    let audience = Endpoint { is_https: true, authority: String::new(), path: String::new() };
    let params = AssertionParams {
        client_id: "client",
        audience: &audience,
        now: NOW,
        algorithm: SigningAlgorithm::Ps256,
        send_x5c: None,
        extra_claims: None,
    };
    let loaded = credential.load(NOW).expect("a secret needs no parsing");
    let proof = loaded.prove(&params, &[]).expect("a secret proves itself");
    let mut redaction = Redaction::new("client");
    redaction.add(&proof.expect("a secret proves itself"));
    redaction
}

/// Fails if the text contains a secret.
pub(super) fn check_text(text: &str) {
    for secret in [SECRET, SECRET_IN_FORM, ASSERTION, PASSPHRASE, TOKEN] {
        assert!(!contains(text, secret), "{text} contains {secret}");
    }
}

/// Whether the text contains the secret. Compares hashes: a fuzzer watches comparisons, and would put the secrets into the input.
pub(super) fn contains(text: &str, secret: &str) -> bool {
    let hash = |text: &[u8]| {
        text.iter().fold(FNV_OFFSET, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME))
    };
    let (first, sought) = (secret.bytes().next(), hash(secret.as_bytes()));
    text.as_bytes()
        .windows(secret.len())
        .any(|part| part.first().copied() == first && hash(part) == sought)
}

/// Fails if the `Debug` output contains a secret.
pub(super) fn check_debug(value: &impl Debug) {
    check_text(&format!("{value:?}"));
}

/// Fails if an error contains a secret, or what would harm a log or a terminal.
pub(super) fn check_cause(cause: &Cause) {
    check_debug(cause);
    let text = cause.to_string();
    check_text(&text);
    assert!(!text.chars().any(char::is_control), "{text:?}");
    assert!(text.len() <= MAX_LENGTH, "{} bytes", text.len());
    let refusal = match cause {
        Cause::Refused(refusal) => refusal,
        Cause::Throttled(throttle) => {
            assert!((1..=3_600).contains(&throttle.retry_after_seconds), "{throttle:?}");
            &throttle.refusal
        }
        _ => return,
    };
    assert!(refusal.error_codes.len() <= 16 && !refusal.error.is_empty(), "{refusal:?}");
    for text in [
        &Some(refusal.error.clone()),
        &refusal.suberror,
        &refusal.claims,
        &refusal.trace_id,
        &refusal.correlation_id,
        &refusal.timestamp,
    ] {
        assert!(!text.iter().flat_map(|text| text.chars()).any(char::is_control), "{text:?}");
    }
}

/// A description of 4096 bytes, and the words around it.
const MAX_LENGTH: usize = 4_096 + 512;
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;
