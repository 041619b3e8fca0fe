//! The component in its surroundings, ready to be called.

mod builder;
mod exports;
mod instance;
mod statistics;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use wasmtime::component::InstancePre;

pub use self::builder::ComponentSource;
pub use self::builder::HostBuilder;
use self::exports::Exports;
pub use self::instance::ReusedInstance;
pub use self::statistics::Statistics;
use self::statistics::Totals;
use crate::HostError;
use crate::contract::AcquireError;
use crate::contract::Application;
use crate::contract::AuthenticationResult;
use crate::contract::ImportReport;
use crate::contract::TokenRequest;
use crate::guest::Guest;
use crate::network::Network;
use crate::runtime::Runtime;
use crate::store::Store;
use crate::surroundings::Surroundings;
use crate::surroundings::WallClock;

/// Acquires tokens by running the component, each call in a fresh instance. Clones share everything.
///
/// Calls need a tokio runtime, and may be made side by side.
#[derive(Clone)]
pub struct Host(Arc<Shared>);

struct Shared {
    code: Arc<Code>,
    surroundings: Surroundings,
    totals: Totals,
}

/// What depends on the component alone.
struct Code {
    runtime: Runtime,
    component: InstancePre<Guest>,
    exports: Exports,
}

impl Host {
    /// Starts with the built-in component, an empty store in memory and an unrestricted network.
    pub fn builder() -> HostBuilder {
        HostBuilder::default()
    }

    /// Returns an access token, from the cache or from the authority.
    ///
    /// The outer error is the host's, the inner one the component's answer.
    pub async fn acquire_token_for_client(
        &self,
        application: &Application,
        request: &TokenRequest,
    ) -> Result<Result<AuthenticationResult, AcquireError>, HostError> {
        self.instance().await?.acquire_token_for_client(application, request).await
    }

    /// Forgets the cached token that the same arguments would be given.
    pub async fn remove_token_for_client(
        &self,
        application: &Application,
        request: &TokenRequest,
    ) -> Result<Result<(), AcquireError>, HostError> {
        self.instance().await?.remove_token_for_client(application, request).await
    }

    /// The cached tokens of these requests as JSON in the schema that MSAL's libraries share. Whoever
    /// has the text has the tokens.
    pub async fn export_token_cache(
        &self,
        application: &Application,
        requests: &[TokenRequest],
    ) -> Result<Result<String, AcquireError>, HostError> {
        self.instance().await?.export_token_cache(application, requests).await
    }

    /// Takes over the application's own tokens from such JSON.
    pub async fn import_token_cache(
        &self,
        application: &Application,
        cache: &str,
    ) -> Result<Result<ImportReport, AcquireError>, HostError> {
        self.instance().await?.import_token_cache(application, cache).await
    }

    /// A fresh instance to make several calls in, one after another.
    pub async fn instance(&self) -> Result<ReusedInstance, HostError> {
        ReusedInstance::new(self.clone()).await
    }

    /// The same compiled component over another store.
    #[must_use]
    pub fn with_store(&self, store: Arc<dyn Store>) -> Self {
        self.within(Surroundings { store, ..self.0.surroundings.clone() })
    }

    /// The same compiled component in another network.
    #[must_use]
    pub fn with_network(&self, network: Network) -> Self {
        self.within(Surroundings { network, ..self.0.surroundings.clone() })
    }

    /// The same compiled component under another clock: time since 1970. For tests only.
    #[must_use]
    pub fn with_wall_clock(&self, now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        let wall_clock: WallClock = Arc::new(now);
        self.within(Surroundings { wall_clock: Some(wall_clock), ..self.0.surroundings.clone() })
    }

    fn within(&self, surroundings: Surroundings) -> Self {
        let code = Arc::clone(&self.0.code);
        Self(Arc::new(Shared { code, surroundings, totals: Totals::default() }))
    }

    /// What all calls so far used.
    pub fn statistics(&self) -> Statistics {
        self.0.totals.statistics()
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Host")
            .field("limits", &self.0.code.runtime.limits)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
