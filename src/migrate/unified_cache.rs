//! The JSON schema in which the MSAL libraries store tokens, restricted to an application's own tokens.
//!
//! The libraries share the schema but differ in details: MSAL Python needs `home_account_id: null`, MSAL Node an empty
//! string and a key with one more hyphen. So each token is written twice.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::authority::Authority;
use crate::authority::AuthorityRules;
use crate::cache::CachedToken;
use crate::error::Rejection;
use crate::json;
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
    /// Reads this owner's tokens. Also returns the number of other entries, which are skipped.
    pub(crate) fn read(
        &self,
        text: &str,
        now: UnixTime,
    ) -> Result<(Vec<UnifiedToken>, u32), Rejection> {
        if text.len() > MAX_LENGTH {
            return Err(Rejection::too_long(FIELD, "is longer than 1 MiB"));
        }
        let Some(Value::Object(root)) = json::parse_strict(text.as_bytes()) else {
            return Err(Rejection::malformed(
                FIELD,
                "is not a JSON object without duplicate names; give an MSAL token cache",
            ));
        };
        let mut tokens: Vec<UnifiedToken> = Vec::new();
        let mut skipped = 0_u32;
        let entries = root.get("AccessToken").and_then(Value::as_object);
        for entry in entries.into_iter().flat_map(Map::values) {
            match self.read_entry(entry, now) {
                // The same token in the form of another library.
                Some(token) if tokens.iter().any(|other| token.is_same(other)) => {}
                Some(token) => tokens.push(token),
                None => skipped = skipped.saturating_add(1),
            }
        }
        Ok((tokens, skipped))
    }

    fn read_entry(&self, entry: &Value, now: UnixTime) -> Option<UnifiedToken> {
        let members = entry.as_object()?;
        let text = |name: &str| members.get(name).and_then(Value::as_str).unwrap_or_default();
        let has_extension =
            EXTENSIONS.iter().any(|&name| members.get(name).is_some_and(|value| !is_empty(value)));
        let token_type = text("token_type");
        let is_own = text("credential_type").eq_ignore_ascii_case("AccessToken")
            && text("home_account_id").is_empty()
            && text("client_id").eq_ignore_ascii_case(self.client_id)
            && self.authority.has_alias(&text("environment").to_ascii_lowercase(), self.rules)
            && (token_type.is_empty() || token_type.eq_ignore_ascii_case("Bearer"))
            && !has_extension;
        let secret = text("secret");
        if !is_own || !is_bearer_token(secret) {
            return None;
        }
        let time = |name: &str| members.get(name).and_then(read_time);
        let scopes: Vec<String> = text("target").split_whitespace().map(str::to_owned).collect();
        Some(UnifiedToken {
            tenant: text("realm").to_owned(),
            token: CachedToken {
                access_token: Secret::from(secret.to_owned()),
                scopes: scopes.clone(),
                issued_at: time("cached_at").unwrap_or(now),
                expires_on: time("expires_on")?,
                refresh_on: time("refresh_on"),
                ended: None,
            },
            scopes,
        })
    }
}

impl UnifiedToken {
    fn is_same(&self, other: &Self) -> bool {
        self.tenant == other.tenant && self.scopes == other.scopes && self.token == other.token
    }
}

/// Serializes these tokens as a cache.
pub(crate) fn to_text(client_id: &str, tokens: &[(Authority, UnifiedToken)]) -> Secret<String> {
    let mut entries = Map::new();
    for (authority, token) in tokens {
        let environment = authority.host();
        let target = token.scopes.join(" ");
        let plain_key = format!("-{environment}-accesstoken-{client_id}-{}-{target}", token.tenant)
            .to_ascii_lowercase();
        let entry = |home_account_id: Value| {
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
        entries.insert(format!("{plain_key}-"), entry(Value::from("")));
        entries.insert(plain_key, entry(Value::Null));
    }
    let cache = json!({ "AccessToken": entries });
    // Not `Display`, which would link two more serializers.
    Secret::from(serde_json::to_string(&cache).unwrap_or_default())
}

/// Parses seconds in a string, or as a number, which some libraries write.
fn read_time(value: &Value) -> Option<UnixTime> {
    let seconds = match value {
        Value::String(text) => text.parse().ok()?,
        value => value.as_u64()?,
    };
    Some(UnixTime::from_seconds(seconds)).filter(|time| time.to_seconds() > 0)
}

/// Whether a member is equivalent to an absent one.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

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
        assert_eq!(tokens.len() + usize::try_from(skipped).unwrap(), 1);
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

    #[test]
    fn exported_tokens_are_imported_once() {
        let rules = AuthorityRules::default();
        let authority = Authority::parse("authority", "fabrikam.com", &rules).unwrap();
        let token = read(&entry()).unwrap();
        let text = to_text("client", &[(authority.clone(), token)]);
        let owner = Owner { client_id: "client", authority: &authority, rules: &rules };
        let (tokens, skipped) = owner.read(text.expose(), NOW).unwrap();
        assert_eq!((tokens.len(), skipped), (1, 0));
        let value: Value = serde_json::from_str(text.expose()).unwrap();
        let keys: Vec<&String> = value["AccessToken"].as_object().unwrap().keys().collect();
        let plain = "-login.microsoftonline.com-accesstoken-client-fabrikam.com-https://b/.default";
        assert_eq!(keys, [plain, &format!("{plain}-")]);
    }
}
