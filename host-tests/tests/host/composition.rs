//! The imports of the composed apps.

use msal_artifact::Artifact;
use msal_artifact::compose;
use msal_host_tests::built;
use wasmparser::Parser;
use wasmparser::Payload;
use wasmparser::Validator;

#[test]
fn the_app_for_our_own_host_needs_wasi_and_the_second_draft_of_the_store() {
    assert_eq!(
        needs(Artifact::ExampleApp, Artifact::ComponentDraft2),
        ["wasi:keyvalue/atomics@0.2.0-draft2", "wasi:keyvalue/store@0.2.0-draft2"]
    );
}

#[test]
fn the_app_for_wasmtime_needs_wasi_and_the_first_draft_of_the_store() {
    assert_eq!(
        needs(Artifact::ExampleApp, Artifact::ComponentDraft),
        ["wasi:keyvalue/atomics@0.2.0-draft", "wasi:keyvalue/store@0.2.0-draft"]
    );
}

#[test]
fn the_app_for_spin_needs_wasi_and_the_drafts_that_spin_links() {
    let expected = [
        "wasi:config/store@0.2.0-draft-2024-09-27",
        "wasi:keyvalue/atomics@0.2.0-draft2",
        "wasi:keyvalue/store@0.2.0-draft2",
    ];
    assert_eq!(needs(Artifact::ExampleAppOnSpin, Artifact::ComponentDraft2), expected);
}

#[test]
fn incompatible_parts_are_an_error() {
    let app = built(Artifact::ExampleApp);
    assert!(compose(app, app).is_err(), "nothing to plug in");
    assert!(compose(app, b"no component").is_err());
}

#[test]
fn the_manifest_for_spin_names_the_parts_that_are_built() {
    let manifest = include_str!("../../../examples/spin/spin.toml");
    for part in [Artifact::ExampleAppOnSpin, Artifact::ComponentDraft2] {
        let path = format!("\"../../target/component/{}\"", part.file_name());
        assert!(manifest.contains(&path), "{path}");
    }
}

/// The imports of a valid composition, except those of the released WASI 0.2.
fn needs(app: Artifact, component: Artifact) -> Vec<String> {
    let composed = compose(built(app), built(component)).unwrap();
    Validator::new().validate_all(&composed).unwrap();
    let mut names = imports(&composed);
    names.retain(|name| !is_wasi_0_2(name));
    names
}

/// The imports of the outermost component, sorted.
fn imports(component: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        match payload.unwrap() {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                names
                    .extend(section.into_iter().map(|import| import.unwrap().name.name.to_owned()));
            }
            _ => {}
        }
    }
    names.sort();
    names
}

/// Whether an import is of a released version of WASI 0.2, which every host links.
fn is_wasi_0_2(name: &str) -> bool {
    let Some((interface, version)) = name.split_once('@') else { return false };
    let is_known = ["cli", "clocks", "http", "io", "random"]
        .iter()
        .any(|package| interface.starts_with(&format!("wasi:{package}/")));
    is_known && version.strip_prefix("0.2.").is_some_and(|patch| patch.parse::<u32>().is_ok())
}
