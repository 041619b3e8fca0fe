//! The component's exported functions.

use wasmtime::component::Component;
use wasmtime::component::ComponentExportIndex;

use crate::HostError;
use crate::contract::INTERFACE;
use crate::contract::TOKEN_PROVIDER;

/// The export indices of the functions, looked up once for all instances. A component exports one of the interfaces, or
/// both.
#[derive(Clone, Copy)]
pub(super) struct Exports {
    client_credentials: Option<ClientCredentials>,
    get_token: Option<ComponentExportIndex>,
}

/// The functions of `client-credentials`.
#[derive(Clone, Copy)]
pub(super) struct ClientCredentials {
    pub(super) acquire_token_for_client: ComponentExportIndex,
    pub(super) remove_token_for_client: ComponentExportIndex,
    pub(super) export_token_cache: ComponentExportIndex,
    pub(super) import_token_cache: ComponentExportIndex,
}

impl Exports {
    pub(super) fn of(component: &Component) -> Result<Self, HostError> {
        let find = |parent: &ComponentExportIndex, name: &str| {
            component.get_export_index(Some(parent), name).ok_or_else(|| missing(name))
        };
        let token_provider = component.get_export_index(None, TOKEN_PROVIDER);
        let get_token =
            token_provider.map(|interface| find(&interface, "get-token")).transpose()?;
        let client_credentials = component
            .get_export_index(None, INTERFACE)
            .map(|interface| {
                Ok(ClientCredentials {
                    acquire_token_for_client: find(&interface, "acquire-token-for-client")?,
                    remove_token_for_client: find(&interface, "remove-token-for-client")?,
                    export_token_cache: find(&interface, "export-token-cache")?,
                    import_token_cache: find(&interface, "import-token-cache")?,
                })
            })
            .transpose()?;
        if client_credentials.is_none() && get_token.is_none() {
            return Err(missing(INTERFACE));
        }
        Ok(Self { client_credentials, get_token })
    }

    pub(super) fn client_credentials(&self) -> Result<ClientCredentials, HostError> {
        self.client_credentials.ok_or_else(|| missing(INTERFACE))
    }

    pub(super) fn get_token(&self) -> Result<ComponentExportIndex, HostError> {
        self.get_token.ok_or_else(|| missing(TOKEN_PROVIDER))
    }
}

fn missing(name: &str) -> HostError {
    HostError::Component(format!("it does not export {name}"))
}
