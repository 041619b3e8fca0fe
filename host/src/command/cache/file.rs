//! A cache file shared with MSAL's libraries.

use std::path::Path;

use serde_json::Map;
use serde_json::Value;

use crate::command::Failure;
use crate::command::file;
use crate::command::replace;
use crate::command::replace::NewFile;

/// Merges entries into a file, which is created if it is missing. Other nodes and entries are kept.
pub(super) fn merge_into(path: &Path, exported: &str) -> Result<(), Failure> {
    let cannot = |error| replace::cannot_write(FLAG, &error);
    // Follow a symbolic link instead of replacing it.
    let existing = replace::existing(path).map_err(cannot)?;
    let content = match &existing {
        Some(target) => file::text(FLAG, file::read_whole(FLAG, target)?)?,
        None => String::new(),
    };
    let merged = merged(&content, exported).map_err(|reason| Failure::of(FLAG, reason))?;
    let target = existing.as_deref().unwrap_or(path);
    // It contains tokens.
    replace::replace(target, merged.as_bytes(), NewFile::Private).map_err(cannot)
}

/// Merges the caches. An existing entry with the same name is an older version of the token.
fn merged(content: &str, exported: &str) -> Result<String, String> {
    let object = |text: &str| serde_json::from_str::<Map<String, Value>>(text);
    let mut root = if content.trim_ascii().is_empty() {
        Map::new()
    } else {
        // The parser's message could quote a token.
        object(content)
            .map_err(|_| "the file is not a JSON object, so it was not changed".to_owned())?
    };
    let exported =
        object(exported).map_err(|_| "the component's cache is not a JSON object".to_owned())?;
    for (node, entries) in exported {
        match (root.get_mut(&node), entries) {
            (Some(Value::Object(there)), Value::Object(entries)) => there.extend(entries),
            (None | Some(Value::Null), entries) => {
                root.insert(node, entries);
            }
            _ => {
                return Err(format!(
                    "the file's {node} is not a JSON object, so it was not changed"
                ));
            }
        }
    }
    Ok(Value::Object(root).to_string())
}

const FLAG: &str = "--into";

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::json;

    use super::*;

    #[test]
    fn other_entries_are_kept_and_ours_are_replaced() {
        let content = json!({
            "Account": {"a": {"b": [1, null]}},
            "AccessToken": {"theirs": {"secret": "1"}, "ours": {"secret": "old"}},
            "Unknown": "kept",
        });
        let merged = merged(&content.to_string(), EXPORTED).unwrap();
        let expected = json!({
            "Account": {"a": {"b": [1, null]}},
            "AccessToken": {"theirs": {"secret": "1"}, "ours": {"secret": "new"}},
            "Unknown": "kept",
        });
        assert_eq!(serde_json::from_str::<Value>(&merged).unwrap(), expected);
    }

    #[test]
    fn entries_are_added_to_an_empty_cache() {
        for content in ["", "\n", "{}", r#"{"AccessToken": null}"#] {
            assert_eq!(merged(content, EXPORTED).unwrap(), EXPORTED, "{content}");
        }
    }

    #[test]
    fn anything_but_a_cache_is_refused_without_being_quoted() {
        for content in ["needle", "[]", r#""needle""#, r#"{"AccessToken": ["needle"]}"#] {
            let reason = merged(content, EXPORTED).unwrap_err();
            assert!(reason.contains("not changed") && !reason.contains("needle"), "{reason}");
        }
    }

    /// The limit for other files would refuse the cache of a large fleet.
    #[test]
    fn a_file_of_any_size_is_merged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cache");
        fs::write(&path, vec![b' '; (64 << 20) + 2]).unwrap();
        merge_into(&path, EXPORTED).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), EXPORTED);
    }

    #[test]
    fn a_file_of_another_encoding_is_merged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cache");
        let utf16: Vec<u8> = "\u{feff}{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for content in [b"\xef\xbb\xbf{}".to_vec(), utf16] {
            fs::write(&path, content).unwrap();
            merge_into(&path, EXPORTED).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), EXPORTED);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_new_file_is_private_and_an_old_one_keeps_its_permissions_and_its_links() {
        use std::os::unix::fs::PermissionsExt;
        use std::os::unix::fs::symlink;

        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("cache"), folder.path().join("link"));
        symlink(&file, &link).unwrap();
        let mode = || fs::metadata(&file).unwrap().permissions().mode() & 0o777;

        merge_into(&file, EXPORTED).unwrap();
        assert_eq!(mode(), 0o600);
        fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
        merge_into(&link, EXPORTED).unwrap();
        assert_eq!(mode(), 0o640);
        assert!(link.is_symlink());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "the temporary file is gone");
    }

    const EXPORTED: &str = r#"{"AccessToken":{"ours":{"secret":"new"}}}"#;
}
