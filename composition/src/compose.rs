//! Composition: a component and the component that it imports, in one file.

use wac_graph::CompositionGraph;
use wac_graph::EncodeOptions;
use wac_graph::PackageId;
use wac_graph::types::Package;

use crate::CompositionError;

/// Plugs the exports of `plug` into the matching imports of `socket`, as `wac plug` does. The result imports what is
/// left of both components' imports and exports the socket's exports.
pub fn compose(socket: &[u8], plug: &[u8]) -> Result<Vec<u8>, CompositionError> {
    let mut graph = CompositionGraph::new();
    let socket = register(&mut graph, "socket", socket)?;
    let plug = register(&mut graph, "plug", plug)?;
    wac_graph::plug(&mut graph, vec![plug], socket).map_err(|error| {
        CompositionError(format!("the components do not fit together: {error}"))
    })?;
    let options = EncodeOptions { validate: true, ..EncodeOptions::default() };
    graph
        .encode(options)
        .map_err(|error| CompositionError(format!("the composition cannot be encoded: {error}")))
}

fn register(
    graph: &mut CompositionGraph,
    name: &str,
    bytes: &[u8],
) -> Result<PackageId, CompositionError> {
    let package = Package::from_bytes(name, None, bytes, graph.types_mut())
        .map_err(|error| CompositionError(format!("the {name} cannot be read: {error:#}")))?;
    graph
        .register_package(package)
        .map_err(|error| CompositionError(format!("the {name} cannot be composed: {error}")))
}
