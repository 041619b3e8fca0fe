//! How each artifact is built.

use crate::Artifact;

/// How an artifact is built.
pub(crate) struct Recipe {
    pub(crate) package: &'static str,
    /// The package's features, and no default ones.
    pub(crate) features: &'static str,
    pub(crate) target: Target,
    pub(crate) file_name: &'static str,
}

impl Recipe {
    /// What cargo calls the package's library.
    pub(crate) fn library_file_name(&self) -> String {
        format!("{}.wasm", self.package.replace('-', "_"))
    }
}

/// What the package expects under it.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    /// Nothing but the imports of its own world.
    Bare,
    /// An operating system, which the standard library imports.
    Wasi,
    /// The same, and the stack that such programs are used to.
    WasiApp,
}

impl Target {
    pub(crate) fn triple(self) -> &'static str {
        match self {
            Self::Bare => "wasm32-unknown-unknown",
            Self::Wasi | Self::WasiApp => "wasm32-wasip2",
        }
    }

    /// The size of the stack in bytes. `None`: the linker's default.
    ///
    /// 64 KiB: the stack is most of a fresh instance's memory, and fresh instances are what an edge host makes.
    pub(crate) fn stack_size(self) -> Option<u32> {
        match self {
            Self::Bare | Self::Wasi => Some(65_536),
            Self::WasiApp => None,
        }
    }
}

pub(crate) fn of(artifact: Artifact) -> Recipe {
    use Target::{Bare, Wasi, WasiApp};
    let (package, features, target, file_name) = match artifact {
        Artifact::ComponentDraft2 => {
            ("msal-wasi", "draft2", Bare, "msal-client-credentials-draft2.wasm")
        }
        Artifact::ComponentDraft => {
            ("msal-wasi", "draft", Bare, "msal-client-credentials-draft.wasm")
        }
        Artifact::ComponentDraft2StoreOnly => (
            "msal-wasi",
            "draft2,store-only",
            Bare,
            "msal-client-credentials-draft2-store-only.wasm",
        ),
        Artifact::ComponentDraftStoreOnly => {
            ("msal-wasi", "draft,store-only", Bare, "msal-client-credentials-draft-store-only.wasm")
        }
        Artifact::ComponentDraft2Provider => {
            ("msal-wasi", "draft2,provider", Bare, "msal-client-credentials-draft2-provider.wasm")
        }
        Artifact::ComponentDraftProvider => {
            ("msal-wasi", "draft,provider", Bare, "msal-client-credentials-draft-provider.wasm")
        }
        Artifact::FederatedTokenProvider => {
            ("msal-federated-token-provider", "", Wasi, "msal-federated-token-provider.wasm")
        }
        Artifact::SigningProvider => {
            ("msal-signing-provider", "", Bare, "msal-signing-provider.wasm")
        }
        Artifact::ExampleApp => ("msal-example-app", "", WasiApp, "msal-example-app.wasm"),
        Artifact::ExampleAppOnSpin => {
            ("msal-example-app", "spin", WasiApp, "msal-example-app-spin.wasm")
        }
    };
    Recipe { package, features, target, file_name }
}
