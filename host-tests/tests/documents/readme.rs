//! The pages show code that exists. `.ci/readme` runs the shell blocks of the README.

use std::fs;
use std::path::Path;

#[test]
fn every_block_of_code_of_the_readme_is_in_the_file_it_names() {
    assert!(compared("README.md", &["sh", "text"]) >= 3);
}

#[test]
fn every_block_of_code_about_a_guest_is_in_the_file_it_names() {
    for language in ["rust", "javascript", "python", "go"] {
        let page = format!("docs/guests/{language}.md");
        assert!(compared(&page, &["sh", "text"]) >= 3, "{page}");
    }
}

#[test]
fn every_block_of_code_of_the_page_about_spin_is_in_the_file_it_names() {
    assert!(compared("examples/spin/README.md", &["sh", "text", "toml"]) >= 3);
}

/// Compares a page's blocks with the files that they name, and returns their number. Only blocks of these languages may name
/// none.
fn compared(page: &str, without_file: &[&str]) -> usize {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let text = fs::read_to_string(root.join(page)).unwrap();
    let mut compared = 0;
    for block in text.split("\n```").skip(1).step_by(2) {
        let (head, code) = block.split_once('\n').unwrap();
        let Some((_, file)) = head.split_once("file=") else {
            assert!(without_file.contains(&head), "{page}: a block of {head:?} names no file");
            continue;
        };
        let text = without_indentation(&fs::read_to_string(root.join(file)).unwrap());
        assert!(text.contains(&without_indentation(code)), "{page}: {file} does not hold:\n{code}");
        compared += 1;
    }
    compared
}

fn without_indentation(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join("\n")
}
