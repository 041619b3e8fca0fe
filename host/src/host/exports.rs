//! The component's exported functions.

use std::marker::PhantomData;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use wasmtime::AsContextMut;
use wasmtime::component::Component;
use wasmtime::component::ComponentExportIndex;
use wasmtime::component::ComponentNamedList;
use wasmtime::component::Instance;
use wasmtime::component::Lift;
use wasmtime::component::Lower;
use wasmtime::component::TypedFunc;

use crate::HostError;
use crate::contract::AcquireError;
use crate::contract::Application;
use crate::contract::AuthenticationResult;
use crate::contract::INTERFACE;
use crate::contract::ImportReport;
use crate::contract::TOKEN_PROVIDER;
use crate::contract::Token;
use crate::contract::TokenFailure;
use crate::contract::TokenRequest;

/// The functions, looked up once for all instances. A component exports one of the interfaces, or both.
pub(super) struct Exports {
    client_credentials: Option<ClientCredentials>,
    get_token: Option<Export<GetToken>>,
}

/// The functions of `client-credentials`.
pub(super) struct ClientCredentials {
    pub(super) acquire_token_for_client: Export<Acquire>,
    pub(super) remove_token_for_client: Export<Remove>,
    pub(super) export_token_cache: Export<ExportCache>,
    pub(super) import_token_cache: Export<ImportCache>,
}

impl Exports {
    pub(super) fn of(component: &Component) -> Result<Self, HostError> {
        let token_provider = component.get_export_index(None, TOKEN_PROVIDER);
        let get_token = token_provider
            .map(|interface| Export::of_interface(component, &interface))
            .transpose()?;
        let client_credentials = component
            .get_export_index(None, INTERFACE)
            .map(|interface| {
                Ok(ClientCredentials {
                    acquire_token_for_client: Export::of_interface(component, &interface)?,
                    remove_token_for_client: Export::of_interface(component, &interface)?,
                    export_token_cache: Export::of_interface(component, &interface)?,
                    import_token_cache: Export::of_interface(component, &interface)?,
                })
            })
            .transpose()?;
        if client_credentials.is_none() && get_token.is_none() {
            return Err(missing(INTERFACE));
        }
        Ok(Self { client_credentials, get_token })
    }

    pub(super) fn client_credentials(&self) -> Result<&ClientCredentials, HostError> {
        self.client_credentials.as_ref().ok_or_else(|| missing(INTERFACE))
    }

    pub(super) fn get_token(&self) -> Result<&Export<GetToken>, HostError> {
        self.get_token.as_ref().ok_or_else(|| missing(TOKEN_PROVIDER))
    }
}

fn missing(name: &str) -> HostError {
    HostError::Component(format!("it does not export {name}"))
}

/// A function of the contract: its name and its Rust types.
pub(super) trait Signature {
    const NAME: &'static str;
    type Arguments<'a>: ComponentNamedList + Lower + Send + Sync;
    type Answer: Lift + Send + Sync + 'static;
}

/// `acquire-token-for-client`.
pub(super) struct Acquire;

impl Signature for Acquire {
    const NAME: &'static str = "acquire-token-for-client";
    type Arguments<'a> = (&'a Application, &'a TokenRequest);
    type Answer = Result<AuthenticationResult, AcquireError>;
}

/// `remove-token-for-client`.
pub(super) struct Remove;

impl Signature for Remove {
    const NAME: &'static str = "remove-token-for-client";
    type Arguments<'a> = (&'a Application, &'a TokenRequest);
    type Answer = Result<(), AcquireError>;
}

/// `export-token-cache`.
pub(super) struct ExportCache;

impl Signature for ExportCache {
    const NAME: &'static str = "export-token-cache";
    type Arguments<'a> = (&'a Application, &'a [TokenRequest]);
    type Answer = Result<String, AcquireError>;
}

/// `import-token-cache`.
pub(super) struct ImportCache;

impl Signature for ImportCache {
    const NAME: &'static str = "import-token-cache";
    type Arguments<'a> = (&'a Application, &'a str);
    type Answer = Result<ImportReport, AcquireError>;
}

/// `get-token`.
pub(super) struct GetToken;

impl Signature for GetToken {
    const NAME: &'static str = "get-token";
    type Arguments<'a> = (&'a str, Option<&'a str>);
    type Answer = Result<Token, TokenFailure>;
}

/// A function whose type is checked once: comparing its hundreds of fields takes longer than a cache hit's cryptography.
pub(super) struct Export<S> {
    index: ComponentExportIndex,
    is_checked: AtomicBool,
    signature: PhantomData<S>,
}

impl<S: Signature> Export<S> {
    fn of_interface(
        component: &Component,
        interface: &ComponentExportIndex,
    ) -> Result<Self, HostError> {
        let index =
            component.get_export_index(Some(interface), S::NAME).ok_or_else(|| missing(S::NAME))?;
        Ok(Self { index, is_checked: AtomicBool::new(false), signature: PhantomData })
    }

    /// The function in an instance of the component.
    pub(super) fn of<'a>(
        &self,
        instance: &Instance,
        mut store: impl AsContextMut,
    ) -> wasmtime::Result<TypedFunc<S::Arguments<'a>, (S::Answer,)>> {
        let function = instance
            .get_func(&mut store, self.index)
            .ok_or_else(|| wasmtime::Error::msg(format!("there is no function {}", S::NAME)))?;
        if self.is_checked.load(Ordering::Relaxed) {
            // SAFETY: the function has this type in one instance, so it has it in every instance of the component.
            return Ok(unsafe { TypedFunc::new_unchecked(function) });
        }
        let function = function.typed(&store)?;
        self.is_checked.store(true, Ordering::Relaxed);
        Ok(function)
    }
}
