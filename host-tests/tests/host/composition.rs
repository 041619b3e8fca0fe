//! The imports of the composed apps.

use std::ffi::OsStr;
use std::fs;

use msal_artifact::Artifact;
use msal_composition::compose;
use msal_host_tests::built;
use msal_host_tests::command_line;
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
fn the_configured_app_for_spin_needs_wasi_and_the_drafts_that_spin_links() {
    let configured = compose(built(Artifact::ConfiguredOnSpin), built(Artifact::ComponentDraft2));
    let composed = compose(built(Artifact::ExampleConfiguredApp), &configured.unwrap()).unwrap();
    let expected = [
        "wasi:config/store@0.2.0-draft-2024-09-27",
        "wasi:keyvalue/atomics@0.2.0-draft2",
        "wasi:keyvalue/store@0.2.0-draft2",
    ];
    assert_eq!(needs_of(&composed), expected);
}

#[test]
fn incompatible_parts_are_an_error() {
    let app = built(Artifact::ExampleApp);
    assert!(compose(app, app).is_err(), "nothing to plug in");
    assert!(compose(app, b"no component").is_err());
}

#[test]
fn the_command_line_composes_an_app_into_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let [app, out] = ["app.wasm", "out.wasm"].map(|name| folder.path().join(name));
    fs::write(&app, built(Artifact::ExampleApp)).unwrap();
    fs::write(&out, "an older file").unwrap();
    let compose = |arguments: &[&OsStr]| {
        let output = command_line().arg("compose").args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let app_to_out = [app.as_os_str(), "-o".as_ref(), out.as_os_str()];
    assert_eq!(compose(&app_to_out), (Some(0), String::new()));
    let built_in = fs::read(&out).unwrap();
    assert_eq!(
        needs_of(&built_in),
        [
            "msal:client-credentials/assertion-provider@0.1.0",
            "wasi:keyvalue/atomics@0.2.0-draft2",
            "wasi:keyvalue/store@0.2.0-draft2"
        ]
    );
    let component = folder.path().join("component.wasm");
    fs::write(&component, built(Artifact::ComponentDraft)).unwrap();
    let with_component = ["--component".as_ref(), component.as_os_str()];
    assert_eq!(compose(&[&app_to_out[..], &with_component].concat()), (Some(0), String::new()));
    assert_eq!(
        fs::read(&out).unwrap(),
        msal_composition::compose(built(Artifact::ExampleApp), built(Artifact::ComponentDraft))
            .unwrap()
    );

    let core_module = folder.path().join("module.wasm");
    fs::write(&core_module, b"\0asm\x01\0\0\0").unwrap();
    let missing = folder.path().join("missing.wasm");
    for (input, output, message) in [
        (
            &out,
            &app,
            "error: APP.wasm: the app cannot be used: it does not import msal:client-cred",
        ),
        (&core_module, &app, "error: APP.wasm: the app cannot be used: it is a core module"),
        (&missing, &app, "error: APP.wasm: cannot read the file"),
        (&app, &app, "error: --out: is the app itself; name another file"),
        (&app, &missing.join("out.wasm"), "error: --out: cannot write "),
    ] {
        let (status, error) = compose(&[input.as_os_str(), "-o".as_ref(), output.as_os_str()]);
        assert_eq!(status, Some(1), "{error}");
        assert!(error.starts_with(message) && error.lines().count() == 1, "{error}");
    }
    assert_eq!(fs::read(&app).unwrap(), built(Artifact::ExampleApp), "the app is not changed");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4, "no temporary file is left");
}

#[test]
fn the_manifest_for_spin_names_the_parts_that_are_built() {
    let manifest = include_str!("../../../examples/spin/spin.toml");
    for part in [Artifact::ExampleAppOnSpin, Artifact::ComponentDraft2] {
        let path = format!("\"../../target/component/{}\"", part.file_name());
        assert!(manifest.contains(&path), "{path}");
        let build = manifest.lines().find(|line| line.starts_with("command = ")).unwrap();
        assert!(build.contains(part.file_name()), "{build}");
    }
}

/// A variable of Spin is visible to the app only if the component lists it too.
#[test]
fn the_manifest_for_spin_passes_every_setting_of_the_app() {
    let manifest = include_str!("../../../examples/spin/spin.toml");
    let settings = include_str!("../../../examples/wasmtime-serve/src/settings.rs");
    let mut passed = 0;
    for setting in settings.split("setting(\"").chain(settings.split("required(\"")).skip(1) {
        let Some((name, _)) = setting.split_once("\")") else { continue };
        if name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_') {
            let name = name.to_ascii_lowercase();
            assert!(manifest.contains(&format!("\n{name} = {{")), "{name} is not declared");
            assert!(manifest.contains(&format!("\n{name} = \"{{{{ {name} }}}}\"")), "{name}");
            passed += 1;
        }
    }
    assert!(passed >= 7, "{passed}");
}

#[test]
fn the_manifest_for_wasmcloud_names_the_parts_and_what_they_need() {
    let manifest = include_str!("../../../examples/wasmcloud/workload.yaml");
    let readme = include_str!("../../../examples/wasmcloud/README.md");
    for part in [Artifact::ExampleApp, Artifact::ComponentDraft] {
        let name = part.file_name().strip_suffix(".wasm").unwrap();
        let image = format!("registry.example/{name}:0.1.0");
        assert!(manifest.contains(&format!("image: {image}\n")), "{image}");
        assert!(readme.contains(&format!("{image} target/component/{name}.wasm")), "{image}");
    }
    let needs = needs(Artifact::ExampleApp, Artifact::ComponentDraft);
    assert_eq!(needs.len(), 2, "the manifest has one list of interfaces");
    let listed = manifest.lines().find(|line| line.contains("interfaces: [store")).unwrap();
    for need in needs {
        let (interface, version) = need.split_once('@').unwrap();
        let interface = interface.strip_prefix("wasi:keyvalue/").unwrap();
        assert!(listed.contains(interface), "{listed}");
        assert!(manifest.contains(&format!("version: {version}\n")), "{version}");
    }
}

/// The imports of a valid composition, except those of the released WASI 0.2.
fn needs(app: Artifact, component: Artifact) -> Vec<String> {
    needs_of(&compose(built(app), built(component)).unwrap())
}

fn needs_of(composed: &[u8]) -> Vec<String> {
    Validator::new().validate_all(composed).unwrap();
    let mut names = imports(composed);
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
