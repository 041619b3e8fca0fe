//! The tables of `docs/conformance.md`, `docs/features.md` and `docs/isolation.md` cite tests, and the tests exist.

use std::collections::BTreeMap;

use crate::citations::assert_all_exist;
use crate::citations::has_proof;
use crate::citations::read;
use crate::citations::rows_of;

/// The cases of the MSALs' own test suites, and the behaviours that all of them should have.
const CASES: usize = 118;
const MUST_HAVES: usize = 20;
/// Of all rows, at most this percentage may be about something that a component does not have.
const MAX_EXEMPT_PERCENT: usize = 15;

#[test]
fn every_case_of_msal_is_in_the_table_once() {
    let mut counts = BTreeMap::<String, usize>::new();
    for row in cases() {
        *counts.entry(row[0].clone()).or_default() += 1;
    }
    let cases = (1..=CASES).map(|number| number.to_string());
    let must_haves = (1..=MUST_HAVES).map(|number| format!("M{number}"));
    let expected = cases.chain(must_haves).map(|case| (case, 1)).collect();
    assert_eq!(counts, expected);
}

#[test]
fn every_case_cites_a_test_or_says_why_none_applies() {
    let rows = cases();
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
    let rows = rows_of(&read(FEATURES), 9);
    assert!(rows.len() >= 40, "only {} features", rows.len());
    for row in &rows {
        let (feature, ours, proof) = (&row[0], &row[7], &row[8]);
        let is_claimed = ours.starts_with('Y') || ours.starts_with("(Y)");
        assert!(is_claimed || ours.starts_with('N'), "{feature}: {ours}");
        assert!(!is_claimed || has_proof(proof), "{feature} cites no test");
    }
}

#[test]
fn every_citation_exists() {
    for page in [CONFORMANCE, FEATURES, "docs/isolation.md"] {
        assert_all_exist(page, &read(page));
    }
}

/// The rows of the table of cases.
fn cases() -> Vec<Vec<String>> {
    rows_of(&read(CONFORMANCE), 4)
}

const CONFORMANCE: &str = "docs/conformance.md";
const FEATURES: &str = "docs/features.md";
const EXEMPT: &str = "does not apply: ";
