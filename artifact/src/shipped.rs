//! What users get: artifacts, and compositions of them.

use crate::Artifact;
use crate::BuildError;
use crate::workspace;

/// A file that ships.
#[derive(Clone, Copy, Debug)]
pub struct Shipped {
    /// The file's name, without a folder.
    pub file_name: &'static str,
    /// The parts: each is plugged into what the ones before it make.
    pub parts: &'static [Artifact],
    /// Which host it is for, in a line.
    pub host: &'static str,
}

impl Shipped {
    /// Every file.
    pub const ALL: [Self; 24] = [
        shipped(
            "msal-client-credentials-draft2.wasm",
            &[Artifact::ComponentDraft2],
            "Spin, msal-host, and other hosts with `wasi:keyvalue@0.2.0-draft2`",
        ),
        shipped(
            "msal-client-credentials-draft.wasm",
            &[Artifact::ComponentDraft],
            "wasmtime, wasmCloud, and other hosts with `wasi:keyvalue@0.2.0-draft`",
        ),
        shipped(
            "msal-client-credentials-draft2-store-only.wasm",
            &[Artifact::ComponentDraft2StoreOnly],
            "as draft2, for hosts without `atomics`",
        ),
        shipped(
            "msal-client-credentials-draft-store-only.wasm",
            &[Artifact::ComponentDraftStoreOnly],
            "as draft, for hosts without `atomics`",
        ),
        shipped(
            "msal-client-credentials-memory.wasm",
            &[Artifact::ComponentMemory],
            "hosts without `wasi:keyvalue`: the cache is in the instance's memory",
        ),
        shipped(
            "msal-client-credentials-draft2-provider.wasm",
            &[Artifact::ComponentDraft2Provider],
            "as draft2, with an assertion provider of the host or of a composition",
        ),
        shipped(
            "msal-client-credentials-draft-provider.wasm",
            &[Artifact::ComponentDraftProvider],
            "as draft, with an assertion provider of the host or of a composition",
        ),
        shipped(
            "msal-client-credentials-draft2-wide.wasm",
            &[Artifact::ComponentDraft2Wide],
            "as draft2, for engines with wide arithmetic, such as wasmtime 49: signs three times as fast",
        ),
        shipped(
            "msal-client-credentials-draft-wide.wasm",
            &[Artifact::ComponentDraftWide],
            "as draft, for engines with wide arithmetic",
        ),
        shipped(
            "msal-federated-token-provider.wasm",
            &[Artifact::FederatedTokenProvider],
            "a part: plug it into a `-provider` file",
        ),
        shipped(
            "msal-signing-provider.wasm",
            &[Artifact::SigningProvider],
            "a part: plug it into a `-provider` file; the host provides the signer",
        ),
        shipped(
            "msal-client-credentials-draft2-federated-token.wasm",
            &[Artifact::ComponentDraft2Provider, Artifact::FederatedTokenProvider],
            "as draft2, with a federated token in a file or a variable",
        ),
        shipped(
            "msal-client-credentials-draft2-signing.wasm",
            &[Artifact::ComponentDraft2Provider, Artifact::SigningProvider],
            "as draft2, with a signer of the host",
        ),
        shipped(
            "msal-client-credentials-draft-federated-token.wasm",
            &[Artifact::ComponentDraftProvider, Artifact::FederatedTokenProvider],
            "as draft, with a federated token in a file or a variable",
        ),
        shipped(
            "msal-client-credentials-draft-signing.wasm",
            &[Artifact::ComponentDraftProvider, Artifact::SigningProvider],
            "as draft, with a signer of the host",
        ),
        shipped(
            "msal-configured-spin-draft2.wasm",
            &[Artifact::ConfiguredOnSpin, Artifact::ComponentDraft2],
            "Spin: applications in Spin's variables",
        ),
        shipped(
            "msal-configured-spin-draft2-store-only.wasm",
            &[Artifact::ConfiguredOnSpin, Artifact::ComponentDraft2StoreOnly],
            "Spin without `atomics`: applications in Spin's variables",
        ),
        shipped(
            "msal-configured-config-draft2.wasm",
            &[Artifact::ConfiguredByConfig, Artifact::ComponentDraft2],
            "msal-host: applications in `wasi:config@0.2.0-rc.1`",
        ),
        shipped(
            "msal-configured-config-draft.wasm",
            &[Artifact::ConfiguredByConfig, Artifact::ComponentDraft],
            "wasmtime, wasmCloud: applications in `wasi:config@0.2.0-rc.1`",
        ),
        shipped(
            "msal-configured-environment-draft2.wasm",
            &[Artifact::ConfiguredByEnvironment, Artifact::ComponentDraft2],
            "msal-host: applications in the environment",
        ),
        shipped(
            "msal-configured-environment-draft.wasm",
            &[Artifact::ConfiguredByEnvironment, Artifact::ComponentDraft],
            "wasmtime, wasmCloud: applications in the environment",
        ),
        shipped(
            "msal-configured-environment-memory.wasm",
            &[Artifact::ConfiguredByEnvironment, Artifact::ComponentMemory],
            "hosts without `wasi:keyvalue`: applications in the environment",
        ),
        shipped(
            "msal-guard.wasm",
            &[Artifact::Guard],
            "a part: takes the configuration and the store from an app of a configured component",
        ),
        shipped(
            "msal-guard-network.wasm",
            &[Artifact::GuardNetwork],
            "a part: as the guard, and takes outgoing HTTP too",
        ),
    ];

    /// Builds the parts and composes them.
    pub fn build(&self) -> Result<Vec<u8>, BuildError> {
        let mut whole: Option<Vec<u8>> = None;
        for &part in self.parts {
            let part = workspace::read(&crate::build(part)?)?;
            whole = Some(match whole {
                None => part,
                Some(socket) => msal_composition::compose(&socket, &part)
                    .map_err(|error| BuildError(format!("{}: {error}", self.file_name)))?,
            });
        }
        whole.ok_or_else(|| BuildError(format!("{} has no parts", self.file_name)))
    }
}

const fn shipped(
    file_name: &'static str,
    parts: &'static [Artifact],
    host: &'static str,
) -> Shipped {
    Shipped { file_name, parts, host }
}
