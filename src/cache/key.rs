//! The tuples that name what is stored, and are bound into it. Two different ones never give the same bytes.

use sha2::Digest;
use sha2::Sha256;

use super::layout;
use crate::application::Application;
use crate::authority::Authority;
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
        // Each region has servers of its own.
        if let Some(region) = &application.authority_rules.region {
            key.push(region.as_str());
        }
        key
    }

    /// The counter of those that want a token in the same round of the election.
    pub fn of_places(token: &Self, round: [u64; 2]) -> Self {
        let mut key = Self::of_note(Label::Places);
        for number in round {
            key.0.extend_from_slice(&number.to_be_bytes());
        }
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
    use std::collections::BTreeSet;

    use super::*;
    use crate::application::ApplicationParts;
    use crate::authority::AuthorityKind;
    use crate::credential::CredentialParts;
    use crate::extra_parameters::ExtraParameterParts;
    use crate::request::TokenRequestParts;

    fn key(client_id: &str, authority: &str, scopes: &[&str], capabilities: &[&str]) -> EntryKey {
        let request = TokenRequestParts { scopes: owned(scopes), ..Default::default() };
        key_of(client_id, authority, capabilities, request).unwrap()
    }

    /// None if the request cannot be made.
    fn key_of(
        client_id: &str,
        authority: &str,
        capabilities: &[&str],
        request: TokenRequestParts,
    ) -> Option<EntryKey> {
        let application = Application::from_parts(ApplicationParts {
            client_id: client_id.to_owned(),
            authority: authority.to_owned(),
            authority_kind: Some(AuthorityKind::Generic),
            credentials: vec![CredentialParts::Secret("s".to_owned().into())],
            client_capabilities: owned(capabilities),
            ..Default::default()
        })
        .unwrap();
        let request = TokenRequest::from_parts(request, AuthorityKind::Generic).ok()?;
        Some(EntryKey::of_token(&application, &application.authority, &request))
    }

    fn owned(items: &[&str]) -> Vec<String> {
        items.iter().map(|&item| item.to_owned()).collect()
    }

    /// All ways to cut and share out a few letters.
    #[test]
    fn e26_no_two_tuples_have_the_same_key() {
        let sets: [&[&str]; 5] = [&[], &["a"], &["b"], &["ab"], &["a", "b"]];
        let mut keys = BTreeSet::new();
        let mut count = 0;
        let mut add = |key: EntryKey| {
            count += 1;
            keys.insert(key.as_bytes().to_vec());
        };
        for client_id in ["a", "ab", "abc"] {
            for authority in ["c", "bc", "abc"] {
                for host in ["h.example", "h.example:8443"] {
                    let authority = format!("https://{host}/{authority}");
                    for scopes in &sets[1..] {
                        for capabilities in sets {
                            let token = key(client_id, &authority, scopes, capabilities);
                            add(EntryKey::of_places(&token, [1, 1]));
                            add(EntryKey::of_places(&token, [1, 2]));
                            add(token);
                        }
                    }
                }
            }
        }
        for url in ["a", "ab", "https://h.example/c"] {
            add(EntryKey::of_document(url));
        }
        assert_eq!(keys.len(), count);
    }

    #[test]
    fn e26_what_changes_a_token_is_cut_and_shared_out_in_one_way_only() {
        let pairs = |pairs: &[(&str, &str)]| -> Vec<_> {
            pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
        };
        let lists: [&[(&str, &str)]; 5] =
            [&[], &[("a", "b")], &[("ab", "")], &[("a", ""), ("b", "")], &[("a", "b"), ("b", "a")]];
        let mut keys = BTreeSet::new();
        let mut count = 0;
        for fmi_path in [None, Some("a"), Some("ab")] {
            for tokens in [&[][..], &["a"], &["ab"], &["a", "b"]] {
                for body in lists {
                    for query in lists {
                        let request = TokenRequestParts {
                            scopes: owned(&["s"]),
                            fmi_path: fmi_path.map(str::to_owned),
                            attribute_tokens: owned(tokens),
                            extra: ExtraParameterParts {
                                body: pairs(body),
                                query: pairs(query),
                                ..ExtraParameterParts::default()
                            },
                            ..TokenRequestParts::default()
                        };
                        // A parameter is given once, in the body or in the query.
                        if let Some(key) = key_of("client", "https://h.example/c", &[], request) {
                            count += 1;
                            keys.insert(key.as_bytes().to_vec());
                        }
                    }
                }
            }
        }
        assert_eq!(keys.len(), count);
        assert!(count > 100, "{count}");
    }

    #[test]
    fn order_and_repeats_make_no_difference() {
        let one = key("a", "https://h.example/c", &["s", "t"], &["cp1", "cp2"]);
        let other = key("a", "https://h.example/c", &["t", "s", "t"], &["cp2", "cp1", "cp1"]);
        assert_eq!(one, other);
    }
}
