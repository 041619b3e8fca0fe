//! The README shows code that exists. Its shell blocks are run by `.ci/readme`.

use std::fs;
use std::path::Path;

#[test]
fn every_block_of_code_is_in_the_file_it_names() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let mut compared = 0;
    for block in readme.split("\n```").skip(1).step_by(2) {
        let (head, code) = block.split_once('\n').unwrap();
        let Some((_, file)) = head.split_once("file=") else {
            assert!(matches!(head, "sh" | "text"), "a block of {head:?} names no file");
            continue;
        };
        let text = without_indentation(&fs::read_to_string(root.join(file)).unwrap());
        assert!(text.contains(&without_indentation(code)), "{file} does not hold:\n{code}");
        compared += 1;
    }
    assert!(compared >= 3);
}

fn without_indentation(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join("\n")
}
