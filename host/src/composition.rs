//! Composes an app with the component.

use std::borrow::Cow;

use msal_composition::CompositionError;
use msal_composition::Interfaces;
use msal_composition::satisfies;

use crate::ComponentSource;
use crate::HostError;

/// Composes an app, a component that imports the contract `msal:client-credentials`, with the component
/// that implements it, by default the built-in one. The result imports what is left of the imports of both
/// and exports what the app exports.
///
/// The built-in component needs a host with `wasi:keyvalue@0.2.0-draft2` and an assertion provider, such
/// as [`serve`](crate::serve()), which composes an app by itself.
pub fn compose(app: &[u8], component: impl Into<ComponentSource>) -> Result<Vec<u8>, HostError> {
    compose_with(app, component.into().bytes())
}

fn compose_with(app: &[u8], component: &[u8]) -> Result<Vec<u8>, HostError> {
    let imports = contract_imports(app)?;
    if imports.is_empty() {
        return Err(HostError::App(format!(
            "it does not import {CONTRACT}client-credentials; \
             either it is composed already, or it does not use the contract"
        )));
    }
    let exports =
        Interfaces::of(component).map_err(|error| HostError::Component(error.to_string()))?.exports;
    for import in imports {
        if !exports.iter().any(|export| satisfies(export, &import)) {
            let remedy = match import.starts_with(TOKEN_PROVIDER) {
                true => "compose it with a configured component first",
                false => "build the app for an interface that the component exports",
            };
            return Err(HostError::App(format!(
                "it imports {import}, but the component exports {}; {remedy}",
                exports.join(", ")
            )));
        }
    }
    msal_composition::compose(app, component).map_err(app_error)
}

/// Takes the rights of the host from an app that will be composed with a configured component, by a guard: see
/// [`msal_composition::isolate`].
pub fn isolate(app: &[u8], guard: &[u8]) -> Result<Vec<u8>, HostError> {
    msal_composition::isolate(app, guard).map_err(app_error)
}

/// Composes an app with the built-in component, unless it imports nothing of the contract.
pub(crate) fn compose_if_needed(app: &[u8]) -> Result<Cow<'_, [u8]>, HostError> {
    if contract_imports(app)?.is_empty() {
        Ok(Cow::Borrowed(app))
    } else {
        compose_with(app, ComponentSource::default().bytes_for_own_engine()).map(Cow::Owned)
    }
}

/// What a component imports of the contract, except the interfaces that the host implements.
fn contract_imports(component: &[u8]) -> Result<Vec<String>, HostError> {
    let mut imports = Interfaces::of(component).map_err(app_error)?.imports;
    imports.retain(|import| {
        let interface = import.strip_prefix(CONTRACT).unwrap_or_default();
        let name = interface.split('@').next().unwrap_or_default();
        !name.is_empty() && !OF_THE_HOST.contains(&name)
    });
    Ok(imports)
}

fn app_error(error: CompositionError) -> HostError {
    HostError::App(error.to_string())
}

const TOKEN_PROVIDER: &str = "msal:client-credentials/token-provider@";
const CONTRACT: &str = "msal:client-credentials/";
const OF_THE_HOST: [&str; 2] = ["assertion-provider", "signer"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_is_composed_once() {
        let app = importing("msal:client-credentials/client-credentials@0.1.0");
        let composed = compose_if_needed(&app).unwrap().into_owned();
        let imports = Interfaces::of(&composed).unwrap().imports;
        assert!(imports.iter().any(|import| import.starts_with("wasi:keyvalue/")), "{imports:?}");
        assert_eq!(contract_imports(&composed), Ok(Vec::new()));
        assert_eq!(compose_if_needed(&composed).unwrap(), composed);
        let error = compose(&composed, ComponentSource::default()).unwrap_err().to_string();
        assert!(error.contains("it is composed already"), "{error}");
    }

    // The bug report of a linker error of wasmtime, which names neither the interface to import nor who exports it.
    #[test]
    fn an_interface_that_the_component_does_not_export_is_named() {
        for import in [
            "msal:client-credentials/token-provider@0.1.0",
            "msal:client-credentials/client-credentials@0.2.0",
        ] {
            let error = compose_if_needed(&importing(import)).unwrap_err().to_string();
            let expected = format!(
                "it imports {import}, but the component exports \
                 msal:client-credentials/client-credentials@0.1.0; "
            );
            assert!(error.contains(&expected), "{error}");
        }
    }

    #[test]
    fn a_similar_name_is_not_an_import_of_the_contract() {
        for name in ["other:client-credentials/client-credentials@0.1.0", "msal-client-credentials"]
        {
            let app = importing(name);
            assert_eq!(compose_if_needed(&app).unwrap(), app);
        }
    }

    /// A component that only imports an instance.
    fn importing(name: &str) -> Vec<u8> {
        let length = |bytes: &[u8]| u8::try_from(bytes.len()).unwrap();
        let import = [&[1, 0, length(name.as_bytes())], name.as_bytes(), &[5, 0]].concat();
        let instance_type = [7, 3, 1, 0x42, 0];
        [b"\0asm\x0d\0\x01\0", &instance_type[..], &[10, length(&import)], &import].concat()
    }
}
