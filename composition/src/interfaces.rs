//! The interfaces of a component.

use wac_graph::types::are_semver_compatible;
use wasmparser::Parser;
use wasmparser::Payload;

use crate::CompositionError;

/// The names of what a component imports and exports, such as `wasi:http/types@0.2.6`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Interfaces {
    /// The imports, in the order of the file.
    pub imports: Vec<String>,
    /// The exports, in the order of the file.
    pub exports: Vec<String>,
}

impl Interfaces {
    /// Lists the interfaces of a component in the binary format, without validating the rest of it.
    pub fn of(component: &[u8]) -> Result<Self, CompositionError> {
        if Parser::is_core_wasm(component) {
            return Err(CompositionError(
                "it is a core module; make a component of it, as `wasm-tools component new` does"
                    .to_owned(),
            ));
        }
        if !Parser::is_component(component) {
            return Err(CompositionError("it is not a WebAssembly component".to_owned()));
        }
        Self::parse(component).map_err(|error| {
            CompositionError(format!("it is not a valid WebAssembly component: {error}"))
        })
    }

    fn parse(component: &[u8]) -> wasmparser::Result<Self> {
        let mut interfaces = Self::default();
        let mut depth = 0_u32;
        for payload in Parser::new(0).parse_all(component) {
            match payload? {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::ComponentImportSection(section) if depth == 0 => {
                    for import in section {
                        interfaces.imports.push(import?.name.name.to_owned());
                    }
                }
                Payload::ComponentExportSection(section) if depth == 0 => {
                    for export in section {
                        interfaces.exports.push(export?.name.name.to_owned());
                    }
                }
                _ => {}
            }
        }
        Ok(interfaces)
    }
}

/// Whether the names say that an export can be plugged into an import: they are the same, or versions of
/// one interface that are compatible.
pub fn satisfies(export: &str, import: &str) -> bool {
    export == import || are_semver_compatible(export, import)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_one_interface_are_compatible_within_a_minor_version() {
        assert!(satisfies("a:b/c@0.1.0", "a:b/c@0.1.0"));
        assert!(satisfies("a:b/c@0.1.2", "a:b/c@0.1.0"));
        assert!(!satisfies("a:b/c@0.1.0", "a:b/c@0.2.0"));
        assert!(!satisfies("a:b/c@0.1.0", "a:b/d@0.1.0"));
    }

    #[test]
    fn other_files_are_refused_with_the_reason() {
        for (file, reason) in [
            (&b"\0asm\x01\0\0\0"[..], "it is a core module"),
            (b"", "it is not a WebAssembly component"),
            (b"(component)", "it is not a WebAssembly component"),
            (b"\0asm\x0d\0\x01\0\x0a\x05", "it is not a valid WebAssembly component: "),
        ] {
            let error = Interfaces::of(file).unwrap_err().to_string();
            assert!(error.starts_with(reason), "{error}");
        }
        assert_eq!(Interfaces::of(b"\0asm\x0d\0\x01\0"), Ok(Interfaces::default()));
    }
}
