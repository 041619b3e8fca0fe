//! How each artifact is built.

use crate::Artifact;

pub(crate) struct Recipe {
    pub(crate) package: &'static str,
    pub(crate) folder: &'static str,
    /// The package's features. Default features are off.
    pub(crate) features: &'static str,
    pub(crate) target: Target,
    /// The size of the initial memory in bytes; `None` for as little as the stack and the static data need.
    pub(crate) initial_memory: Option<u32>,
    pub(crate) file_name: &'static str,
}

impl Recipe {
    /// The file name of cargo's output.
    pub(crate) fn library_file_name(&self) -> String {
        format!("{}.wasm", self.package.replace('-', "_"))
    }
}

/// The environment that a package is compiled for.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    /// Only the imports of the package's own world.
    Bare,
    /// `Bare` for engines with WebAssembly's wide arithmetic.
    BareWide,
    /// WASI, which the standard library imports.
    Wasi,
    /// WASI, with the linker's default stack.
    WasiApp,
}

impl Target {
    pub(crate) fn triple(self) -> &'static str {
        match self {
            Self::Bare | Self::BareWide => "wasm32-unknown-unknown",
            Self::Wasi | Self::WasiApp => "wasm32-wasip2",
        }
    }

    /// The size of the stack in bytes; `None` for the linker's default, 1 MiB.
    ///
    /// The stack is most of a new instance's memory, and edge hosts create an instance for each request.
    pub(crate) fn stack_size(self) -> Option<u32> {
        match self {
            Self::Bare | Self::BareWide | Self::Wasi => Some(65_536),
            Self::WasiApp => None,
        }
    }
}

pub(crate) fn of(artifact: Artifact) -> Recipe {
    match artifact {
        Artifact::ComponentDraft2 => component("draft2", "msal-client-credentials-draft2.wasm"),
        Artifact::ComponentDraft => component("draft", "msal-client-credentials-draft.wasm"),
        Artifact::ComponentDraft2StoreOnly => {
            component("draft2,store-only", "msal-client-credentials-draft2-store-only.wasm")
        }
        Artifact::ComponentDraftStoreOnly => {
            component("draft,store-only", "msal-client-credentials-draft-store-only.wasm")
        }
        Artifact::ComponentMemory => component("memory", "msal-client-credentials-memory.wasm"),
        Artifact::ComponentDraft2Provider => {
            component("draft2,provider", "msal-client-credentials-draft2-provider.wasm")
        }
        Artifact::ComponentDraftProvider => {
            component("draft,provider", "msal-client-credentials-draft-provider.wasm")
        }
        Artifact::ComponentDraft2Wide => wide("draft2", "msal-client-credentials-draft2-wide.wasm"),
        Artifact::ComponentDraftWide => wide("draft", "msal-client-credentials-draft-wide.wasm"),
        Artifact::ComponentDraft2ProviderWide => {
            wide("draft2,provider", "msal-client-credentials-draft2-provider-wide.wasm")
        }
        Artifact::FederatedTokenProvider => Recipe {
            package: "msal-federated-token-provider",
            folder: "providers/federated-token",
            features: "",
            target: Target::Wasi,
            initial_memory: None,
            file_name: "msal-federated-token-provider.wasm",
        },
        Artifact::SigningProvider => Recipe {
            package: "msal-signing-provider",
            folder: "providers/signing",
            features: "",
            target: Target::Bare,
            initial_memory: None,
            file_name: "msal-signing-provider.wasm",
        },
        Artifact::ConfiguredOnSpin => configured("spin", "msal-configured-spin.wasm"),
        Artifact::ConfiguredByConfig => configured("config", "msal-configured-config.wasm"),
        Artifact::ConfiguredByEnvironment => {
            configured("environment", "msal-configured-environment.wasm")
        }
        Artifact::Guard => small("msal-guard", "guard", "", "msal-guard.wasm"),
        Artifact::GuardNetwork => {
            small("msal-guard", "guard", "network", "msal-guard-network.wasm")
        }
        Artifact::HostileGuest => {
            small("msal-hostile-guest", "host-tests/hostile-guest", "", "msal-hostile-guest.wasm")
        }
        Artifact::ExampleConfiguredApp => Recipe {
            package: "msal-example-configured",
            folder: "examples/configured",
            ..app("", "msal-example-configured.wasm")
        },
        Artifact::ExampleApp => app("", "msal-example-app.wasm"),
        Artifact::ExampleAppOnSpin => app("spin", "msal-example-app-spin.wasm"),
    }
}

fn component(features: &'static str, file_name: &'static str) -> Recipe {
    Recipe {
        package: "msal-component",
        folder: "component",
        features,
        target: Target::Bare,
        initial_memory: Some(INITIAL_MEMORY),
        file_name,
    }
}

fn wide(features: &'static str, file_name: &'static str) -> Recipe {
    Recipe { target: Target::BareWide, ..component(features, file_name) }
}

/// What most calls need, so that they do not grow the memory, which takes longer than the cryptography of a cache hit.
const INITIAL_MEMORY: u32 = 3 * 65_536;

fn configured(features: &'static str, file_name: &'static str) -> Recipe {
    Recipe {
        package: "msal-configured",
        folder: "configured",
        features,
        target: Target::Bare,
        // The stack and the static data take more than one page, and the rest of the second is enough for a call.
        initial_memory: Some(2 * 65_536),
        file_name,
    }
}

/// Without state and with little code.
fn small(
    package: &'static str,
    folder: &'static str,
    features: &'static str,
    file_name: &'static str,
) -> Recipe {
    Recipe { package, folder, features, target: Target::Bare, initial_memory: None, file_name }
}

fn app(features: &'static str, file_name: &'static str) -> Recipe {
    Recipe {
        package: "msal-example-app",
        folder: "examples/wasmtime-serve",
        features,
        target: Target::WasiApp,
        initial_memory: None,
        file_name,
    }
}
