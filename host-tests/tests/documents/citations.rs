//! Reads the tables of the documents, and finds what they cite: tests (`FILE::TEST`) and scenarios.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// Fails for every citation of the text that leads nowhere.
pub(crate) fn assert_all_exist(page: &str, text: &str) {
    let missing: Vec<_> = code_spans(text).filter(|span| is_broken(span)).collect();
    assert!(missing.is_empty(), "{page} cites what does not exist: {missing:#?}");
}

/// Whether a table cell cites a test or a scenario.
pub(crate) fn has_proof(cell: &str) -> bool {
    code_spans(cell).any(|span| is_test(span) || span.starts_with(SCENARIO))
}

/// The cells of every table row. Headings and rules are left out, and every row must have that many cells.
pub(crate) fn rows_of(text: &str, cells: usize) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut is_heading = true;
    for line in text.lines() {
        let Some(inner) = line.strip_prefix("| ").and_then(|line| line.strip_suffix(" |")) else {
            // The rule below a heading.
            is_heading = !line.starts_with("|-");
            continue;
        };
        if is_heading {
            continue;
        }
        let row: Vec<_> = inner.split(" | ").map(|cell| cell.trim().to_owned()).collect();
        assert_eq!(row.len(), cells, "{line}");
        rows.push(row);
    }
    rows
}

/// A file of the repository, as text.
pub(crate) fn read(page: &str) -> String {
    fs::read_to_string(root().join(page)).unwrap_or_else(|error| panic!("{page}: {error}"))
}

/// The repository's folder.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn code_spans(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn is_test(span: &str) -> bool {
    span.contains(".rs::")
}

/// Code spans that cite nothing are never broken.
fn is_broken(span: &str) -> bool {
    if let Some((file, function)) = span.split_once("::").filter(|_| is_test(span)) {
        let source = fs::read_to_string(root().join(file)).unwrap_or_default();
        return !source.contains(&format!("fn {function}("));
    }
    let name = span.strip_prefix(SCENARIO);
    let story = |name| root().join("tests/scenarios").join(name).join("scenario.json");
    name.is_some_and(|name| name.is_empty() || !story(name).is_file())
}

const SCENARIO: &str = "scenario ";
