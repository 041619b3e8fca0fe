//! What each file that ships imports and exports, to the version.

use msal_artifact::Shipped;
use msal_composition::Interfaces;
use wasmparser::Validator;
use wasmparser::WasmFeatures;

#[test]
fn h01_every_file_is_valid_and_has_the_interfaces_that_are_listed_here() {
    assert_eq!(FILES.len(), Shipped::ALL.len());
    for (file_name, imports, exports) in FILES {
        let shipped = Shipped::ALL.into_iter().find(|shipped| shipped.file_name == file_name);
        let component = shipped.expect(file_name).build().unwrap();
        let features = match file_name.ends_with("-wide.wasm") {
            true => WasmFeatures::default() | WasmFeatures::WIDE_ARITHMETIC,
            false => WasmFeatures::default(),
        };
        Validator::new_with_features(features).validate_all(&component).expect(file_name);
        let found = Interfaces::of(&component).unwrap();
        assert_eq!(sorted(found.imports), sorted(imports.concat()), "{file_name}");
        assert_eq!(sorted(found.exports), sorted(exports.to_vec()), "{file_name}");
    }
}

fn sorted<T: Into<String>>(names: Vec<T>) -> Vec<String> {
    let mut names: Vec<String> = names.into_iter().map(Into::into).collect();
    names.sort();
    names
}

type Names = &'static [&'static str];

/// Each file, its imports and its exports. Changing a line changes what its host must provide.
const FILES: [(&str, &[Names], Names); 24] = [
    ("msal-client-credentials-draft2.wasm", &[FLOW, DRAFT2, ATOMICS2], CONTRACT),
    ("msal-client-credentials-draft.wasm", &[FLOW, DRAFT, ATOMICS], CONTRACT),
    ("msal-client-credentials-draft2-store-only.wasm", &[FLOW, DRAFT2], CONTRACT),
    ("msal-client-credentials-draft-store-only.wasm", &[FLOW, DRAFT], CONTRACT),
    ("msal-client-credentials-memory.wasm", &[FLOW], CONTRACT),
    ("msal-client-credentials-draft2-provider.wasm", &[FLOW, DRAFT2, ATOMICS2, PROVIDER], CONTRACT),
    ("msal-client-credentials-draft-provider.wasm", &[FLOW, DRAFT, ATOMICS, PROVIDER], CONTRACT),
    ("msal-client-credentials-draft2-wide.wasm", &[FLOW, DRAFT2, ATOMICS2], CONTRACT),
    ("msal-client-credentials-draft-wide.wasm", &[FLOW, DRAFT, ATOMICS], CONTRACT),
    (
        "msal-federated-token-provider.wasm",
        &[&["wasi:clocks/wall-clock@0.2.6"], IO, STANDARD_LIBRARY],
        PROVIDER,
    ),
    (
        "msal-signing-provider.wasm",
        &[SIGNER, &["wasi:clocks/wall-clock@0.2.6", "wasi:random/random@0.2.6"]],
        PROVIDER,
    ),
    (
        "msal-client-credentials-draft2-federated-token.wasm",
        &[FLOW, DRAFT2, ATOMICS2, STANDARD_LIBRARY],
        CONTRACT,
    ),
    ("msal-client-credentials-draft2-signing.wasm", &[FLOW, DRAFT2, ATOMICS2, SIGNER], CONTRACT),
    (
        "msal-client-credentials-draft-federated-token.wasm",
        &[FLOW, DRAFT, ATOMICS, STANDARD_LIBRARY],
        CONTRACT,
    ),
    ("msal-client-credentials-draft-signing.wasm", &[FLOW, DRAFT, ATOMICS, SIGNER], CONTRACT),
    ("msal-configured-spin-draft2.wasm", &[FLOW, DRAFT2, ATOMICS2, SPIN], SMALL),
    ("msal-configured-spin-draft2-store-only.wasm", &[FLOW, DRAFT2, SPIN], SMALL),
    ("msal-configured-config-draft2.wasm", &[FLOW, DRAFT2, ATOMICS2, CONFIG], SMALL),
    ("msal-configured-config-draft.wasm", &[FLOW, DRAFT, ATOMICS, CONFIG], SMALL),
    ("msal-configured-environment-draft2.wasm", &[FLOW, DRAFT2, ATOMICS2, ENVIRONMENT], SMALL),
    ("msal-configured-environment-draft.wasm", &[FLOW, DRAFT, ATOMICS, ENVIRONMENT], SMALL),
    ("msal-configured-environment-memory.wasm", &[FLOW, ENVIRONMENT], SMALL),
    ("msal-guard.wasm", &[], GUARDED),
    ("msal-guard-network.wasm", &[&["wasi:http/types@0.2.6"]], GUARDED_NETWORK),
];

/// The token request, times and randomness.
const FLOW: Names = &[
    "wasi:clocks/monotonic-clock@0.2.6",
    "wasi:clocks/wall-clock@0.2.6",
    "wasi:http/outgoing-handler@0.2.6",
    "wasi:http/types@0.2.6",
    "wasi:io/error@0.2.6",
    "wasi:io/poll@0.2.6",
    "wasi:io/streams@0.2.6",
    "wasi:random/random@0.2.6",
];
const IO: Names = &["wasi:io/error@0.2.6", "wasi:io/poll@0.2.6", "wasi:io/streams@0.2.6"];
const DRAFT2: Names = &["wasi:keyvalue/store@0.2.0-draft2"];
const ATOMICS2: Names = &["wasi:keyvalue/atomics@0.2.0-draft2"];
const DRAFT: Names = &["wasi:keyvalue/store@0.2.0-draft"];
const ATOMICS: Names = &["wasi:keyvalue/atomics@0.2.0-draft"];
const SPIN: Names = &["wasi:config/store@0.2.0-draft-2024-09-27"];
const CONFIG: Names = &["wasi:config/store@0.2.0-rc.1"];
const ENVIRONMENT: Names = &["wasi:cli/environment@0.2.6"];
const SIGNER: Names = &["msal:client-credentials/signer@0.1.0"];
const PROVIDER: Names = &["msal:client-credentials/assertion-provider@0.1.0"];
const CONTRACT: Names = &["msal:client-credentials/client-credentials@0.1.0"];
const SMALL: Names = &["msal:client-credentials/token-provider@0.1.0"];

/// What Rust's standard library imports of `wasi:cli` and `wasi:filesystem`.
const STANDARD_LIBRARY: Names = &[
    "wasi:cli/environment@0.2.6",
    "wasi:cli/exit@0.2.6",
    "wasi:cli/stderr@0.2.6",
    "wasi:cli/stdin@0.2.6",
    "wasi:cli/stdout@0.2.6",
    "wasi:cli/terminal-input@0.2.6",
    "wasi:cli/terminal-output@0.2.6",
    "wasi:cli/terminal-stderr@0.2.6",
    "wasi:cli/terminal-stdin@0.2.6",
    "wasi:cli/terminal-stdout@0.2.6",
    "wasi:filesystem/preopens@0.2.6",
    "wasi:filesystem/types@0.2.6",
];

const GUARDED: Names = &[
    "wasi:cli/environment@0.2.6",
    "wasi:config/store@0.2.0-draft-2024-09-27",
    "wasi:config/store@0.2.0-rc.1",
    "wasi:keyvalue/atomics@0.2.0-draft",
    "wasi:keyvalue/atomics@0.2.0-draft2",
    "wasi:keyvalue/store@0.2.0-draft",
    "wasi:keyvalue/store@0.2.0-draft2",
];
const GUARDED_NETWORK: Names = &[
    "wasi:cli/environment@0.2.6",
    "wasi:config/store@0.2.0-draft-2024-09-27",
    "wasi:config/store@0.2.0-rc.1",
    "wasi:http/outgoing-handler@0.2.6",
    "wasi:keyvalue/atomics@0.2.0-draft",
    "wasi:keyvalue/atomics@0.2.0-draft2",
    "wasi:keyvalue/store@0.2.0-draft",
    "wasi:keyvalue/store@0.2.0-draft2",
];
