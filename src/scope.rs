//! Scopes: a sorted set of scope tokens (RFC 6749, section 3.3).

use crate::authority::AuthorityKind;
use crate::error::Rejection;
use crate::sorted_set::to_sorted_set;

/// The scopes of a request, sorted and without duplicates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scopes(Vec<String>);

impl Scopes {
    /// Validates the scopes of a request to this kind of server.
    pub(crate) fn parse(scopes: Vec<String>, kind: AuthorityKind) -> Result<Self, Rejection> {
        if scopes.is_empty() {
            return Err(Rejection::missing(
                FIELD,
                "is empty; give the resource's scope, such as https://graph.microsoft.com/.default",
            ));
        }
        if scopes.len() >= SHORTEST_TEXT && scopes.iter().all(|scope| scope.chars().count() == 1) {
            return Err(Rejection::malformed(
                FIELD,
                "is a list of single characters: give a list with a string in it, not the string itself",
            ));
        }
        let length = scopes.iter().fold(0_usize, |sum, scope| sum.saturating_add(scope.len()));
        if scopes.len() > MAX_SCOPES || length > MAX_LENGTH {
            return Err(Rejection::too_long(
                FIELD,
                "contains more than 32 scopes, or more than 4096 bytes in total",
            ));
        }
        if !scopes.iter().all(|scope| is_scope_token(scope)) {
            return Err(Rejection::malformed(
                FIELD,
                "contains an empty scope, or one with a space, quote, backslash, control or non-ASCII \
                 character; give each scope as a separate element",
            ));
        }
        if scopes.iter().any(|scope| is_openid_scope(scope)) {
            return Err(Rejection::not_allowed(
                FIELD,
                "contains openid, profile or offline_access, which need a signed-in user; remove them",
            ));
        }
        let mut scopes = to_sorted_set(scopes);
        if kind.has_default_scopes() {
            scopes.dedup_by_key(|scope| scope.to_ascii_lowercase());
            check_entra_scopes(&scopes)?;
        }
        Ok(Self(scopes))
    }

    /// The scopes as given, sorted.
    pub(crate) fn to_vec(&self) -> Vec<String> {
        self.0.clone()
    }

    /// The `scope` parameter of the token request.
    pub(crate) fn to_parameter(&self) -> String {
        self.0.join(" ")
    }

    /// The scopes in cache keys: Entra's are case-insensitive.
    pub(crate) fn to_cache_key_parts(&self, kind: AuthorityKind) -> Vec<String> {
        if kind.has_default_scopes() {
            return self.0.iter().map(|scope| scope.to_ascii_lowercase()).collect();
        }
        self.to_vec()
    }
}

/// Entra accepts only `{resource}/.default` for one resource in this grant. Checked here to save a round trip.
fn check_entra_scopes(scopes: &[String]) -> Result<(), Rejection> {
    if scopes.iter().any(|scope| !is_default_scope(scope)) {
        return Err(Rejection::malformed(
            FIELD,
            "contains a scope that does not end in /.default; request {resource}/.default, such as \
             https://graph.microsoft.com/.default",
        ));
    }
    if scopes.len() > 1 || scopes.iter().any(|scope| scope.contains(',')) {
        return Err(Rejection::not_allowed(
            FIELD,
            "names several resources, but a token is for one; make one call per resource",
        ));
    }
    Ok(())
}

fn is_default_scope(scope: &str) -> bool {
    scope
        .len()
        .checked_sub(DEFAULT_SCOPE.len())
        .and_then(|start| Some((scope.get(..start)?, scope.get(start..)?)))
        .is_some_and(|(resource, suffix)| {
            !resource.is_empty() && suffix.eq_ignore_ascii_case(DEFAULT_SCOPE)
        })
}

fn is_openid_scope(scope: &str) -> bool {
    OPENID_SCOPES.iter().any(|name| scope.eq_ignore_ascii_case(name))
}

/// RFC 6749, section 3.3: `1*( %x21 / %x23-5B / %x5D-7E )`.
fn is_scope_token(scope: &str) -> bool {
    !scope.is_empty()
        && scope.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
}

/// The field of the contract.
pub(crate) const FIELD: &str = "request.scopes";
const DEFAULT_SCOPE: &str = "/.default";
const MAX_SCOPES: usize = 32;
/// No shorter text is the name of a resource. A few scopes may have names of one character.
const SHORTEST_TEXT: usize = 8;
const MAX_LENGTH: usize = 4_096;
const OPENID_SCOPES: [&str; 3] = ["openid", "profile", "offline_access"];

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(scopes: &[&str], kind: AuthorityKind) -> Result<Scopes, Rejection> {
        Scopes::parse(scopes.iter().map(|&scope| scope.to_owned()).collect(), kind)
    }

    #[test]
    fn entra_accepts_one_default_scope() {
        assert!(parse(&["api://x/.default"], AuthorityKind::Entra).is_ok());
        assert!(parse(&["https://vault.example//.default"], AuthorityKind::Entra).is_ok());
        for scopes in [
            &["api.read"][..],
            &["/.default"],
            &["a/.default", "b/.default"],
            &["a/.default,b/.default"],
            &[],
        ] {
            assert!(parse(scopes, AuthorityKind::Entra).is_err(), "{scopes:?}");
        }
    }

    /// Users of untyped languages report this of every MSAL: a string counts as the list of its characters.
    #[test]
    fn a_string_in_place_of_a_list_is_recognized() {
        let text = "https://graph.microsoft.com/.default";
        let characters = text.chars().map(String::from).collect();
        let reason = Scopes::parse(characters, AuthorityKind::Generic).unwrap_err().reason;
        assert!(reason.contains("single characters"), "{reason}");
        assert!(parse(&["a"], AuthorityKind::Generic).is_ok());
    }

    #[test]
    fn other_servers_accept_any_scope_tokens() {
        let scopes = parse(&["b", "a&client_id=evil", "b", "B"], AuthorityKind::Generic).unwrap();
        assert_eq!(scopes.to_parameter(), "B a&client_id=evil b");
        assert_eq!(scopes.to_cache_key_parts(AuthorityKind::Generic).len(), 3);
    }

    #[test]
    fn entras_scopes_are_case_insensitive() {
        let upper = parse(&["API://X/.DEFAULT"], AuthorityKind::Entra).unwrap();
        let both = parse(&["api://x/.default", "API://X/.DEFAULT"], AuthorityKind::Entra).unwrap();
        assert_eq!(upper.to_parameter(), "API://X/.DEFAULT");
        assert_eq!(
            upper.to_cache_key_parts(AuthorityKind::Entra),
            both.to_cache_key_parts(AuthorityKind::Entra)
        );
    }

    #[test]
    fn invalid_scope_tokens_are_rejected() {
        for scope in ["a b", "a\"b", "a\\b", "a\tb", "é", "", "openid", "Profile", "offline_access"]
        {
            assert!(parse(&[scope], AuthorityKind::Generic).is_err(), "{scope:?}");
        }
        assert!(parse(&["a"; 33], AuthorityKind::Generic).is_err());
        assert!(parse(&[&"a".repeat(4_097)], AuthorityKind::Generic).is_err());
    }
}
