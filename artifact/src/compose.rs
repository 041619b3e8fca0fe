//! Composition: a part and what it imports, as one file.

use wac_graph::CompositionGraph;
use wac_graph::EncodeOptions;
use wac_graph::PackageId;
use wac_graph::types::Package;

use crate::BuildError;

/// One component: the socket, with what it imports and the plug exports plugged in, as `wac plug` does it. What is left
/// of both parts' imports is imported, and the socket's exports are exported.
pub fn compose(socket: &[u8], plug: &[u8]) -> Result<Vec<u8>, BuildError> {
    let mut graph = CompositionGraph::new();
    let socket = register(&mut graph, "socket", socket)?;
    let plug = register(&mut graph, "plug", plug)?;
    wac_graph::plug(&mut graph, vec![plug], socket)
        .map_err(|error| BuildError(format!("the parts do not fit: {error}")))?;
    let options = EncodeOptions { validate: true, ..EncodeOptions::default() };
    graph
        .encode(options)
        .map_err(|error| BuildError(format!("the composed parts cannot be encoded: {error}")))
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
