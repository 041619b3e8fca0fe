//! One instance of the component.

use std::fmt;

use tokio::sync::OwnedSemaphorePermit;
use wasmtime::Store;
use wasmtime::Trap;
use wasmtime::component::Instance;

use super::Host;
use super::Statistics;
use super::exports::Export;
use super::exports::Exports;
use super::exports::Signature;
use super::statistics::Totals;
use crate::HostError;
use crate::contract::AcquireError;
use crate::contract::Application;
use crate::contract::AuthenticationResult;
use crate::contract::ImportReport;
use crate::contract::Token;
use crate::contract::TokenFailure;
use crate::contract::TokenRequest;
use crate::guest::Guest;

/// An instance that is kept between calls, as in a server that embeds the component. It keeps no state
/// outside the store, so it differs from fresh instances only in speed; except the component without a
/// store, whose cache is the instance's memory.
///
/// It cannot be used after a [`HostError`].
pub struct ReusedInstance {
    // Fields are dropped in this order: the permit is released after the instance is gone.
    store: Store<Guest>,
    instance: Instance,
    totals: Totals,
    host: Host,
    _permit: OwnedSemaphorePermit,
}

impl ReusedInstance {
    /// An instance with a turn for its first call.
    pub(super) async fn new(host: Host) -> Result<Self, HostError> {
        let runtime = &host.0.code.runtime;
        // Calls that end late must not keep others waiting for ever.
        let limits = &runtime.limits;
        let permit = tokio::time::timeout(limits.time, runtime.acquire_permit())
            .await
            .map_err(|_| HostError::Busy(limits.instances))??;
        let turn = runtime.turns.take().await;
        let mut guest = host
            .0
            .environment
            .guest(runtime.limits.memory)
            .map_err(|error| HostError::runtime(&error))?;
        guest.turn = turn;
        let mut store = runtime.store(guest)?;
        let instance = host
            .0
            .code
            .component
            .instantiate_async(&mut store)
            .await
            .map_err(|error| failure(&host, &store, &error))?;
        Ok(Self { store, instance, totals: Totals::default(), host, _permit: permit })
    }

    /// An instance that is kept takes a turn for each call.
    pub(super) fn end_turn(&mut self) {
        self.store.data_mut().turn = None;
    }

    /// See [`Host::acquire_token_for_client`].
    pub async fn acquire_token_for_client(
        &mut self,
        application: &Application,
        request: &TokenRequest,
    ) -> Result<Result<AuthenticationResult, AcquireError>, HostError> {
        self.call(
            |exports| Ok(&exports.client_credentials()?.acquire_token_for_client),
            (application, request),
        )
        .await
    }

    /// See [`Host::remove_token_for_client`].
    pub async fn remove_token_for_client(
        &mut self,
        application: &Application,
        request: &TokenRequest,
    ) -> Result<Result<(), AcquireError>, HostError> {
        self.call(
            |exports| Ok(&exports.client_credentials()?.remove_token_for_client),
            (application, request),
        )
        .await
    }

    /// See [`Host::export_token_cache`].
    pub async fn export_token_cache(
        &mut self,
        application: &Application,
        requests: &[TokenRequest],
    ) -> Result<Result<String, AcquireError>, HostError> {
        self.call(
            |exports| Ok(&exports.client_credentials()?.export_token_cache),
            (application, requests),
        )
        .await
    }

    /// See [`Host::import_token_cache`].
    pub async fn import_token_cache(
        &mut self,
        application: &Application,
        cache: &str,
    ) -> Result<Result<ImportReport, AcquireError>, HostError> {
        self.call(
            |exports| Ok(&exports.client_credentials()?.import_token_cache),
            (application, cache),
        )
        .await
    }

    /// See [`Host::get_token`].
    pub async fn get_token(
        &mut self,
        scope: &str,
        application: Option<&str>,
    ) -> Result<Result<Token, TokenFailure>, HostError> {
        self.call(Exports::get_token, (scope, application)).await
    }

    /// The resources that the calls in this instance have used.
    pub fn statistics(&self) -> Statistics {
        self.totals.statistics()
    }

    async fn call<S: Signature>(
        &mut self,
        export: impl FnOnce(&Exports) -> Result<&Export<S>, HostError>,
        arguments: S::Arguments<'_>,
    ) -> Result<S::Answer, HostError> {
        let function = export(&self.host.0.code.exports)?
            .of(&self.instance, &mut self.store)
            .map_err(|error| HostError::component(&error))?;
        let runtime = &self.host.0.code.runtime;
        if self.store.data().turn.is_none() {
            self.store.data_mut().turn = runtime.turns.take().await;
        }
        let limits = &runtime.limits;
        if let Some(fuel) = limits.fuel {
            self.store.set_fuel(fuel).map_err(|error| HostError::runtime(&error))?;
        }
        let call = function.call_async(&mut self.store, arguments);
        let (answer,) = tokio::time::timeout(limits.time, call)
            .await
            .map_err(|_| HostError::TimeLimit(limits.time))?
            .map_err(|error| failure(&self.host, &self.store, &error))?;
        self.end_turn();
        self.count_call();
        Ok(answer)
    }

    fn count_call(&self) {
        let memory = self.store.data().memory.size();
        let left = self.store.get_fuel().unwrap_or_default();
        let used = self.host.0.code.runtime.limits.fuel.unwrap_or_default().saturating_sub(left);
        self.totals.add_call(memory, used);
        self.host.0.totals.add_call(memory, used);
    }
}

impl fmt::Debug for ReusedInstance {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ReusedInstance")
            .field("statistics", &self.statistics())
            .finish_non_exhaustive()
    }
}

/// Maps an error to the limit that the component exceeded, or else to a trap.
fn failure(host: &Host, store: &Store<Guest>, error: &wasmtime::Error) -> HostError {
    let limits = &host.0.code.runtime.limits;
    match (error.downcast_ref::<Trap>(), limits.fuel) {
        (Some(Trap::OutOfFuel), Some(fuel)) => HostError::Fuel(fuel),
        _ if store.data().memory.was_refused() => HostError::MemoryLimit(limits.memory),
        _ => HostError::trap(error),
    }
}
