//! `msal:client-credentials/assertion-provider`, implemented by the host.

use async_trait::async_trait;
use wasmtime::StoreContextMut;
use wasmtime::component::ComponentType;
use wasmtime::component::Lift;
use wasmtime::component::Linker;
use wasmtime::component::Lower;

use super::Assertions;

/// Makes client assertions for a `provider` credential.
#[async_trait]
pub trait AssertionProvider: Send + Sync {
    /// Returns an assertion for one token request. The caller sees the text of an error, so it must not
    /// contain a secret.
    async fn get_assertion(&self, request: AssertionRequest) -> Result<String, String>;
}

/// What an assertion is for: MSAL's `AssertionRequestOptions`.
#[derive(Clone, ComponentType, Debug, Eq, Lift, PartialEq)]
#[component(record)]
pub struct AssertionRequest {
    /// The application.
    #[component(name = "client-id")]
    pub client_id: String,
    /// The tenant; empty if the authority has none.
    #[component(name = "tenant-id")]
    pub tenant_id: String,
    /// The URL that the assertion will be posted to.
    #[component(name = "token-endpoint")]
    pub token_endpoint: String,
    /// The request's `claims` parameter.
    pub claims: Option<String>,
    /// The application's client capabilities.
    #[component(name = "client-capabilities")]
    pub client_capabilities: Vec<String>,
    /// The request's federated managed identity path.
    #[component(name = "fmi-path")]
    pub fmi_path: Option<String>,
    /// The call's correlation ID.
    #[component(name = "correlation-id")]
    pub correlation_id: String,
    /// The milliseconds left until the call's deadline.
    #[component(name = "remaining-ms")]
    pub remaining_ms: u32,
}

#[derive(ComponentType, Lower)]
#[component(record)]
struct ProviderError {
    message: String,
}

pub(super) fn add_to_linker<T: Send + 'static>(
    linker: &mut Linker<T>,
    view: fn(&T) -> &Assertions,
) -> wasmtime::Result<()> {
    let mut interface = linker.instance("msal:client-credentials/assertion-provider@0.1.0")?;
    interface.func_wrap_async(
        "get-assertion",
        move |store: StoreContextMut<'_, T>, (request,): (AssertionRequest,)| {
            let provider = view(store.data()).provider.clone();
            Box::new(async move {
                let assertion = match provider {
                    Some(provider) => provider.get_assertion(request).await,
                    None => Err("this host has no assertion provider".to_owned()),
                };
                Ok((assertion.map_err(|message| ProviderError { message }),))
            })
        },
    )
}
