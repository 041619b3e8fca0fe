//! The shell: binds the flow to WASI. It converts, calls the host, and converts back; it decides nothing about tokens.
#![expect(clippy::result_large_err, reason = "the contract's error, which a call returns once")]

mod bindings;
mod convert;
mod executor;
mod http;
mod options;
mod provider;
mod store;
mod wasi;

use bindings::exports::msal::client_credentials::client_credentials as contract;
use msal_allocator::erase_stack;
use wasi::WasiHost;

use crate::acquire::acquire_token_for_client;
use crate::migrate::export_token_cache;
use crate::migrate::import_token_cache;
use crate::remove::remove_token_for_client;
use crate::secret::Secret;

struct Component;

impl contract::Guest for Component {
    fn acquire_token_for_client(
        application: contract::Application,
        request: contract::TokenRequest,
    ) -> Result<contract::AuthenticationResult, contract::AcquireError> {
        let is_certificate = |it| matches!(it, &contract::Credential::Certificate(_));
        let has_certificate = application.credentials.iter().any(is_certificate);
        let result = acquire(application, request);
        match &result {
            Ok(result) if matches!(result.metadata.token_source, contract::TokenSource::Cache) => {
                erase_stack::<STACK_OF_A_HIT>();
            }
            _ if has_certificate => erase_stack::<STACK_OF_A_CALL>(),
            _ => erase_stack::<STACK_WITHOUT_A_CERTIFICATE>(),
        }
        result
    }

    fn remove_token_for_client(
        application: contract::Application,
        request: contract::TokenRequest,
    ) -> Result<(), contract::AcquireError> {
        let result = remove(application, request);
        erase_stack::<STACK_OF_A_CALL>();
        result
    }

    fn export_token_cache(
        application: contract::Application,
        requests: Vec<contract::TokenRequest>,
    ) -> Result<String, contract::AcquireError> {
        let result = export(application, requests);
        erase_stack::<STACK_OF_A_CALL>();
        result
    }

    fn import_token_cache(
        application: contract::Application,
        cache: String,
    ) -> Result<contract::ImportReport, contract::AcquireError> {
        let result = import(application, cache);
        erase_stack::<STACK_OF_A_CALL>();
        result
    }
}

// Not inlined, so that they use the part of the stack that is erased.

#[inline(never)]
fn acquire(
    application: contract::Application,
    request: contract::TokenRequest,
) -> Result<contract::AuthenticationResult, contract::AcquireError> {
    let mut host = WasiHost::new();
    let application = convert::to_application(application).map_err(convert::from_rejected)?;
    let request = convert::to_request(request).map_err(convert::from_rejected)?;
    let result = executor::run(acquire_token_for_client(&mut host, application, request));
    let durations = host.durations();
    match result {
        Some(Ok(result)) => Ok(convert::from_result(result, durations)),
        Some(Err(error)) => Err(convert::from_error(error, durations)),
        None => Err(convert::stopped(host.reason_to_stop())),
    }
}

#[inline(never)]
fn remove(
    application: contract::Application,
    request: contract::TokenRequest,
) -> Result<(), contract::AcquireError> {
    let mut host = WasiHost::new();
    let application = convert::to_application(application).map_err(convert::from_rejected)?;
    let request = convert::to_request(request).map_err(convert::from_rejected)?;
    match executor::run(remove_token_for_client(&mut host, application, request)) {
        Some(result) => result.map_err(|error| convert::from_error(error, host.durations())),
        None => Err(convert::stopped(host.reason_to_stop())),
    }
}

#[inline(never)]
fn export(
    application: contract::Application,
    requests: Vec<contract::TokenRequest>,
) -> Result<String, contract::AcquireError> {
    let mut host = WasiHost::new();
    let application = convert::to_application(application).map_err(convert::from_rejected)?;
    let requests = requests
        .into_iter()
        .map(convert::to_request)
        .collect::<Result<_, _>>()
        .map_err(convert::from_rejected)?;
    match executor::run(export_token_cache(&mut host, application, requests)) {
        Some(Ok(cache)) => Ok(cache.into_inner()),
        Some(Err(error)) => Err(convert::from_error(error, host.durations())),
        None => Err(convert::stopped(host.reason_to_stop())),
    }
}

#[inline(never)]
fn import(
    application: contract::Application,
    cache: String,
) -> Result<contract::ImportReport, contract::AcquireError> {
    let mut host = WasiHost::new();
    let application = convert::to_application(application).map_err(convert::from_rejected)?;
    let cache = Secret::from(cache);
    match executor::run(import_token_cache(&mut host, application, &cache)) {
        Some(Ok(report)) => Ok(convert::from_report(report)),
        Some(Err(error)) => Err(convert::from_error(error, host.durations())),
        None => Err(convert::stopped(host.reason_to_stop())),
    }
}

/// No secret of a hit is left deeper, as `freed_memory.rs` of the host tests shows. Every byte costs each hit some time.
const STACK_OF_A_HIT: usize = 8 << 10;

/// A token request with a client secret uses 16 KiB.
const STACK_WITHOUT_A_CERTIFICATE: usize = 24 << 10;

/// Most of the stack: no secret of any call is left deeper. A token request with a key in PEM uses 23 KiB.
const STACK_OF_A_CALL: usize = 48 << 10;
