//! The imported assertion provider, in flavours that have one.

use crate::credential::AssertionRequest;
use crate::secret::Secret;

/// Calls the provider.
#[cfg(feature = "provider")]
pub(super) fn get_assertion(request: AssertionRequest) -> Result<Secret<String>, String> {
    use super::bindings::msal::client_credentials::assertion_provider;

    let request = assertion_provider::AssertionRequest {
        client_id: request.client_id,
        tenant_id: request.tenant_id,
        token_endpoint: request.token_endpoint,
        claims: request.claims,
        client_capabilities: request.client_capabilities,
        fmi_path: request.fmi_path,
        correlation_id: request.correlation_id,
        remaining_ms: u32::try_from(request.remaining.as_millis()).unwrap_or(u32::MAX),
    };
    assertion_provider::get_assertion(&request).map(Secret::from).map_err(|error| error.message)
}

/// This flavour imports no provider.
#[cfg(not(feature = "provider"))]
pub(super) fn get_assertion(_request: AssertionRequest) -> Result<Secret<String>, String> {
    Err("this flavour of the component imports no assertion provider; use one that does".to_owned())
}
