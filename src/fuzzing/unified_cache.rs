//! Caches in MSAL's schema.

use serde_json::Value;

use crate::byte_order_mark::after_mark;
use crate::migrate::export_token_cache;
use crate::migrate::import_token_cache;
use crate::request::TokenRequestParts;
use crate::secret::Secret;

use super::call::plain_application;
use super::planted::check_cause;
use super::script::Script;
use super::scripted_host::ScriptedHost;
use super::scripted_host::run;

/// A cache that is imported: what is exported after it comes back unchanged.
pub fn unified_cache(text: &[u8]) {
    let Ok(text) = String::from_utf8(text.to_vec()) else {
        return;
    };
    let mut host = host();
    let Some((imported, _)) = import(&mut host, &text) else {
        return;
    };
    let requests = requests_of(&text);
    assert!(imported == 0 || !requests.is_empty(), "tokens from nowhere");
    assert!(host.entries() <= imported, "more entries than tokens");
    for request in requests {
        let Some(exported) = export(&mut host, &request) else {
            continue;
        };
        let mut other = self::host();
        let report = import(&mut other, &exported).expect("an export is a cache");
        assert!(matches!(report, (0 | 1, 0)), "{report:?} of {exported}");
        assert_eq!(export(&mut other, &request).as_ref(), Some(&exported));
    }
}

fn host() -> ScriptedHost<'static> {
    ScriptedHost::new(Script::new(b""), Vec::new())
}

/// The numbers of imported and of skipped tokens; `None` if the text is no cache.
fn import(host: &mut ScriptedHost<'_>, text: &str) -> Option<(usize, usize)> {
    let cache = Secret::from(text.to_owned());
    match run(import_token_cache(host, plain_application(), &cache)) {
        Ok(report) => {
            let count = |number| usize::try_from(number).expect("a few tokens");
            Some((count(report.imported), count(report.skipped)))
        }
        Err(error) => {
            check_cause(&error.cause);
            None
        }
    }
}

/// The token of this request; `None` if it cannot have one.
fn export(host: &mut ScriptedHost<'_>, request: &TokenRequestParts) -> Option<String> {
    let exported =
        run(export_token_cache(host, plain_application(), vec![request.clone()])).ok()?;
    Some(exported.into_inner())
}

/// The requests that the tokens of a cache would serve.
fn requests_of(text: &str) -> Vec<TokenRequestParts> {
    let text = after_mark(text);
    let cache: Value = serde_json::from_str(text).unwrap_or_default();
    let entries = cache["AccessToken"].as_object();
    let requests = entries.into_iter().flatten().take(8).flat_map(|(_, entry)| {
        let scopes = entry["target"].as_str().unwrap_or_default().split_whitespace();
        let request = TokenRequestParts {
            scopes: scopes.map(str::to_owned).collect(),
            ..TokenRequestParts::default()
        };
        let tenant = entry["realm"].as_str().map(str::to_owned);
        [request.clone(), TokenRequestParts { tenant, ..request }]
    });
    requests.collect()
}
