//! Keys of stored records: injectively encoded tuples, which are also authenticated with the record.

use std::cell::OnceCell;

use super::layout;
use crate::application::Application;
use crate::authority::Authority;
use crate::claims::JsonObject;
use crate::request::TokenRequest;
use crate::sorted_set::to_sorted_set;

/// The key of one record.
#[derive(Clone, Debug)]
pub(crate) struct EntryKey {
    bytes: Vec<u8>,
    /// The name in the store, which most keys are used for more than once.
    name: OnceCell<String>,
}

impl EntryKey {
    /// The key of the token for this request. It contains everything that determines the token.
    ///
    /// Region, correlation ID and claims challenges are left out, because they do not change what the token is for.
    pub(crate) fn of_token(
        application: &Application,
        authority: &Authority,
        request: &TokenRequest,
    ) -> Self {
        let mut key = Self::of_application(Label::Token, application, authority);
        key.push_set(request.scopes.to_cache_key_parts(authority.kind()));
        key.push_set(application.client_capabilities.clone());
        // Any credential may fetch the token. Those without extra claims count as well, because they fetch another one.
        if application.credentials.iter().any(|credential| credential.extra_claims().is_some()) {
            let claims = application.credentials.iter().map(|credential| {
                credential.extra_claims().map(JsonObject::to_text).unwrap_or_default()
            });
            key.push("certificate-extra-claims");
            key.push_set(claims.collect());
        }
        // A plain request adds nothing, so new extras do not change the keys of existing entries.
        for (name, value) in request.to_cache_key_extras() {
            key.push(name);
            key.push(&value);
        }
        key
    }

    /// The key of a record of this application at this authority, such as which credential works.
    pub(crate) fn of_application(
        label: Label,
        application: &Application,
        authority: &Authority,
    ) -> Self {
        let mut key = Self::of_record(label);
        key.push(&authority.to_cache_environment());
        key.push(&authority.to_cache_realm());
        key.push(application.client_id.as_str());
        key
    }

    /// The key of a record about this application, authority and scopes: MSAL's throttling key.
    pub(crate) fn of_scopes(
        label: Label,
        application: &Application,
        authority: &Authority,
        request: &TokenRequest,
    ) -> Self {
        let mut key = Self::of_application(label, application, authority);
        key.push_set(request.scopes.to_cache_key_parts(authority.kind()));
        // Regions have separate servers.
        if let Some(region) = &application.authority_rules.region {
            key.push(region.as_str());
        }
        key
    }

    /// The key of the ticket counter of one election for a token.
    pub(crate) fn of_tickets(token: &Self, election: [u8; 8]) -> Self {
        let mut key = Self::of_record(Label::Tickets);
        key.bytes.extend_from_slice(&election);
        key.bytes.extend_from_slice(&token.bytes);
        key
    }

    /// The key of the hashes of a token that callers have rejected.
    pub(crate) fn of_rejections(token: &Self) -> Self {
        let mut key = Self::of_record(Label::Rejections);
        key.bytes.extend_from_slice(&token.bytes);
        key
    }

    /// The key of a discovery document, by its URL.
    pub(crate) fn of_document(url: &str) -> Self {
        let mut key = Self::of_record(Label::Document);
        key.push(url);
        key
    }

    /// The canonical bytes.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The name that this function makes of the bytes, at the first call. The key is for one store.
    pub(crate) fn name(&self, name: impl FnOnce(&[u8]) -> String) -> &str {
        self.name.get_or_init(|| name(&self.bytes))
    }

    /// Starts the key of a record. A byte is enough for the label: every byte of a key costs each hit some time.
    fn of_record(label: Label) -> Self {
        let mut bytes = Vec::with_capacity(256);
        bytes.push(match label {
            Label::Token => 0,
            Label::Flight => 1,
            Label::Credential => 2,
            Label::Tickets => 3,
            Label::Rejections => 4,
            Label::Document => 5,
        });
        Self { bytes, name: OnceCell::new() }
    }

    fn push(&mut self, field: &str) {
        // Fails only for texts over 4 GiB, and longer fields are rejected during validation.
        let _ = layout::push_text(&mut self.bytes, field);
    }

    fn push_set(&mut self, items: Vec<String>) {
        let items = to_sorted_set(items);
        let length = u32::try_from(items.len()).unwrap_or(u32::MAX);
        self.bytes.extend_from_slice(&length.to_be_bytes());
        for item in items {
            self.push(&item);
        }
    }
}

/// The kind of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Label {
    /// A token.
    Token,
    /// A token request in progress, or a remembered failure.
    Flight,
    /// The credential that worked last.
    Credential,
    /// A ticket counter.
    Tickets,
    /// The hashes of rejected tokens.
    Rejections,
    /// A fact from a discovery document.
    Document,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::application::ApplicationParts;
    use crate::authority::AuthorityKind;
    use crate::credential::CertificateParts;
    use crate::credential::CertificateSource;
    use crate::credential::CredentialParts;
    use crate::extra_parameters::ExtraParameterParts;
    use crate::request::TokenRequestParts;

    fn key(client_id: &str, authority: &str, scopes: &[&str], capabilities: &[&str]) -> EntryKey {
        let request = TokenRequestParts { scopes: owned(scopes), ..Default::default() };
        key_of(client_id, authority, capabilities, request).unwrap()
    }

    /// `None` if the request is invalid.
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

    /// Distributes a few letters over the fields in all ways.
    #[test]
    fn e26_distinct_tuples_have_distinct_keys() {
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
                            add(EntryKey::of_tickets(&token, [1; 8]));
                            add(EntryKey::of_tickets(&token, [2; 8]));
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
    fn e26_distinct_extras_have_distinct_keys() {
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
                        // The same parameter in both body and query is rejected.
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
    fn the_certificates_extra_claims_are_in_the_key() {
        let certificate = |claims: Option<&str>| {
            let source = CertificateSource::Pem("p".to_owned().into());
            CredentialParts::Certificate(CertificateParts {
                extra_claims: claims.map(str::to_owned),
                ..CertificateParts::new(source)
            })
        };
        let secret = || CredentialParts::Secret("s".to_owned().into());
        let key = |credentials| {
            let application = Application::from_parts(ApplicationParts {
                client_id: "client".to_owned(),
                authority: "https://h.example/c".to_owned(),
                credentials,
                ..Default::default()
            })
            .unwrap();
            let request = TokenRequestParts { scopes: owned(&["s"]), ..Default::default() };
            let request = TokenRequest::from_parts(request, AuthorityKind::Generic).unwrap();
            EntryKey::of_token(&application, &application.authority, &request).bytes
        };
        let (low, high) = (Some(r#"{"role":"low"}"#), Some(r#"{"role":"admin"}"#));
        let keys = [
            key(vec![certificate(None)]),
            key(vec![certificate(low)]),
            key(vec![certificate(high)]),
            key(vec![certificate(low), certificate(high)]),
            key(vec![certificate(low), secret()]),
        ];
        for (index, one) in keys.iter().enumerate() {
            assert!(keys.iter().skip(index + 1).all(|other| one != other), "{index}");
        }
        assert_eq!(
            keys[0],
            key(vec![secret()]),
            "applications without extra claims keep their key"
        );
        assert_eq!(keys[3], key(vec![certificate(high), certificate(low)]));
    }

    #[test]
    fn order_and_duplicates_do_not_change_the_key() {
        let one = key("a", "https://h.example/c", &["s", "t"], &["cp1", "cp2"]);
        let other = key("a", "https://h.example/c", &["t", "s", "t"], &["cp2", "cp1", "cp1"]);
        assert_eq!(one.as_bytes(), other.as_bytes());
    }
}
