//! What the component is built from: code that runs during its build, and the vendored WIT.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use sha2::Digest;
use sha2::Sha256;

use crate::citations::read;
use crate::citations::root;

/// A crate that runs code on the machine that builds the component can change the component. A new one needs a look at that
/// code.
#[test]
fn i03_build_scripts_and_procedural_macros_of_the_component_are_on_a_list() {
    let packages = packages_of_the_component();
    let mut found = BTreeSet::new();
    for package in &packages {
        let kinds =
            package["targets"].as_array().unwrap().iter().flat_map(|target| {
                target["kind"].as_array().unwrap().iter().filter_map(Value::as_str)
            });
        for kind in kinds {
            let name = package["name"].as_str().unwrap();
            match kind {
                "custom-build" => found.insert(format!("build script: {name}")),
                "proc-macro" => found.insert(format!("procedural macro: {name}")),
                _ => false,
            };
        }
    }
    let listed: BTreeSet<_> = read(LIST).lines().map(str::to_owned).collect();
    let new: Vec<_> = found.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&found).collect();
    assert!(
        new.is_empty() && gone.is_empty(),
        "read the code of {new:#?}, and add them to {LIST}; remove {gone:#?} from it"
    );
}

/// Each is code to trust. 5 % more than there were when the number was written.
#[test]
fn i04_the_component_has_few_dependencies() {
    let names: BTreeSet<_> = packages_of_the_component()
        .iter()
        .map(|package| package["name"].as_str().unwrap().to_owned())
        .collect();
    assert!(names.len() <= MAX_PACKAGES, "{} packages: {names:#?}", names.len());
}

/// The hashes are those of the files in `wasmtime-wasi` 36.0.20 (WASI 0.2.6), `wasmtime-wasi-http` 36.0.0 (`http`),
/// `wasmtime-wasi-keyvalue` 36.0.0 (`keyvalue-draft`), `wasmtime-wasi-config` 48.0.8 (`config-rc`), and Spin's
/// `wit/deps/keyvalue-2024-10-17` (`keyvalue-draft2`) and `wit/deps/wasi-runtime-config-2024-09-27` (`config-draft`).
#[test]
fn i09_the_vendored_wit_is_equal_to_its_source() {
    let listed: BTreeMap<_, _> = read(HASHES)
        .lines()
        .map(|line| {
            let (hash, file) = line.split_once("  ").expect("a line of `sha256sum`");
            (file.to_owned(), hash.to_owned())
        })
        .collect();
    let mut found = BTreeMap::new();
    let folder = root().join("wit/component");
    add_hashes(&folder, &folder.join("deps"), &mut found);
    assert_eq!(found, listed, "{HASHES} has the hashes of the original files");
}

const LIST: &str = "host-tests/build-time-code.txt";
const MAX_PACKAGES: usize = 122;
const HASHES: &str = "wit/component/deps.sha256";

/// The packages that a build of the component compiles, for it or for its build, with any feature.
fn packages_of_the_component() -> Vec<Value> {
    // Not by the graph of `cargo metadata`, whose features are those of all packages of the workspace together.
    let tree = cargo(&[
        "tree",
        "--package=msal-component",
        "--all-features",
        "--target=wasm32-unknown-unknown",
        "--edges=normal,build",
        "--no-dedupe",
        "--prefix=none",
    ]);
    let compiled: BTreeSet<_> = tree
        .lines()
        .map(|line| {
            let mut words = line.split(' ');
            let name = words.next().unwrap_or_default();
            (name, words.next().and_then(|version| version.strip_prefix('v')).unwrap_or_default())
        })
        .collect();
    assert!(compiled.len() > 50, "{tree}");
    let metadata = cargo(&["metadata", "--format-version=1", "--all-features"]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    let is_compiled = |package: &&Value| {
        let text = |field: &str| package[field].as_str().unwrap();
        compiled.contains(&(text("name"), text("version")))
    };
    packages.filter(is_compiled).cloned().collect()
}

/// The standard output of a command of cargo in the workspace.
fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()))
        .args(arguments)
        .arg("--locked")
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn add_hashes(base: &Path, folder: &Path, hashes: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            add_hashes(base, &path, hashes);
        } else {
            let name = path.strip_prefix(base).unwrap().to_str().unwrap().replace('\\', "/");
            let digest = Sha256::digest(fs::read(&path).unwrap());
            hashes.insert(name, digest.iter().map(|byte| format!("{byte:02x}")).collect());
        }
    }
}
