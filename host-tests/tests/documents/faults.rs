//! Every fault of `docs/faults.md` cites its tests, and every test named after a fault names one that exists.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::citations::assert_all_exist;
use crate::citations::has_proof;
use crate::citations::read;
use crate::citations::root;
use crate::citations::rows_of;

const FAULTS: &str = "docs/faults.md";
/// Each section's letter and the number of its faults.
const SECTIONS: &str = "A42 B34 C48 D20 E33 F25 G18 H14 I10";
/// How a row without a test begins its reason.
const REASONS: [&str; 2] = ["open: ", "not a test: "];

#[test]
fn every_fault_is_listed_once_and_cites_a_test_or_gives_a_reason() {
    let rows = rows_of(&read(FAULTS), 4);
    let listed: Vec<_> = rows.iter().map(|row| row[0].clone()).collect();
    let expected: Vec<_> = SECTIONS
        .split(' ')
        .map(|section| section.split_at(1))
        .flat_map(|(letter, count)| ids(letter, count.parse().unwrap()))
        .collect();
    assert_eq!(listed, expected);
    for row in &rows {
        let reason = REASONS.iter().find_map(|start| row[3].strip_prefix(start));
        let is_explained = reason.is_some_and(|reason| reason.len() >= 10);
        assert!(is_explained || has_proof(&row[3]), "{} cites no test and gives no reason", row[0]);
    }
    assert_all_exist(FAULTS, &read(FAULTS));
}

#[test]
fn every_test_named_after_a_fault_names_one_of_the_catalogue() {
    let listed: BTreeSet<_> =
        rows_of(&read(FAULTS), 4).iter().map(|row| row[0].to_lowercase()).collect();
    let mut named = 0;
    visit(&root(), &mut |source: &str| {
        for rest in source.split("fn ").skip(1) {
            let name = rest.split('(').next().unwrap_or_default();
            for id in name.split('_').take_while(|part| is_id(part)) {
                assert!(listed.contains(id), "{name}: {FAULTS} has no {id}");
                named += 1;
            }
        }
    });
    assert!(named >= 300, "only {named} tests are named after a fault");
}

fn ids(letter: &str, count: usize) -> impl Iterator<Item = String> + '_ {
    (1..=count).map(move |number| format!("{letter}{number:02}"))
}

fn is_id(part: &str) -> bool {
    matches!(part.as_bytes(), [b'a'..=b'z', b'0'..=b'9', b'0'..=b'9'])
}

/// Calls the function with the text of each Rust file of ours in the folder and below.
fn visit(folder: &Path, use_source: &mut dyn FnMut(&str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            visit(&path, use_source);
        } else if name.ends_with(".rs") {
            use_source(&fs::read_to_string(&path).unwrap());
        }
    }
}
