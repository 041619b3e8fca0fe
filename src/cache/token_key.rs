//! What makes two tokens different: the tuple that names an entry and is bound into it.

use crate::application::Application;
use crate::authority::Authority;
use crate::request::TokenRequest;

/// The length-prefixed tuple of everything that a token depends on. Two different inputs never give the same bytes.
///
/// Not in it: region, correlation ID and claims challenges, which do not change what the token is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenKey(Vec<u8>);

impl TokenKey {
    /// The key of the token that this request asks for.
    pub fn new(application: &Application, authority: &Authority, request: &TokenRequest) -> Self {
        let mut key = Self(Vec::with_capacity(256));
        key.push(FORMAT);
        key.push(authority.to_cache_environment().as_bytes());
        key.push(authority.tenant().as_str().as_bytes());
        key.push(application.client_id.as_str().as_bytes());
        key.push_list(request.scopes.to_cache_key_parts(authority.kind()));
        key.push(b"bearer");
        key.push_list(application.client_capabilities.clone());
        key
    }

    /// The canonical bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    #[cfg(test)]
    pub(super) fn from_text(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }

    fn push(&mut self, field: &[u8]) {
        self.push_length(field.len());
        self.0.extend_from_slice(field);
    }

    fn push_list(&mut self, mut items: Vec<String>) {
        items.sort_unstable();
        items.dedup();
        self.push_length(items.len());
        for item in items {
            self.push(item.as_bytes());
        }
    }

    fn push_length(&mut self, length: usize) {
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        self.0.extend_from_slice(&length.to_be_bytes());
    }
}

const FORMAT: &[u8] = b"1";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::application::ApplicationParts;
    use crate::application::AuthorityKindPart;
    use crate::authority::AuthorityKind;
    use crate::credential::CredentialParts;
    use crate::request::TokenRequestParts;

    fn key(client_id: &str, authority: &str, scopes: &[&str], capabilities: &[&str]) -> TokenKey {
        let owned = |items: &[&str]| items.iter().map(|&item| item.to_owned()).collect::<Vec<_>>();
        let application = Application::from_parts(ApplicationParts {
            client_id: client_id.to_owned(),
            authority: authority.to_owned(),
            authority_kind: Some(AuthorityKindPart::Served(AuthorityKind::Generic)),
            credentials: vec![CredentialParts::Secret("s".to_owned().into())],
            client_capabilities: owned(capabilities),
            ..Default::default()
        })
        .unwrap();
        let parts = TokenRequestParts { scopes: owned(scopes), ..Default::default() };
        let request = TokenRequest::from_parts(parts, AuthorityKind::Generic).unwrap();
        TokenKey::new(&application, &application.authority, &request)
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
