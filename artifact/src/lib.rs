//! Builds the WebAssembly artefacts of this workspace, so that `cargo run` and `cargo test` need nothing but rustup.
//!
//! What goes to users is compiled for `wasm32-unknown-unknown` and encoded with `wit-component`, wherever it can do
//! without an operating system: a `wasm32-wasip2` build of the standard library would add a dozen imports that nobody
//! uses. `recipe.rs` says what is built how.

mod component;
#[cfg(feature = "compose")]
mod compose;
mod recipe;
mod strip;
mod toolchain;
mod workspace;

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

#[cfg(feature = "compose")]
pub use self::compose::compose;

/// Something this workspace builds for WebAssembly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Artifact {
    /// The component over `wasi:keyvalue@0.2.0-draft2`.
    ComponentDraft2,
    /// The component over `wasi:keyvalue@0.2.0-draft`.
    ComponentDraft,
    /// `ComponentDraft2` for hosts without `wasi:keyvalue/atomics`.
    ComponentDraft2StoreOnly,
    /// `ComponentDraft` for hosts without `wasi:keyvalue/atomics`.
    ComponentDraftStoreOnly,
    /// `ComponentDraft2` that also imports an assertion provider.
    ComponentDraft2Provider,
    /// `ComponentDraft` that also imports an assertion provider.
    ComponentDraftProvider,
    /// The assertion provider that reads a file or a variable.
    FederatedTokenProvider,
    /// The assertion provider that has its host sign.
    SigningProvider,
    /// The example app, with its settings in environment variables. It still imports the contract.
    ExampleApp,
    /// The example app, with its settings in Spin's variables. It still imports the contract.
    ExampleAppOnSpin,
}

impl Artifact {
    /// Everything there is.
    pub const ALL: [Self; 10] = [
        Self::ComponentDraft2,
        Self::ComponentDraft,
        Self::ComponentDraft2StoreOnly,
        Self::ComponentDraftStoreOnly,
        Self::ComponentDraft2Provider,
        Self::ComponentDraftProvider,
        Self::FederatedTokenProvider,
        Self::SigningProvider,
        Self::ExampleApp,
        Self::ExampleAppOnSpin,
    ];

    /// The name of the file, without a folder.
    pub fn file_name(self) -> &'static str {
        recipe::of(self).file_name
    }
}

/// Builds an artefact, or leaves it as it is when nothing changed, and returns its path.
///
/// Cargo runs in a target directory of its own (`component` in the workspace's), so that this may be called from a
/// build script while the outer cargo holds its lock.
pub fn build(artifact: Artifact) -> Result<PathBuf, BuildError> {
    let directory = folder();
    let _turn = workspace::wait_for_turn(&directory)?;
    let recipe = recipe::of(artifact);
    let bytes = component::build(&recipe, &directory)?;
    workspace::write_if_changed(&directory.join(recipe.file_name), bytes)
}

/// Makes what a plain `cargo build --target wasm32-wasip2` makes of the component, and returns its path. It is not for
/// shipping: large, slow, and with imports that nobody uses.
pub fn build_plainly() -> Result<PathBuf, BuildError> {
    component::build_plainly(&folder().join("plain"))
}

/// The folder that artefacts are built into.
pub fn folder() -> PathBuf {
    workspace::target_directory().join("component")
}

/// The files whose change makes a new build of the component needed, for `cargo:rerun-if-changed`.
pub fn inputs() -> Vec<PathBuf> {
    ["src", "client-assertion", "sealing", "wit", "Cargo.toml", "Cargo.lock"]
        .map(|name| workspace::root().join(name))
        .into()
}

/// Why an artefact could not be built.
pub struct BuildError(String);

impl fmt::Display for BuildError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for BuildError {
    /// What a `main` or an `unwrap` shows: nobody can read a compiler's messages with their line ends escaped.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Error for BuildError {}
