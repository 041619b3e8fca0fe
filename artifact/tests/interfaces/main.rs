//! What components import and export, and that the contract is usable alone.

mod contract;
mod providers;

use wasmparser::Parser;
use wasmparser::Payload;

/// The names of a component's imports (sorted) and exports.
fn interfaces(component: &[u8]) -> [Vec<String>; 2] {
    let mut depth = 0_u32;
    let [mut imports, mut exports] = [Vec::new(), Vec::new()];
    for payload in Parser::new(0).parse_all(component) {
        match payload.unwrap() {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                imports
                    .extend(section.into_iter().map(|import| import.unwrap().name.name.to_owned()));
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                exports
                    .extend(section.into_iter().map(|export| export.unwrap().name.name.to_owned()));
            }
            _ => {}
        }
    }
    imports.sort();
    [imports, exports]
}
