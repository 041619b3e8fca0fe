//! The JSON schema in which the MSAL libraries store tokens, restricted to an application's own tokens.
//!
//! The libraries share the schema but differ in details: MSAL Python needs `home_account_id: null`, MSAL Node an empty
//! string, a key with one more hyphen and the authority's port. So each token is written twice.

use std::rc::Rc;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use sha2::Digest;
use sha2::Sha256;

use crate::authority::Authority;
use crate::authority::AuthorityRules;
use crate::byte_order_mark::after_mark;
use crate::cache::CachedToken;
use crate::error::Rejection;
use crate::json;
use crate::json::Member;
use crate::json::Members;
use crate::secret::Secret;
use crate::time::UnixTime;
use crate::token_endpoint::is_bearer_token;

/// A token in the schema.
#[derive(Debug)]
pub(crate) struct UnifiedToken {
    /// The tenant, which is the schema's realm.
    pub(crate) tenant: String,
    /// The requested scopes.
    pub(crate) scopes: Vec<String>,
    /// The token.
    pub(crate) token: CachedToken,
}

/// The application whose tokens are read.
pub(crate) struct Owner<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) authority: &'a Authority,
    pub(crate) rules: &'a AuthorityRules,
}

impl Owner<'_> {
    /// Reads this owner's tokens. Also returns why others were skipped.
    pub(crate) fn read(
        &self,
        text: &str,
        now: UnixTime,
    ) -> Result<(Vec<UnifiedToken>, Vec<SkipReason>), Rejection> {
        if text.len() > MAX_LENGTH {
            return Err(Rejection::too_long(FIELD, "is longer than 1 MiB"));
        }
        let text = after_mark(text);
        let mut tokens: Vec<UnifiedToken> = Vec::new();
        let mut skipped = Vec::new();
        let mut read = |entry: Option<Members>| {
            let entry = entry.unwrap_or_default();
            match self.read_entry(&entry, now) {
                Ok(token) if tokens.iter().any(|other| token.is_same(other)) => {}
                Ok(token) => tokens.push(token),
                Err(SkipReason::OtherAuthority) => {
                    let secret = digest(entry.text("secret").unwrap_or_default());
                    skipped.push((SkipReason::OtherAuthority, Some(secret)));
                }
                Err(reason) => skipped.push((reason, None)),
            }
        };
        if json::parse_entries(text.as_bytes(), "AccessToken", &MEMBERS, &mut read).is_none() {
            return Err(Rejection::malformed(
                FIELD,
                "is not a JSON object without duplicate names; give an MSAL token cache",
            ));
        }
        // The form of MSAL Python, without the port, of a token that was read in another form.
        let is_read = |secret: &[u8; 32]| {
            tokens.iter().any(|token| digest(token.token.access_token.expose()) == *secret)
        };
        skipped.retain(|(_, secret)| !secret.as_ref().is_some_and(is_read));
        Ok((tokens, skipped.into_iter().map(|(reason, _)| reason).collect()))
    }

    fn read_entry(&self, members: &Members, now: UnixTime) -> Result<UnifiedToken, SkipReason> {
        let text = |name: &str| members.text(name).unwrap_or_default();
        if let Some(reason) = self.reason_to_skip(members) {
            return Err(reason);
        }
        let secret = text("secret");
        let time = |name: &str| members.get(name).and_then(read_time);
        let expires_on = time("expires_on").filter(|_| is_bearer_token(secret));
        let scopes: Vec<String> = text("target").split_whitespace().map(str::to_owned).collect();
        Ok(UnifiedToken {
            tenant: text("realm").to_owned(),
            token: CachedToken {
                access_token: Secret::from(secret.to_owned()),
                scopes: scopes.clone(),
                issued_at: time("cached_at").unwrap_or(now),
                expires_on: expires_on.ok_or(SkipReason::Unreadable)?,
                refresh_on: time("refresh_on"),
                ended: None,
                acquired_with: None,
            },
            scopes,
        })
    }

    /// Why the token is not this owner's, or not for a plain request.
    fn reason_to_skip(&self, members: &Members) -> Option<SkipReason> {
        let text = |name: &str| members.text(name).unwrap_or_default();
        let is_extension = |name: &&str| members.get(name).is_some_and(|value| !is_empty(value));
        let token_type = text("token_type");
        let is_bearer = token_type.is_empty() || token_type.eq_ignore_ascii_case("Bearer");
        let environment = text("environment").to_ascii_lowercase();
        if members.text("secret").is_none() {
            Some(SkipReason::Unreadable)
        } else if !text("credential_type").eq_ignore_ascii_case("AccessToken") || !is_bearer {
            Some(SkipReason::OtherKind)
        } else if !text("home_account_id").is_empty() {
            Some(SkipReason::OfUser)
        } else if !self.authority.is_same_name(text("client_id"), self.client_id) {
            Some(SkipReason::OtherClient)
        } else if !self.authority.has_alias(&environment, self.rules) {
            Some(SkipReason::OtherAuthority)
        } else {
            EXTENSIONS.iter().any(is_extension).then_some(SkipReason::OtherKind)
        }
    }
}

/// Why an entry of a cache is not imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SkipReason {
    /// The token of a user.
    OfUser,
    /// The token of another client ID.
    OtherClient,
    /// The token of another authority, cloud or port, or of a tenant that the authority does not have.
    OtherAuthority,
    /// A token that only some requests get: bound to a key, for other arguments than scopes, or for scopes that no request
    /// of this kind can have.
    OtherKind,
    /// Expired, or from the future.
    Expired,
    /// Not in the schema.
    Unreadable,
}

impl UnifiedToken {
    fn is_same(&self, other: &Self) -> bool {
        self.tenant == other.tenant && self.scopes == other.scopes && self.token == other.token
    }
}

/// Serializes these tokens as a cache.
pub(crate) fn to_text(client_id: &str, tokens: &[(Rc<Authority>, UnifiedToken)]) -> Secret<String> {
    let mut entries = Map::new();
    for (authority, token) in tokens {
        let (host, host_and_port) = (authority.host(), authority.origin().to_string());
        let target = token.scopes.join(" ");
        let key = |environment: &str| {
            format!("-{environment}-accesstoken-{client_id}-{}-{target}", token.tenant)
        };
        let entry = |home_account_id: Value, environment: &str| {
            let seconds = |time: UnixTime| Value::from(time.to_seconds().to_string());
            let members = [
                ("home_account_id", home_account_id),
                ("environment", Value::from(environment)),
                ("credential_type", Value::from("AccessToken")),
                ("client_id", Value::from(client_id)),
                ("realm", Value::from(token.tenant.as_str())),
                ("target", Value::from(target.as_str())),
                ("secret", Value::from(token.token.access_token.expose().as_str())),
                ("token_type", Value::from("Bearer")),
                ("cached_at", seconds(token.token.issued_at)),
                ("expires_on", seconds(token.token.expires_on)),
                ("extended_expires_on", seconds(token.token.expires_on)),
            ];
            // Omitted instead of null, on which MSAL Python fails.
            let refresh_on = token.token.refresh_on.map(|time| ("refresh_on", seconds(time)));
            let mut entry = Map::new();
            for (name, value) in members.into_iter().chain(refresh_on) {
                entry.insert(name.to_owned(), value);
            }
            Value::Object(entry)
        };
        for (key, entry) in [
            (key(host), entry(Value::Null, host)),
            (key(&host_and_port) + "-", entry(Value::from(""), &host_and_port)),
        ] {
            let folded = key.to_ascii_lowercase();
            // Two names that differ in case only. The libraries compare the members, not the key.
            let key = if entries.contains_key(&folded) { key } else { folded };
            entries.insert(key, entry);
        }
    }
    let cache = json!({ "AccessToken": entries });
    // Not `Display`, which would link two more serializers.
    Secret::from(serde_json::to_string(&cache).unwrap_or_default())
}

/// Parses seconds in a string, or as a number, which some libraries write.
fn read_time(value: &Member) -> Option<UnixTime> {
    let seconds = match value {
        Member::Text(text) => text.parse().ok()?,
        Member::Number(number) => number.as_u64()?,
        _ => return None,
    };
    Some(UnixTime::from_seconds(seconds)).filter(|time| time.to_seconds() > 0)
}

/// Whether a member is equivalent to an absent one.
fn is_empty(value: &Member) -> bool {
    match value {
        Member::Null => true,
        Member::Text(text) => text.is_empty(),
        Member::Object { is_empty, .. } => *is_empty,
        _ => false,
    }
}

fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret).into()
}

/// The members that are read.
const MEMBERS: [&str; 19] = [
    "additionalCacheKeyComponents",
    "cached_at",
    "client_id",
    "credential_type",
    "environment",
    "expires_on",
    "ext",
    "ext_cache_key",
    "home_account_id",
    "key_id",
    "keyid",
    "kid",
    "realm",
    "refresh_on",
    "requestedClaimsHash",
    "secret",
    "target",
    "token_type",
    "user_assertion_hash",
];

/// Members that restrict a token to requests with extra arguments, as each library spells them.
const EXTENSIONS: [&str; 8] = [
    "additionalCacheKeyComponents",
    "ext",
    "ext_cache_key",
    "key_id",
    "keyid",
    "kid",
    "requestedClaimsHash",
    "user_assertion_hash",
];
const FIELD: &str = "cache";
const MAX_LENGTH: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);

    fn read(entry: &Value) -> Option<UnifiedToken> {
        let rules = AuthorityRules::default();
        let authority = Authority::parse("authority", "contoso.com", &rules).unwrap();
        let owner = Owner { client_id: "client", authority: &authority, rules: &rules };
        let cache = json!({ "AccessToken": { "any key": entry }, "Account": {} }).to_string();
        let (mut tokens, skipped) = owner.read(&cache, NOW).unwrap();
        assert_eq!(tokens.len() + skipped.len(), 1);
        tokens.pop()
    }

    fn entry() -> Value {
        json!({
            "home_account_id": null, "environment": "login.microsoftonline.com",
            "credential_type": "AccessToken", "client_id": "CLIENT", "realm": "fabrikam.com",
            "target": "https://b/.default", "secret": "token-1",
            "cached_at": "1700000000", "expires_on": 1_700_003_600,
        })
    }

    #[test]
    fn tokens_of_the_application_are_read_from_every_library() {
        let token = read(&entry()).unwrap();
        assert_eq!(token.tenant, "fabrikam.com");
        assert_eq!(token.token.expires_on.to_seconds(), 1_700_003_600);
        let mut of_node = entry();
        of_node["home_account_id"] = json!("");
        of_node["environment"] = json!("login.windows.net");
        assert!(read(&of_node).is_some());
        for nothing in [json!(null), json!(""), json!({})] {
            let mut plain = entry();
            plain["ext"] = nothing;
            assert!(read(&plain).is_some(), "{plain}");
        }
    }

    #[test]
    fn entries_of_other_owners_or_requests_are_skipped() {
        for (name, value) in [
            ("home_account_id", json!("user.tenant")),
            ("environment", json!("login.microsoftonline.us")),
            ("credential_type", json!("AccessToken_With_AuthScheme")),
            ("client_id", json!("other")),
            ("token_type", json!("pop")),
            ("secret", json!("a b")),
            ("ext_cache_key", json!("hash")),
            ("ext", json!({"fmi_path": "a"})),
            ("additionalCacheKeyComponents", json!({"fmi_path": "a"})),
            ("expires_on", json!("soon")),
        ] {
            let mut entry = entry();
            entry[name] = value;
            assert!(read(&entry).is_none(), "{name}");
        }
        assert!(read(&json!("text")).is_none());
    }

    /// Of caches that were copied with an editor or a shell.
    #[test]
    fn a_byte_order_mark_is_no_part_of_a_cache() {
        let rules = AuthorityRules::default();
        let authority = Authority::parse("authority", "contoso.com", &rules).unwrap();
        let owner = Owner { client_id: "client", authority: &authority, rules: &rules };
        let marked = format!("\u{feff}{}", json!({ "AccessToken": { "any key": entry() } }));
        assert_eq!(owner.read(&marked, NOW).unwrap().0.len(), 1);
    }

    #[test]
    fn exported_tokens_are_imported_once() {
        let rules = AuthorityRules::default();
        let authority = Authority::parse("authority", "fabrikam.com", &rules).unwrap();
        let token = read(&entry()).unwrap();
        let text = to_text("client", &[(Rc::new(authority.clone()), token)]);
        let owner = Owner { client_id: "client", authority: &authority, rules: &rules };
        let (tokens, skipped) = owner.read(text.expose(), NOW).unwrap();
        assert_eq!((tokens.len(), skipped.len()), (1, 0));
        let value: Value = serde_json::from_str(text.expose()).unwrap();
        let keys: Vec<&String> = value["AccessToken"].as_object().unwrap().keys().collect();
        let plain = "-login.microsoftonline.com-accesstoken-client-fabrikam.com-https://b/.default";
        assert_eq!(keys, [plain, &format!("{plain}-")]);
    }
}
