//! Composition: an app and the component that it imports, as one file.

use std::path::PathBuf;

use wac_graph::CompositionGraph;
use wac_graph::EncodeOptions;
use wac_graph::PackageId;
use wac_graph::types::Package;

use crate::Artifact;
use crate::BuildError;
use crate::build;
use crate::workspace;

/// The example app, composed with the component for a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Composition {
    /// Over `wasi:keyvalue@0.2.0-draft2`: for `msal-host serve`, which offers both drafts.
    ForOwnHost,
    /// Over `wasi:keyvalue@0.2.0-draft`: for `wasmtime serve` and wasmCloud.
    ForWasmtime,
    /// What Spin makes of its manifest when it loads the app.
    ForSpin,
}

impl Composition {
    /// Everything there is.
    pub const ALL: [Self; 3] = [Self::ForOwnHost, Self::ForWasmtime, Self::ForSpin];

    /// The name of the file, without a folder.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::ForOwnHost => "msal-example-app-composed-draft2.wasm",
            Self::ForWasmtime => "msal-example-app-composed-draft.wasm",
            Self::ForSpin => "msal-example-app-spin-composed.wasm",
        }
    }

    fn parts(self) -> (Artifact, Artifact) {
        match self {
            Self::ForOwnHost => (Artifact::ExampleApp, Artifact::ComponentDraft2),
            Self::ForWasmtime => (Artifact::ExampleApp, Artifact::ComponentDraft),
            Self::ForSpin => (Artifact::ExampleAppOnSpin, Artifact::ComponentDraft2),
        }
    }
}

/// As [`build()`], for both parts and then the whole.
pub fn build_composition(composition: Composition) -> Result<PathBuf, BuildError> {
    let (app, component) = composition.parts();
    let composed = compose(&read_built(app)?, &read_built(component)?)?;
    let path = workspace::artifact_directory().join(composition.file_name());
    workspace::write_if_changed(&path, composed)
}

/// One component: the app, with what it imports and the component exports plugged in, as `wac plug` does it. What is
/// left of both parts' imports is imported, and the app's exports are exported.
pub fn compose(app: &[u8], component: &[u8]) -> Result<Vec<u8>, BuildError> {
    let mut graph = CompositionGraph::new();
    let app = register(&mut graph, "app", app)?;
    let component = register(&mut graph, "component", component)?;
    wac_graph::plug(&mut graph, vec![component], app)
        .map_err(|error| BuildError(format!("the parts do not fit: {error}")))?;
    let options = EncodeOptions { validate: true, ..EncodeOptions::default() };
    graph
        .encode(options)
        .map_err(|error| BuildError(format!("the composed app cannot be encoded: {error}")))
}

fn register(
    graph: &mut CompositionGraph,
    name: &str,
    bytes: &[u8],
) -> Result<PackageId, BuildError> {
    let package = Package::from_bytes(name, None, bytes, graph.types_mut())
        .map_err(|error| BuildError(format!("the {name} cannot be read: {error:#}")))?;
    graph
        .register_package(package)
        .map_err(|error| BuildError(format!("the {name} cannot be composed: {error}")))
}

fn read_built(artifact: Artifact) -> Result<Vec<u8>, BuildError> {
    workspace::read(&build(artifact)?)
}
