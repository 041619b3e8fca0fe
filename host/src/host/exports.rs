//! The component's exported functions.

use wasmtime::component::Component;
use wasmtime::component::ComponentExportIndex;

use crate::HostError;
use crate::contract::INTERFACE;

/// The export indices of the functions, looked up once for all instances.
#[derive(Clone, Copy)]
pub(super) struct Exports {
    pub(super) acquire_token_for_client: ComponentExportIndex,
    pub(super) remove_token_for_client: ComponentExportIndex,
    pub(super) export_token_cache: ComponentExportIndex,
    pub(super) import_token_cache: ComponentExportIndex,
}

impl Exports {
    pub(super) fn of(component: &Component) -> Result<Self, HostError> {
        let find = |parent: Option<&ComponentExportIndex>, name: &str| {
            component
                .get_export_index(parent, name)
                .ok_or_else(|| HostError::Component(format!("it does not export {name}")))
        };
        let interface = find(None, INTERFACE)?;
        Ok(Self {
            acquire_token_for_client: find(Some(&interface), "acquire-token-for-client")?,
            remove_token_for_client: find(Some(&interface), "remove-token-for-client")?,
            export_token_cache: find(Some(&interface), "export-token-cache")?,
            import_token_cache: find(Some(&interface), "import-token-cache")?,
        })
    }
}
