//! Builds the WebAssembly artifacts of this workspace, so that `cargo run` and `cargo test` need only rustup.
//!
//! Components that need no operating system are compiled for `wasm32-unknown-unknown` and encoded with
//! `wit-component`: a `wasm32-wasip2` build of the standard library would add a dozen unused imports. `recipe.rs` lists
//! how each artifact is built.

mod component;
mod packages;
mod recipe;
#[cfg(feature = "compose")]
mod shipped;
mod stamp;
mod strip;
mod toolchain;
mod workspace;

use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::time::SystemTime;

pub use self::packages::Package;
#[cfg(feature = "compose")]
pub use self::shipped::Shipped;
use self::stamp::Stamp;

/// A WebAssembly file that this workspace builds.
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
    /// The component without `wasi:keyvalue`, with the cache in its own memory.
    ComponentMemory,
    /// `ComponentDraft2` that also imports an assertion provider.
    ComponentDraft2Provider,
    /// `ComponentDraft` that also imports an assertion provider.
    ComponentDraftProvider,
    /// `ComponentDraft2` for engines with wide arithmetic, which signs three times as fast.
    ComponentDraft2Wide,
    /// `ComponentDraft` for engines with wide arithmetic.
    ComponentDraftWide,
    /// `ComponentDraft2Provider` for engines with wide arithmetic.
    ComponentDraft2ProviderWide,
    /// The assertion provider that reads a file or a variable.
    FederatedTokenProvider,
    /// The assertion provider that lets its host sign.
    SigningProvider,
    /// Tokens for code that holds no credential, configured by Spin's variables. It still imports the contract.
    ConfiguredOnSpin,
    /// The same, configured by `wasi:config@0.2.0-rc.1`.
    ConfiguredByConfig,
    /// The same, configured by environment variables.
    ConfiguredByEnvironment,
    /// Takes the configuration, the environment and the store from code that holds no credential.
    Guard,
    /// `Guard` that takes outgoing HTTP too.
    GuardNetwork,
    /// The example app that holds no credential. It still imports `token-provider`.
    ExampleConfiguredApp,
    /// A guest that tries to get what it must not have, for tests.
    HostileGuest,
    /// The example app, with its settings in environment variables. It still imports the contract.
    ExampleApp,
    /// The example app, with its settings in Spin's variables. It still imports the contract.
    ExampleAppOnSpin,
}

impl Artifact {
    /// Every artifact.
    pub const ALL: [Self; 21] = [
        Self::ComponentDraft2,
        Self::ComponentDraft,
        Self::ComponentDraft2StoreOnly,
        Self::ComponentDraftStoreOnly,
        Self::ComponentMemory,
        Self::ComponentDraft2Provider,
        Self::ComponentDraftProvider,
        Self::ComponentDraft2Wide,
        Self::ComponentDraftWide,
        Self::ComponentDraft2ProviderWide,
        Self::FederatedTokenProvider,
        Self::SigningProvider,
        Self::ConfiguredOnSpin,
        Self::ConfiguredByConfig,
        Self::ConfiguredByEnvironment,
        Self::Guard,
        Self::GuardNetwork,
        Self::ExampleConfiguredApp,
        Self::HostileGuest,
        Self::ExampleApp,
        Self::ExampleAppOnSpin,
    ];

    /// The file name, without a folder.
    pub fn file_name(self) -> &'static str {
        recipe::of(self).file_name
    }
}

/// Builds an artifact unless it is newer than its [`inputs`], and returns its path.
///
/// Cargo runs in a separate target directory (`component` in the workspace's), so that a build script can call this
/// while the outer cargo holds its lock.
pub fn build(artifact: Artifact) -> Result<PathBuf, BuildError> {
    let directory = folder();
    let _lock = workspace::lock(&directory)?;
    let recipe = recipe::of(artifact);
    let path = directory.join(recipe.file_name);
    let stamp = Stamp::of(&path);
    if stamp.is_newer_than(&inputs(artifact)) {
        return Ok(path);
    }
    let start = SystemTime::now();
    let bytes = component::build(&recipe, &directory)?;
    workspace::write_if_changed(&path, bytes)?;
    stamp.set(start)?;
    Ok(path)
}

/// Builds the component with a plain `cargo build --target wasm32-wasip2` and returns its path. Not for release: it is
/// large and slow and has unused imports.
pub fn build_plainly() -> Result<PathBuf, BuildError> {
    component::build_plainly(&folder().join("plain"))
}

/// The packages that are compiled into an artifact, sorted by name.
pub fn packages(artifact: Artifact) -> Result<Vec<Package>, BuildError> {
    packages::of(&recipe::of(artifact))
}

/// The folder that artifacts are built into.
pub fn folder() -> PathBuf {
    workspace::target_directory().join("component")
}

/// The files and folders that an artifact is built from.
pub fn inputs(artifact: Artifact) -> Vec<PathBuf> {
    SHARED_INPUTS
        .into_iter()
        .chain([recipe::of(artifact).folder])
        .map(|name| workspace::root().join(name))
        .collect()
}

const SHARED_INPUTS: [&str; 9] = [
    "allocator",
    "artifact/src",
    "client-assertion",
    "sealing",
    "src",
    "wit",
    "Cargo.lock",
    "Cargo.toml",
    "rust-toolchain.toml",
];

/// Why an artifact could not be built.
pub struct BuildError(String);

impl fmt::Display for BuildError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for BuildError {
    /// The same as `Display`: `main` and `unwrap` print `Debug`, and escaped line ends make compiler output unreadable.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Error for BuildError {}
