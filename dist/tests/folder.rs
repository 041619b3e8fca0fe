//! What is written beside a file.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use msal_artifact::Shipped;
use serde_json::Value;

#[test]
fn i07_a_file_has_its_wit_its_imports_its_hash_and_its_packages() {
    let folder = tempfile::tempdir().unwrap();
    let shipped = named("msal-configured-environment-memory.wasm");
    let entry = msal_dist::write(&shipped, folder.path()).unwrap();
    msal_dist::write_catalogue(std::slice::from_ref(&entry), folder.path()).unwrap();

    let wit = read(folder.path(), "msal-configured-environment-memory.wit");
    assert!(wit.contains("import wasi:cli/environment@0.2.6;"), "{wit}");
    assert!(wit.contains("export msal:client-credentials/token-provider@0.1.0;"), "{wit}");
    assert!(!wit.contains("wasi:keyvalue"), "{wit}");
    assert!(entry.imports.contains(&"wasi:http/outgoing-handler@0.2.6".to_owned()));
    let sums = read(folder.path(), "SHA256SUMS");
    assert_eq!(sums, format!("{}  msal-configured-environment-memory.wasm\n", entry.sha256));
    let catalogue = read(folder.path(), "README.md");
    assert!(catalogue.contains(shipped.host), "{catalogue}");

    let text = read(folder.path(), "msal-configured-environment-memory.cdx.json");
    let bill: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(bill["bomFormat"], "CycloneDX");
    assert_eq!(bill["metadata"]["component"]["hashes"][0]["content"], entry.sha256.as_str());
    let names: BTreeSet<_> = bill["components"]
        .as_array()
        .unwrap()
        .iter()
        .map(|component| component["name"].as_str().unwrap())
        .collect();
    for package in ["msal-configured", "msal-wasi", "rsa", "zeroize", "std"] {
        assert!(names.contains(package), "{package}: {names:?}");
    }
    // Used by the build, by tests or by the host only.
    for package in ["wit-component", "serde_derive", "syn", "wasmtime", "scrypt"] {
        assert!(!names.contains(package), "{package}: {names:?}");
    }
    assert!(!text.contains(env!("CARGO_MANIFEST_DIR")) && !text.contains("timestamp"), "{text}");
}

#[test]
fn i07_a_file_has_an_image_layout_with_the_same_digest_each_time() {
    let [folder, again] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let shipped = named("msal-guard.wasm");
    let entry = msal_dist::write(&shipped, folder.path()).unwrap();
    assert_eq!(msal_dist::write(&shipped, again.path()).unwrap().image_digest, entry.image_digest);

    let layout = folder.path().join("oci/msal-guard");
    let marker: Value = serde_json::from_str(&read(&layout, "oci-layout")).unwrap();
    assert_eq!(marker["imageLayoutVersion"], "1.0.0");
    let index: Value = serde_json::from_str(&read(&layout, "index.json")).unwrap();
    assert_eq!(index["manifests"][0]["digest"], entry.image_digest.as_str());
    let manifest: Value = serde_json::from_slice(&blob(&layout, &index["manifests"][0])).unwrap();
    assert_eq!(manifest["annotations"]["org.opencontainers.image.created"], EPOCH);
    assert_eq!(manifest["annotations"]["org.opencontainers.image.description"], shipped.host);
    assert_eq!(manifest["config"]["mediaType"], "application/vnd.wasm.config.v0+json");
    let config: Value = serde_json::from_slice(&blob(&layout, &manifest["config"])).unwrap();
    assert_eq!(config["created"], EPOCH);
    assert_eq!(config["architecture"], "wasm");
    assert_eq!(config["component"]["exports"].as_array().unwrap().len(), 7);
    assert_eq!(manifest["layers"].as_array().unwrap().len(), 1);
    assert_eq!(manifest["layers"][0]["mediaType"], "application/wasm");
    assert_eq!(manifest["layers"][0]["digest"], format!("sha256:{}", entry.sha256));
    assert!(blob(&layout, &manifest["layers"][0]) == shipped.build().unwrap());
}

#[test]
fn every_file_has_a_different_name_and_a_different_note() {
    let names: BTreeSet<_> = Shipped::ALL.iter().map(|shipped| shipped.file_name).collect();
    assert_eq!(names.len(), Shipped::ALL.len());
    for shipped in Shipped::ALL {
        assert!(!shipped.host.is_empty() && !shipped.parts.is_empty(), "{}", shipped.file_name);
        assert!(shipped.file_name.ends_with(".wasm"), "{}", shipped.file_name);
    }
}

/// Takes minutes: the copy of the workspace compiles the build tool and the component.
#[test]
#[ignore = "compiles in a second folder; CI runs it"]
fn i06_a_build_in_another_folder_gives_the_same_bytes() {
    let other = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let files = Command::new("git").args(["ls-files", "-z"]).current_dir(root).output().unwrap();
    assert!(files.status.success());
    for name in String::from_utf8(files.stdout).unwrap().split_terminator('\0') {
        let target = other.path().join(name);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(root.join(name), target).unwrap();
    }
    let shipped = named("msal-configured-environment-memory.wasm");
    let mut build = Command::new(env!("CARGO"));
    build
        .args(["run", "--quiet", "--locked", "-p", "msal-artifact", "--features", "compose"])
        .args(["--example", "build", shipped.file_name])
        .current_dir(other.path())
        .env_remove("CARGO_TARGET_DIR");
    assert!(build.status().unwrap().success());
    let built = other.path().join("target/component").join(shipped.file_name);
    assert!(fs::read(built).unwrap() == shipped.build().unwrap(), "the bytes differ");
}

fn named(file_name: &str) -> Shipped {
    Shipped::ALL.into_iter().find(|shipped| shipped.file_name == file_name).unwrap()
}

/// What a descriptor of a layout refers to. Its size must be as stated.
fn blob(layout: &Path, descriptor: &Value) -> Vec<u8> {
    let digest = descriptor["digest"].as_str().unwrap().strip_prefix("sha256:").unwrap();
    let content = fs::read(layout.join("blobs/sha256").join(digest)).unwrap();
    assert_eq!(descriptor["size"], content.len());
    content
}

const EPOCH: &str = "1970-01-01T00:00:00Z";

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}
