//! The tables of `docs/conformance.md` and of the README cite tests; what they cite must be there.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// The cases of the MSALs' own test suites, and the behaviours that all of them should have.
const CASES: usize = 118;
const MUST_HAVES: usize = 20;
/// Of all rows, at most so many of a hundred may be about something that a component does not have.
const MAX_EXEMPT_PERCENT: usize = 15;

#[test]
fn every_case_of_msal_is_in_the_table_once() {
    let mut counts = BTreeMap::<String, usize>::new();
    for row in conformance() {
        *counts.entry(row[0].clone()).or_default() += 1;
    }
    let cases = (1..=CASES).map(|number| number.to_string());
    let must_haves = (1..=MUST_HAVES).map(|number| format!("M{number}"));
    let expected = cases.chain(must_haves).map(|case| (case, 1)).collect();
    assert_eq!(counts, expected);
}

#[test]
fn every_case_cites_a_test_or_says_why_none_applies() {
    let rows = conformance();
    let mut exempt = 0;
    for row in &rows {
        let (case, proof) = (&row[0], &row[2]);
        if let Some(reason) = proof.strip_prefix(EXEMPT) {
            assert!(reason.trim().len() >= 10, "case {case} gives no reason");
            exempt += 1;
        } else {
            assert!(has_proof(proof), "case {case} cites no test");
        }
    }
    let limit = rows.len() * MAX_EXEMPT_PERCENT / 100;
    assert!(exempt <= limit, "{exempt} of {} cases do not apply", rows.len());
}

#[test]
fn every_feature_of_ours_cites_a_test() {
    let rows = rows_of(&features(), 9);
    assert!(rows.len() >= 40, "only {} features", rows.len());
    for row in &rows {
        let (feature, ours, proof) = (&row[0], &row[7], &row[8]);
        let is_claimed = ours.starts_with('Y') || ours.starts_with("(Y)");
        assert!(is_claimed || ours.starts_with('N'), "{feature}: {ours}");
        assert!(!is_claimed || has_proof(proof), "{feature} cites no test");
    }
}

#[test]
fn whatever_is_cited_is_there() {
    for (page, text) in
        [("docs/conformance.md", read("docs/conformance.md")), ("README", features())]
    {
        let cited: Vec<_> = text.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        let missing: Vec<_> = cited.iter().filter(|reference| is_broken(reference)).collect();
        assert!(missing.is_empty(), "{page} cites what is not there: {missing:#?}");
    }
}

/// The rows of the table of cases.
fn conformance() -> Vec<Vec<String>> {
    rows_of(&read("docs/conformance.md"), 4)
}

/// The README's section about features; its other tables cite nothing.
fn features() -> String {
    let readme = read("README.md");
    let (_, section) = readme.split_once(FEATURES).expect("the README has the table of features");
    section.split("\n## ").next().unwrap_or_default().to_owned()
}

/// The cells of every table row with that many cells, headings and rules left out.
fn rows_of(text: &str, cells: usize) -> Vec<Vec<String>> {
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

fn has_proof(cell: &str) -> bool {
    cell.split('`').skip(1).step_by(2).any(|text| is_test(text) || is_scenario(text))
}

fn is_test(text: &str) -> bool {
    text.contains(".rs::")
}

fn is_scenario(text: &str) -> bool {
    text.starts_with(SCENARIO)
}

/// Whether a reference leads nowhere; other text between backticks is none.
fn is_broken(text: &str) -> bool {
    if let Some((file, function)) = text.split_once("::").filter(|_| is_test(text)) {
        let source = fs::read_to_string(root().join(file)).unwrap_or_default();
        return !source.contains(&format!("fn {function}("));
    }
    let name = text.strip_prefix(SCENARIO);
    let story = |name| root().join("tests/scenarios").join(name).join("scenario.json");
    name.is_some_and(|name| name.is_empty() || !story(name).is_file())
}

fn read(page: &str) -> String {
    fs::read_to_string(root().join(page)).unwrap_or_else(|error| panic!("{page}: {error}"))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

const FEATURES: &str = "\n## Features beside the MSALs\n";
const EXEMPT: &str = "does not apply: ";
const SCENARIO: &str = "scenario ";
