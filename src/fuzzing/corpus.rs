//! Replays the committed inputs.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

type Target = fn(&[u8]);

/// The targets, which the folders of the corpus are named after.
const TARGETS: [(&str, Target); 10] = [
    ("authority_url", super::authority_url),
    ("cache_entry", super::cache_entry),
    ("discovery", super::discovery),
    ("error_answer", super::error_answer),
    ("extra_parameters", super::extra_parameters),
    ("pem", super::pem),
    ("pkcs12", super::pkcs12),
    ("token_answer", super::token_answer),
    ("unified_cache", super::unified_cache),
    ("whole_call", super::whole_call),
];

#[test]
fn h03_h06_every_property_holds_for_the_corpus_and_for_what_fuzzing_has_found() {
    for (name, target) in TARGETS {
        let files = files_of(&format!("corpus/{name}"));
        assert!(!files.is_empty(), "no corpus for {name}");
        for file in files.into_iter().chain(files_of(&format!("regressions/{name}"))) {
            // If the test fails, the last line names the input.
            println!("{}", file.display());
            target(&fs::read(file).unwrap());
        }
    }
}

#[test]
fn every_target_is_replayed() {
    let mut targets: Vec<_> = fs::read_dir(folder("fuzz_targets"))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    targets.sort();
    assert_eq!(targets, TARGETS.map(|(name, _)| name));
}

#[test]
fn the_targets_are_built_with_the_versions_of_the_component() {
    let lock =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock")).unwrap();
    let of_component: Vec<_> = packages_of(&lock).collect();
    let lock = fs::read_to_string(folder("Cargo.lock")).unwrap();
    let is_another_version = |&package: &(&str, &str)| {
        of_component.iter().any(|other| other.0 == package.0) && !of_component.contains(&package)
    };
    let other: Vec<_> = packages_of(&lock).filter(is_another_version).collect();
    assert!(other.is_empty(), "update fuzz/Cargo.lock as fuzz/README.md says: {other:?}");
}

/// The files of a folder, in order; empty if there is no such folder.
fn files_of(name: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder(name)).into_iter().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(name)
}

/// The names and versions in a `Cargo.lock`.
fn packages_of(lock: &str) -> impl Iterator<Item = (&str, &str)> {
    lock.split("[[package]]").skip(1).map(|package| {
        let field = |name: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap_or_default().trim_matches([' ', '=', '"'])
        };
        (field("name"), field("version"))
    })
}
