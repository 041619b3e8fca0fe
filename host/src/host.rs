//! The component in its environment, ready to call.

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
use crate::Configuration;
use crate::HostError;
use crate::contract::AcquireError;
use crate::contract::Application;
use crate::contract::AuthenticationResult;
use crate::contract::ImportReport;
use crate::contract::Token;
use crate::contract::TokenFailure;
use crate::contract::TokenRequest;
use crate::environment::Environment;
use crate::environment::WallClock;
use crate::guest::Guest;
use crate::network::Network;
use crate::runtime::Runtime;
use crate::store::Store;

/// Acquires tokens by running the component, each call in a fresh instance. Clones share everything.
///
/// Calls need a tokio runtime and may run concurrently.
#[derive(Clone)]
pub struct Host(Arc<Shared>);

struct Shared {
    code: Arc<Code>,
    environment: Environment,
    totals: Totals,
}

/// The part that depends only on the component.
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
    /// The outer error comes from the host, the inner one from the component.
    pub async fn acquire_token_for_client(
        &self,
        application: &Application,
        request: &TokenRequest,
    ) -> Result<Result<AuthenticationResult, AcquireError>, HostError> {
        self.new_instance().await?.acquire_token_for_client(application, request).await
    }

    /// Removes the cached token that a call with the same arguments would get.
    pub async fn remove_token_for_client(
        &self,
        application: &Application,
        request: &TokenRequest,
    ) -> Result<Result<(), AcquireError>, HostError> {
        self.new_instance().await?.remove_token_for_client(application, request).await
    }

    /// Returns the cached tokens of these requests as JSON in the schema that MSAL's libraries share.
    /// The text contains the tokens.
    pub async fn export_token_cache(
        &self,
        application: &Application,
        requests: &[TokenRequest],
    ) -> Result<Result<String, AcquireError>, HostError> {
        self.new_instance().await?.export_token_cache(application, requests).await
    }

    /// Imports the application's own tokens from such JSON.
    pub async fn import_token_cache(
        &self,
        application: &Application,
        cache: &str,
    ) -> Result<Result<ImportReport, AcquireError>, HostError> {
        self.new_instance().await?.import_token_cache(application, cache).await
    }

    /// Returns an access token of a configured application, by its name; `None`: of the default one. The component must be
    /// a configured one.
    pub async fn get_token(
        &self,
        scope: &str,
        application: Option<&str>,
    ) -> Result<Result<Token, TokenFailure>, HostError> {
        self.new_instance().await?.get_token(scope, application).await
    }

    /// Creates an instance for several calls, one after another.
    pub async fn instance(&self) -> Result<ReusedInstance, HostError> {
        let mut instance = self.new_instance().await?;
        instance.end_turn();
        Ok(instance)
    }

    async fn new_instance(&self) -> Result<ReusedInstance, HostError> {
        ReusedInstance::new(self.clone()).await
    }

    /// Returns a host that runs the same compiled component over another store.
    #[must_use]
    pub fn with_store(&self, store: Arc<dyn Store>) -> Self {
        self.with_environment(Environment { store, ..self.0.environment.clone() })
    }

    /// Returns a host that runs the same compiled component with another network.
    #[must_use]
    pub fn with_network(&self, network: Network) -> Self {
        self.with_environment(Environment { network, ..self.0.environment.clone() })
    }

    /// Returns a host that runs the same compiled component with another configuration.
    #[must_use]
    pub fn with_configuration(&self, configuration: Configuration) -> Self {
        self.with_environment(Environment { configuration, ..self.0.environment.clone() })
    }

    /// Returns a host that runs the same compiled component with another clock, which returns the time
    /// since the Unix epoch. For tests only.
    #[must_use]
    pub fn with_wall_clock(&self, now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        let wall_clock: WallClock = Arc::new(now);
        self.with_environment(Environment {
            wall_clock: Some(wall_clock),
            ..self.0.environment.clone()
        })
    }

    fn with_environment(&self, environment: Environment) -> Self {
        let code = Arc::clone(&self.0.code);
        Self(Arc::new(Shared { code, environment, totals: Totals::default() }))
    }

    /// The resources that all calls so far have used.
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
