//! The imports and exports of the assertion providers: what a host must grant them.

use std::fs;

use msal_artifact::Artifact;

use crate::interfaces;

#[test]
fn the_signing_provider_imports_exactly_its_world() {
    let [imports, exports] = interfaces_of(Artifact::SigningProvider);
    assert_eq!(
        imports,
        [
            "msal:client-credentials/signer@0.1.0",
            "wasi:clocks/wall-clock@0.2.6",
            "wasi:random/random@0.2.6",
        ]
    );
    assert_eq!(exports, ["msal:client-credentials/assertion-provider@0.1.0"]);
}

/// No network and no randomness. All imports but the environment and the filesystem come from the standard library.
#[test]
fn the_federated_token_provider_imports_what_reading_a_file_takes() {
    let [imports, exports] = interfaces_of(Artifact::FederatedTokenProvider);
    assert_eq!(
        imports,
        [
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
            "wasi:clocks/wall-clock@0.2.6",
            "wasi:filesystem/preopens@0.2.6",
            "wasi:filesystem/types@0.2.6",
            "wasi:io/error@0.2.6",
            "wasi:io/poll@0.2.6",
            "wasi:io/streams@0.2.6",
        ]
    );
    assert_eq!(exports, ["msal:client-credentials/assertion-provider@0.1.0"]);
}

fn interfaces_of(artifact: Artifact) -> [Vec<String>; 2] {
    interfaces(&fs::read(msal_artifact::build(artifact).unwrap()).unwrap())
}
