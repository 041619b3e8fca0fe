//! A cache file in parts that the component takes.

use serde_json::Map;
use serde_json::Value;

/// The entries of a cache for access tokens, in parts of less than 1 MiB. An entry that is larger is one part.
pub(super) fn of(cache: &str) -> Result<Vec<String>, &'static str> {
    const NODE: &str = "AccessToken";
    // The parser's message could quote a token.
    let mut root: Map<String, Value> = serde_json::from_str(cache)
        .map_err(|_| "it is not a JSON object; give a cache file of an MSAL library")?;
    let entries = match root.remove(NODE) {
        Some(Value::Object(entries)) => entries,
        None | Some(Value::Null) => Map::new(),
        Some(_) => return Err("its AccessToken is not a JSON object"),
    };
    let mut parts = Vec::new();
    let mut part = String::new();
    for (key, entry) in entries {
        let entry = format!("{}:{entry}", Value::from(key));
        if !part.is_empty() && part.len() + entry.len() > MAX_LENGTH {
            parts.push(closed(NODE, &part));
            part.clear();
        }
        if !part.is_empty() {
            part.push(',');
        }
        part += &entry;
    }
    parts.push(closed(NODE, &part));
    Ok(parts)
}

fn closed(node: &str, entries: &str) -> String {
    format!("{{\"{node}\":{{{entries}}}}}")
}

const MAX_LENGTH: usize = 1_000_000;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_large_cache_has_parts_with_all_its_entries() {
        let entry =
            |number: usize| (format!("key \"{number}\""), json!({ "secret": "x".repeat(1_500) }));
        let entries: Map<String, Value> = (0..2_000).map(entry).collect();
        let cache = json!({ "Account": {}, "AccessToken": entries }).to_string();
        let parts = of(&cache).unwrap();
        assert!(parts.len() > 2 && parts.iter().all(|part| part.len() < 1 << 20));
        let mut found = Map::new();
        for part in parts {
            let part: Value = serde_json::from_str(&part).unwrap();
            found.extend(part["AccessToken"].as_object().unwrap().clone());
        }
        assert_eq!(found, entries);
    }

    #[test]
    fn a_cache_without_tokens_is_one_empty_part() {
        for cache in ["{}", r#"{"AccessToken":null}"#, r#"{"Account":{"a":{}}}"#] {
            assert_eq!(of(cache).unwrap(), [r#"{"AccessToken":{}}"#], "{cache}");
        }
        for cache in ["", "[]", "needle", r#"{"AccessToken":"needle"}"#] {
            assert!(!of(cache).unwrap_err().contains("needle"));
        }
    }
}
