//! The tuples that name what is stored, and are bound into it. Two different ones never give the same bytes.

use sha2::Digest;
use sha2::Sha256;

use super::layout;
use crate::application::Application;
use crate::authority::Authority;
use crate::policy::election::Round;
use crate::request::TokenRequest;
use crate::sorted_set::to_sorted_set;

/// Names one thing in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryKey(Vec<u8>);

impl EntryKey {
    /// The token that this request asks for: everything that a token depends on.
    ///
    /// Not in it: region, correlation ID and claims challenges, which do not change what the token is for.
    pub fn of_token(
        application: &Application,
        authority: &Authority,
        request: &TokenRequest,
    ) -> Self {
        let mut key = Self(Vec::with_capacity(256));
        key.push(FORMAT);
        key.push(&authority.to_cache_environment());
        key.push(&authority.to_cache_realm());
        key.push(application.client_id.as_str());
        key.push_set(request.scopes.to_cache_key_parts(authority.kind()));
        key.push("bearer");
        key.push_set(application.client_capabilities.clone());
        // Nothing at all for a plain request, whose entries are so the same in every version.
        for (name, value) in request.to_cache_key_extras() {
            key.push(name);
            key.push(&value);
        }
        key
    }

    /// A note about this application at this authority, such as which of its credentials works.
    pub fn of_application(label: Label, application: &Application, authority: &Authority) -> Self {
        let mut key = Self::of_note(label);
        key.push(&authority.to_cache_environment());
        key.push(&authority.to_cache_realm());
        key.push(application.client_id.as_str());
        key
    }

    /// A note about what this application asks of this authority for these scopes: MSAL's throttling key.
    pub fn of_scopes(
        label: Label,
        application: &Application,
        authority: &Authority,
        request: &TokenRequest,
    ) -> Self {
        let mut key = Self::of_application(label, application, authority);
        key.push_set(request.scopes.to_cache_key_parts(authority.kind()));
        key
    }

    /// The counter of those that want a token in the same round of the election.
    pub(crate) fn of_places(token: &Self, round: Round) -> Self {
        let mut key = Self::of_note(Label::Places);
        key.0.extend_from_slice(&round.window.to_be_bytes());
        key.0.extend_from_slice(&round.replaced.to_be_bytes());
        key.0.extend_from_slice(&token.0);
        key
    }

    /// A document that a server published under this URL.
    pub fn of_document(url: &str) -> Self {
        let mut key = Self::of_note(Label::Document);
        key.push(url);
        key
    }

    /// Tells this thing from others, where the whole key would be too long.
    pub fn to_fingerprint(&self) -> [u8; 8] {
        let mut fingerprint = [0; 8];
        for (target, byte) in fingerprint.iter_mut().zip(Sha256::digest(&self.0)) {
            *target = byte;
        }
        fingerprint
    }

    /// The canonical bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// A token's key begins with a number, a note's with a word.
    fn of_note(label: Label) -> Self {
        let mut key = Self(Vec::with_capacity(256));
        key.push(match label {
            Label::Backoff => "backoff",
            Label::Credential => "credential",
            Label::Places => "places",
            Label::Document => "document",
        });
        key.push(FORMAT);
        key
    }

    fn push(&mut self, field: &str) {
        // A field that is too long to be told has been refused on the way in.
        let _ = layout::push_text(&mut self.0, field);
    }

    fn push_set(&mut self, items: Vec<String>) {
        let items = to_sorted_set(items);
        let length = u32::try_from(items.len()).unwrap_or(u32::MAX);
        self.0.extend_from_slice(&length.to_be_bytes());
        for item in items {
            self.push(&item);
        }
    }
}

/// What a note is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// For how long not to ask the authority.
    Backoff,
    /// Which credential worked.
    Credential,
    /// How many want a token at the same time.
    Places,
    /// What a server says of itself.
    Document,
}

const FORMAT: &str = "1";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::application::ApplicationParts;
    use crate::authority::AuthorityKind;
    use crate::credential::CredentialParts;
    use crate::request::TokenRequestParts;

    fn key(client_id: &str, authority: &str, scopes: &[&str], capabilities: &[&str]) -> EntryKey {
        let owned = |items: &[&str]| items.iter().map(|&item| item.to_owned()).collect::<Vec<_>>();
        let application = Application::from_parts(ApplicationParts {
            client_id: client_id.to_owned(),
            authority: authority.to_owned(),
            authority_kind: Some(AuthorityKind::Generic),
            credentials: vec![CredentialParts::Secret("s".to_owned().into())],
            client_capabilities: owned(capabilities),
            ..Default::default()
        })
        .unwrap();
        let parts = TokenRequestParts { scopes: owned(scopes), ..Default::default() };
        let request = TokenRequest::from_parts(parts, AuthorityKind::Generic).unwrap();
        EntryKey::of_token(&application, &application.authority, &request)
    }

    #[test]
    fn moving_a_boundary_between_fields_gives_another_key() {
        let keys = [
            key("ab", "https://h.example/c", &["s"], &[]),
            key("a", "https://h.example/bc", &["s"], &[]),
            key("ab", "https://h.example/c", &["s", "t"], &[]),
            key("ab", "https://h.example/c", &["st"], &[]),
            key("ab", "https://h.example/c", &["s"], &["t"]),
            key("ab", "https://h.example:8443/c", &["s"], &[]),
        ];
        for (index, one) in keys.iter().enumerate() {
            for other in keys.iter().skip(index + 1) {
                assert_ne!(one, other);
            }
        }
    }

    #[test]
    fn order_and_repeats_make_no_difference() {
        let one = key("a", "https://h.example/c", &["s", "t"], &["cp1", "cp2"]);
        let other = key("a", "https://h.example/c", &["t", "s", "t"], &["cp2", "cp1", "cp1"]);
        assert_eq!(one, other);
    }
}
