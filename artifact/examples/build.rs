//! Builds every artifact and prints its path and size, or only those whose file names are given. With the feature
//! `compose` it also builds the compositions below.

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;

use msal_artifact::Artifact;

fn main() -> Result<(), Box<dyn Error>> {
    let names: Vec<String> = env::args().skip(1).collect();
    if !names.is_empty() {
        let is_named = |it: &Artifact| names.iter().any(|name| name == it.file_name());
        return Artifact::ALL.into_iter().filter(is_named).try_for_each(build);
    }
    Artifact::ALL.into_iter().try_for_each(build)?;
    #[cfg(feature = "compose")]
    for (socket, plug, name) in COMPOSITIONS {
        let folder = msal_artifact::folder();
        let (socket, plug) = (folder.join(socket.file_name()), folder.join(plug.file_name()));
        let composed = msal_composition::compose(&fs::read(socket)?, &fs::read(plug)?)?;
        let path = folder.join(name);
        fs::write(&path, composed)?;
        print(&path)?;
    }
    Ok(())
}

fn build(artifact: Artifact) -> Result<(), Box<dyn Error>> {
    print(&msal_artifact::build(artifact)?)
}

/// The socket (which imports), the plug (which exports), and the file name of the composition.
#[cfg(feature = "compose")]
const COMPOSITIONS: [(Artifact, Artifact, &str); 14] = [
    // For `msal-host serve`, which offers both drafts of the store.
    (Artifact::ExampleApp, Artifact::ComponentDraft2, "msal-example-app-composed-draft2.wasm"),
    // For `wasmtime serve` and wasmCloud.
    (Artifact::ExampleApp, Artifact::ComponentDraft, "msal-example-app-composed-draft.wasm"),
    // The composition that Spin makes from its manifest when it loads the app.
    (Artifact::ExampleAppOnSpin, Artifact::ComponentDraft2, "msal-example-app-spin-composed.wasm"),
    // The configured components, as they are used: for Spin, and for Spin without `atomics`;
    (Artifact::ConfiguredOnSpin, Artifact::ComponentDraft2, "msal-configured-spin-draft2.wasm"),
    (
        Artifact::ConfiguredOnSpin,
        Artifact::ComponentDraft2StoreOnly,
        "msal-configured-spin-draft2-store-only.wasm",
    ),
    // for `msal-host`, and for wasmtime and wasmCloud;
    (Artifact::ConfiguredByConfig, Artifact::ComponentDraft2, "msal-configured-config-draft2.wasm"),
    (Artifact::ConfiguredByConfig, Artifact::ComponentDraft, "msal-configured-config-draft.wasm"),
    // for the same hosts, and for a host without a store.
    (
        Artifact::ConfiguredByEnvironment,
        Artifact::ComponentDraft2,
        "msal-configured-environment-draft2.wasm",
    ),
    (
        Artifact::ConfiguredByEnvironment,
        Artifact::ComponentDraft,
        "msal-configured-environment-draft.wasm",
    ),
    (
        Artifact::ConfiguredByEnvironment,
        Artifact::ComponentMemory,
        "msal-configured-environment-memory.wasm",
    ),
    // For users without a composition tool: the component with a provider plugged in.
    (
        Artifact::ComponentDraft2Provider,
        Artifact::FederatedTokenProvider,
        "msal-client-credentials-draft2-federated-token.wasm",
    ),
    (
        Artifact::ComponentDraft2Provider,
        Artifact::SigningProvider,
        "msal-client-credentials-draft2-signing.wasm",
    ),
    (
        Artifact::ComponentDraftProvider,
        Artifact::FederatedTokenProvider,
        "msal-client-credentials-draft-federated-token.wasm",
    ),
    (
        Artifact::ComponentDraftProvider,
        Artifact::SigningProvider,
        "msal-client-credentials-draft-signing.wasm",
    ),
];

fn print(path: &Path) -> Result<(), Box<dyn Error>> {
    println!("{} {} bytes", path.display(), fs::metadata(path)?.len());
    Ok(())
}
