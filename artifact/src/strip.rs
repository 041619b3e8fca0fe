//! Removes sections that only debuggers read.

use wasmparser::Parser;
use wasmparser::Payload;

/// The component without its `component-name` section, which `wit-component` always writes.
pub(crate) fn strip_names(component: Vec<u8>) -> wasmparser::Result<Vec<u8>> {
    let mut depth = 0_u32;
    let mut end_of_previous = 0;
    for payload in Parser::new(0).parse_all(&component) {
        let payload = payload?;
        if depth == 0 {
            if let Payload::CustomSection(section) = &payload
                && section.name() == "component-name"
            {
                return Ok(
                    [&component[..end_of_previous], &component[section.range().end..]].concat()
                );
            }
            end_of_previous = match &payload {
                Payload::Version { range, .. } => range.end,
                Payload::ModuleSection { unchecked_range, .. }
                | Payload::ComponentSection { unchecked_range, .. } => unchecked_range.end,
                other => other.as_section().map_or(end_of_previous, |(_, range)| range.end),
            };
        }
        match payload {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(component)
}
