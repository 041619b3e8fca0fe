//! The imports, exports and contents of the built components.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::Path;

use msal_artifact::Artifact;
use msal_artifact::build;
use msal_host::Flavour;
use wasmparser::Parser;
use wasmparser::Payload;

#[test]
fn h01_the_component_for_draft_2_imports_what_the_world_names_and_nothing_else() {
    let keyvalue = ["wasi:keyvalue/atomics@0.2.0-draft2", "wasi:keyvalue/store@0.2.0-draft2"];
    assert_eq!(imports(Flavour::Draft2.component()), expected_imports(&keyvalue));
}

#[test]
fn h01_the_component_for_the_first_draft_imports_what_the_world_names_and_nothing_else() {
    let keyvalue = ["wasi:keyvalue/atomics@0.2.0-draft", "wasi:keyvalue/store@0.2.0-draft"];
    assert_eq!(imports(Flavour::Draft.component()), expected_imports(&keyvalue));
}

#[test]
fn h01_e24_the_store_only_components_import_no_atomics() {
    for (artifact, store) in [
        (Artifact::ComponentDraft2StoreOnly, "wasi:keyvalue/store@0.2.0-draft2"),
        (Artifact::ComponentDraftStoreOnly, "wasi:keyvalue/store@0.2.0-draft"),
    ] {
        let component = fs::read(build(artifact).unwrap()).unwrap();
        assert_eq!(imports(&component), expected_imports(&[store]), "{artifact:?}");
    }
}

#[test]
fn h01_both_components_export_the_contract_and_nothing_else() {
    for flavour in FLAVOURS {
        let expected = ["msal:client-credentials/client-credentials@0.1.0".to_owned()];
        assert_eq!(exports(flavour), expected, "{flavour:?}");
    }
}

#[test]
fn h01_core_modules_reach_the_host_through_the_component_alone() {
    for flavour in FLAVOURS {
        for module in core_import_modules(flavour) {
            let is_preview_1 = module.contains("wasi_snapshot") || module.contains("wasi_unstable");
            assert!(!is_preview_1, "{flavour:?}: {module}");
        }
    }
}

#[test]
fn h01_both_components_are_small() {
    for flavour in FLAVOURS {
        let size = flavour.component().len();
        assert!(size <= MAX_SIZE, "{flavour:?} has {size} bytes");
    }
}

#[test]
fn h01_no_path_of_the_machine_that_built_them_is_in_the_components() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    let mut paths: Vec<String> =
        ["/home/", "/Users/", ":\\Users\\", ".cargo", "registry/src"].map(str::to_owned).to_vec();
    paths.push(workspace.display().to_string());
    for variable in ["HOME", "CARGO_HOME", "RUSTUP_HOME"] {
        paths.extend(env::var(variable).ok().filter(|path| path.len() > 1));
    }
    for flavour in FLAVOURS {
        for path in &paths {
            let is_there = contains(flavour.component(), path.as_bytes());
            assert!(!is_there, "{flavour:?} contains {path:?}");
        }
    }
}

#[test]
fn h01_the_components_carry_no_debug_names() {
    for flavour in FLAVOURS {
        let names = custom_sections(flavour);
        let debug = names.iter().find(|name| *name == "name" || name.starts_with(".debug"));
        assert_eq!(debug, None, "{flavour:?}: {names:?}");
    }
}

/// Every imported interface with its exact version. Changing this list changes the contract.
fn expected_imports(keyvalue: &[&str]) -> Vec<String> {
    let always = [
        "wasi:clocks/monotonic-clock@0.2.6",
        "wasi:clocks/wall-clock@0.2.6",
        "wasi:http/outgoing-handler@0.2.6",
        "wasi:http/types@0.2.6",
        "wasi:io/error@0.2.6",
        "wasi:io/poll@0.2.6",
        "wasi:io/streams@0.2.6",
        "wasi:random/random@0.2.6",
    ];
    let mut names: Vec<String> =
        always.iter().chain(keyvalue).map(|&name| name.to_owned()).collect();
    names.sort();
    names
}

/// The imports of the outermost component, sorted.
fn imports(component: &[u8]) -> Vec<String> {
    let mut names = names(component, |payload| match payload {
        Payload::ComponentImportSection(section) => section
            .into_iter()
            .map(|import| import.expect("an import").name.name.to_owned())
            .collect(),
        _ => Vec::new(),
    });
    names.sort();
    names
}

/// The exports of the outermost component.
fn exports(flavour: Flavour) -> Vec<String> {
    names(flavour.component(), |payload| match payload {
        Payload::ComponentExportSection(section) => section
            .into_iter()
            .map(|export| export.expect("an export").name.name.to_owned())
            .collect(),
        _ => Vec::new(),
    })
}

/// The names that `read` finds in the sections of the outermost component.
fn names(component: &[u8], read: impl Fn(Payload<'_>) -> Vec<String>) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0_usize;
    for payload in payloads(component) {
        match payload {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            section if depth == 0 => names.extend(read(section)),
            _ => {}
        }
    }
    names
}

/// The module names that core modules import from.
fn core_import_modules(flavour: Flavour) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for payload in payloads(flavour.component()) {
        if let Payload::ImportSection(section) = payload {
            for import in section.into_imports() {
                names.insert(import.expect("an import").module.to_owned());
            }
        }
    }
    assert!(!names.is_empty(), "the component has a core module with imports");
    names
}

fn custom_sections(flavour: Flavour) -> Vec<String> {
    let sections = payloads(flavour.component()).into_iter().filter_map(|payload| match payload {
        Payload::CustomSection(section) => Some(section.name().to_owned()),
        _ => None,
    });
    sections.collect()
}

fn payloads(component: &[u8]) -> Vec<Payload<'_>> {
    let payloads = Parser::new(0).parse_all(component);
    payloads.collect::<Result<_, _>>().expect("the component is well-formed")
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

const FLAVOURS: [Flavour; 2] = [Flavour::Draft2, Flavour::Draft];

/// 576 KiB.
const MAX_SIZE: usize = 589_824;
