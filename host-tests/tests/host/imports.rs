//! The imports, exports and contents of the built components.

use std::collections::BTreeSet;
use std::env;
use std::path::Path;

use msal_artifact::Artifact;
use msal_composition::Interfaces;
use msal_composition::compose;
use msal_host_tests::built;
use wasmparser::Parser;
use wasmparser::Payload;

#[test]
fn h01_the_component_for_draft_2_imports_what_the_world_names_and_nothing_else() {
    let keyvalue = ["wasi:keyvalue/atomics@0.2.0-draft2", "wasi:keyvalue/store@0.2.0-draft2"];
    assert_eq!(imports(Artifact::ComponentDraft2), expected_imports(&keyvalue));
}

#[test]
fn h01_the_component_for_the_first_draft_imports_what_the_world_names_and_nothing_else() {
    let keyvalue = ["wasi:keyvalue/atomics@0.2.0-draft", "wasi:keyvalue/store@0.2.0-draft"];
    assert_eq!(imports(Artifact::ComponentDraft), expected_imports(&keyvalue));
}

#[test]
fn h01_e24_the_store_only_components_import_no_atomics() {
    for (artifact, store) in [
        (Artifact::ComponentDraft2StoreOnly, "wasi:keyvalue/store@0.2.0-draft2"),
        (Artifact::ComponentDraftStoreOnly, "wasi:keyvalue/store@0.2.0-draft"),
    ] {
        assert_eq!(imports(artifact), expected_imports(&[store]), "{artifact:?}");
    }
}

#[test]
fn h01_wide_arithmetic_changes_no_import() {
    for (wide, other) in [
        (Artifact::ComponentDraft2Wide, Artifact::ComponentDraft2),
        (Artifact::ComponentDraftWide, Artifact::ComponentDraft),
    ] {
        assert_eq!(imports(wide), imports(other), "{wide:?}");
    }
}

#[test]
fn h01_h10_the_component_with_its_own_memory_imports_no_store() {
    assert_eq!(imports(Artifact::ComponentMemory), expected_imports(&[]));
}

#[test]
fn h01_the_components_with_a_provider_also_import_the_provider() {
    for (with, without) in [
        (Artifact::ComponentDraft2ProviderWide, Artifact::ComponentDraft2Wide),
        (Artifact::ComponentDraft2Provider, Artifact::ComponentDraft2),
        (Artifact::ComponentDraftProvider, Artifact::ComponentDraft),
    ] {
        let mut expected = imports(without);
        expected.push("msal:client-credentials/assertion-provider@0.1.0".to_owned());
        expected.sort();
        assert_eq!(imports(with), expected, "{with:?}");
    }
}

#[test]
fn h01_the_configured_components_import_the_contract_and_their_configuration_alone() {
    for (artifact, source) in [
        (Artifact::ConfiguredOnSpin, "wasi:config/store@0.2.0-draft-2024-09-27"),
        (Artifact::ConfiguredByConfig, "wasi:config/store@0.2.0-rc.1"),
        (Artifact::ConfiguredByEnvironment, "wasi:cli/environment@0.2.6"),
    ] {
        let contract = "msal:client-credentials/client-credentials@0.1.0";
        assert_eq!(imports(artifact), [contract, source]);
        assert_eq!(exports(artifact), ["msal:client-credentials/token-provider@0.1.0"]);

        let composed = compose(built(artifact), built(Artifact::ComponentMemory)).unwrap();
        let composed = Interfaces::of(&composed).unwrap();
        let mut expected = expected_imports(&[source]);
        expected.sort();
        let mut found = composed.imports;
        found.sort();
        assert_eq!(found, expected);
        assert_eq!(composed.exports, ["msal:client-credentials/token-provider@0.1.0"]);
    }
}

#[test]
fn h01_the_guards_implement_what_they_take_and_import_no_right() {
    let taken = [
        "wasi:cli/environment@0.2.6",
        "wasi:config/store@0.2.0-draft-2024-09-27",
        "wasi:config/store@0.2.0-rc.1",
        "wasi:keyvalue/atomics@0.2.0-draft",
        "wasi:keyvalue/atomics@0.2.0-draft2",
        "wasi:keyvalue/store@0.2.0-draft",
        "wasi:keyvalue/store@0.2.0-draft2",
    ];
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    assert_eq!(sorted(exports(Artifact::Guard)), taken);
    assert!(imports(Artifact::Guard).is_empty(), "{:?}", imports(Artifact::Guard));
    let with_network = [&taken[..], &["wasi:http/outgoing-handler@0.2.6"]].concat();
    assert_eq!(
        sorted(exports(Artifact::GuardNetwork)),
        sorted(with_network.into_iter().map(str::to_owned).collect())
    );
    let types = ["wasi:http/types@", "wasi:io/", "wasi:clocks/monotonic-clock@"];
    for import in imports(Artifact::GuardNetwork) {
        assert!(types.iter().any(|start| import.starts_with(start)), "{import}");
    }
}

#[test]
fn h01_the_components_export_the_contract_and_nothing_else() {
    for component in COMPONENTS {
        let expected = ["msal:client-credentials/client-credentials@0.1.0".to_owned()];
        assert_eq!(exports(component), expected, "{component:?}");
    }
}

#[test]
fn h01_core_modules_reach_the_host_through_the_component_alone() {
    for component in COMPONENTS {
        for module in core_import_modules(component) {
            let is_preview_1 = module.contains("wasi_snapshot") || module.contains("wasi_unstable");
            assert!(!is_preview_1, "{component:?}: {module}");
        }
    }
}

#[test]
fn h01_every_component_has_the_size_in_sizes_txt_and_at_most_576_kib() {
    let written = include_str!("../../../artifact/sizes.txt");
    let mut wrong = Vec::new();
    for component in COMPONENTS.into_iter().chain(BESIDE) {
        let (name, size) = (component.file_name(), built(component).len());
        assert!(size <= MAX_SIZE, "{name} has {size} bytes");
        let line = written.lines().find_map(|line| line.strip_prefix(name));
        let noted = line.and_then(|rest| rest.trim().parse::<usize>().ok()).unwrap_or(0);
        if size.abs_diff(noted) * 50 > noted {
            wrong.push(format!("{name} {size}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "more than 2 % from artifact/sizes.txt; if this is intended, write there:\n{}",
        wrong.join("\n")
    );
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
    for component in COMPONENTS.into_iter().chain(BESIDE) {
        for path in &paths {
            let is_there = contains(built(component), path.as_bytes());
            assert!(!is_there, "{component:?} contains {path:?}");
        }
    }
}

#[test]
fn h01_the_components_carry_no_debug_names() {
    for component in COMPONENTS.into_iter().chain(BESIDE) {
        let names = custom_sections(component);
        let debug = names.iter().find(|name| *name == "name" || name.starts_with(".debug"));
        assert_eq!(debug, None, "{component:?}: {names:?}");
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
fn imports(component: Artifact) -> Vec<String> {
    let mut names = names(built(component), |payload| match payload {
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
fn exports(component: Artifact) -> Vec<String> {
    names(built(component), |payload| match payload {
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
fn core_import_modules(component: Artifact) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for payload in payloads(built(component)) {
        if let Payload::ImportSection(section) = payload {
            for import in section.into_imports() {
                names.insert(import.expect("an import").module.to_owned());
            }
        }
    }
    assert!(!names.is_empty(), "the component has a core module with imports");
    names
}

fn custom_sections(component: Artifact) -> Vec<String> {
    let sections = payloads(built(component)).into_iter().filter_map(|payload| match payload {
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

const COMPONENTS: [Artifact; 10] = [
    Artifact::ComponentDraft2,
    Artifact::ComponentDraft,
    Artifact::ComponentDraft2StoreOnly,
    Artifact::ComponentDraftStoreOnly,
    Artifact::ComponentMemory,
    Artifact::ComponentDraft2Provider,
    Artifact::ComponentDraftProvider,
    Artifact::ComponentDraft2Wide,
    Artifact::ComponentDraftWide,
    Artifact::ComponentDraft2ProviderWide,
];

/// What ships beside the component.
const BESIDE: [Artifact; 5] = [
    Artifact::ConfiguredOnSpin,
    Artifact::ConfiguredByConfig,
    Artifact::ConfiguredByEnvironment,
    Artifact::Guard,
    Artifact::GuardNetwork,
];

/// 576 KiB.
const MAX_SIZE: usize = 589_824;
